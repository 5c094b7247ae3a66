#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/json.h"
#include "scheduler/reader_process.h"
#include "scheduler/run_loop.h"

namespace tallymill {

class Scheduler;

/// Takes requests of other processes while this one holds the lock: one JSON object per line in,
/// answers and progress as lines out. A request is answered after the commit that holds its
/// events; who asked is whom the kernel names. A connection that is gone changes nothing: what was
/// accepted goes on. docs/service.md has the lines.
class SocketServer final : public LoopInput {
 public:
  SocketServer(Scheduler& scheduler, std::filesystem::path path, const std::string& group);
  ~SocketServer() override;
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  int ready_fd() const override { return epoll_.get(); }
  void take_in() override;
  void committed() override;

 private:
  class Connection;

  void accept_all();
  void serve(const std::shared_ptr<Connection>& connection);
  void handle(const std::shared_ptr<Connection>& connection, const std::string& line);
  void answer(const std::shared_ptr<Connection>& connection, const json::object& request);
  void submit_backfill(const std::shared_ptr<Connection>& connection, const json::object& request);
  void read_for(const std::shared_ptr<Connection>& connection, const json::object& request);
  void end_reader(int pidfd);
  void watch(Connection& connection);
  void drop_closed();

  Scheduler& scheduler_;
  std::filesystem::path path_;
  UniqueFd listener_;
  UniqueFd epoll_;
  /// `tallymill status` and the like at work for a client.
  struct Reader {
    std::unique_ptr<ReaderProcess> process;
    std::shared_ptr<Connection> connection;
  };
  std::map<int, std::shared_ptr<Connection>> connections_;  ///< by descriptor
  std::map<int, Reader> readers_;                           ///< by the descriptor of the process
};

}  // namespace tallymill
