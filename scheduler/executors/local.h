#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/files.h"
#include "scheduler/executors/executor.h"
#include "scheduler/executors/fork_server.h"

namespace tallymill {

/// One process per attempt on this machine. Liveness is the flock on <folder>/lock, which the
/// worker and everything it starts inherit as fd 3: held = alive, whatever process ids say.
class LocalExecutor final : public Executor {
 public:
  /// `program` is run as `program <attempt folder>`. Throws Error(config) if it is no executable
  /// file.
  explicit LocalExecutor(std::filesystem::path program = default_program());
  /// tallymill-worker beside the running executable.
  static std::filesystem::path default_program();

  std::string spawn(const Launch& launch) override;
  int ready_fd() const override { return epoll_.get(); }
  std::vector<AttemptExit> collect() override;
  void stop(const std::string& handle, StopSignal signal) override;
  bool is_alive(const std::filesystem::path& folder) const override;
  void end(const std::filesystem::path& folder, std::chrono::milliseconds patience) override;

 private:
  struct Child {
    UniqueFd pidfd;
    std::filesystem::path folder;
    bool own_group = true;
    std::uint64_t output_bytes = 0;
  };

  /// Attempts of one kind: the first is spawned directly, the next ones are forked.
  struct ForkLine {
    bool has_begun = false;
    bool cannot_fork = false;  ///< a fork server ended before it was ready
    std::optional<ForkServer> server;
  };

  void look_at_output_later();
  void look_at_output();

  int spawn_directly(const Launch& launch) const;
  /// Through the fork server, if there is one that is ready; starts it for the next time if not.
  std::optional<int> fork(const Launch& launch);
  bool watch(int pidfd, int pid) const;
  void note_ended_server(int pid);

  std::filesystem::path program_;
  UniqueFd epoll_;
  UniqueFd output_timer_;  ///< while there are children
  bool timer_runs_ = false;
  std::array<ForkLine, 2> lines_;  ///< of attempts that need no engine, and of those that do
  std::map<int, Child> children_;  ///< by process id; ours and not reaped, so ids are not reused
};

}  // namespace tallymill
