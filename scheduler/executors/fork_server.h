#pragma once

#include <filesystem>
#include <optional>

#include "core/fork_channel.h"
#include "scheduler/executors/executor.h"

namespace tallymill {

/// A worker process that has started, and opened DuckDB where jobs need it, and forks others
/// (worker/fork_server.h), which saves each of them doing so. docs/adr/0029. It is nobody's
/// attempt: it holds no lock, and whatever becomes of it, attempts can be spawned without it.
class ForkServer {
 public:
  /// Starts it and does not wait. Throws Error as Executor::spawn().
  ForkServer(const std::filesystem::path& program, bool needs_engine);
  ForkServer(const ForkServer&) = delete;
  ForkServer& operator=(const ForkServer&) = delete;
  /// Ends it; what it forked stays.
  ~ForkServer();

  /// Whether it can fork by now.
  bool is_ready();
  /// A child of this process that does the attempt. Nothing if there is none: the server is of no
  /// more use then.
  std::optional<int> fork(const Launch& launch);
  int pid() const { return pid_; }
  /// Readable (poll) once it has ended by itself.
  int pidfd() const { return pidfd_.get(); }

 private:
  std::optional<int> pid_of_answer(std::chrono::milliseconds patience) const;
  void end();

  std::optional<ForkChannel> channel_;
  UniqueFd pidfd_;
  int pid_ = 0;  ///< 0: ended and reaped
  bool is_ready_ = false;
};

}  // namespace tallymill
