#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/json.h"
#include "scheduler/socket_client.h"
#include "tests/crash/command.h"
#include "tests/crash/scenario.h"

namespace tallymill::crash {

/// Asks a service all sorts of things, sensible or not, and keeps a list of what it was answered.
class Client {
 public:
  /// `root` is the workspace.
  Client(std::filesystem::path root, const Scenario& scenario);

  /// One random command, or several at once, each over a connection of its own. `meanwhile` is
  /// called between asking and listening.
  void ask_something(Dice& dice, const std::function<void()>& meanwhile);
  /// A run of the graph.
  void ask_run(const std::string& graph);
  /// Lets go of whatever keeps the open runs of the graph: pauses, approvals, what nobody makes.
  void let_go(const std::string& graph);
  bool is_done(const std::string& graph) const;

  const std::vector<Command>& commands() const { return commands_; }
  /// All that was ever named in an acknowledgement.
  std::vector<std::string> runs() const { return {runs_.begin(), runs_.end()}; }

 private:
  /// Asked, and not listened to yet.
  struct Asked {
    std::optional<SocketClient> connection;
    std::size_t command = 0;
  };

  Asked ask(Command command, json::object request);
  void listen(Asked& asked);
  Asked ask_at_random(Dice& dice);
  Asked ask_rerun(const std::string& run, Dice& dice);
  /// Of some job that rejects rows; nothing if there is none, or it has never run.
  Asked ask_correction(Dice& dice);
  Asked ask_of_run(Command::Kind kind, const std::string& run, const std::string& job, Dice* dice);
  std::string some_job(const LabGraph& graph, Dice& dice) const;
  const LabGraph* graph_of(const std::string& run) const;
  std::string next_mark() { return "w" + std::to_string(commands_.size()) + "."; }

  std::filesystem::path root_;
  const Scenario& scenario_;
  std::vector<Command> commands_;
  std::set<std::string> runs_;
  int stuck_for_ = 0;  ///< looks at a graph in a row in which nothing could move
};

}  // namespace tallymill::crash
