#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "scheduler/output_file.h"

namespace tallymill {

/// One attempt to start. Its folder holds task.json already.
struct Launch {
  std::filesystem::path folder;  ///< absolute
  int lock = -1;                 ///< descriptor of task.json, locked; the worker has it as fd 3
  bool needs_engine = false;     ///< the worker will open DuckDB
  bool own_group = true;         ///< false: the terminal's Ctrl-C reaches the worker directly
  /// What is kept of its stdout, and of its stderr.
  std::uint64_t output_bytes = kDefaultOutputBytes;
};

/// How a worker process ended, before anybody looked for its result.json.
struct AttemptExit {
  std::string handle;
  int code = 0;    ///< exit code; meaningful if signal is 0
  int signal = 0;  ///< what killed it, 0: it exited by itself
  std::chrono::microseconds cpu{0};
  std::int64_t max_resident_bytes = 0;
};

enum class StopSignal { terminate, kill };

/// Where attempts run. It answers for liveness; the scheduler never looks at process ids. Handles
/// are opaque texts (a process id here, a job id on a cluster), and the folder protocol is the same
/// everywhere, so an executor on a shared file system fits behind this interface.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Starts the worker and returns its handle. Throws Error(config) if the worker program cannot
  /// be executed, Error(transient) if the machine has no room for another process.
  virtual std::string spawn(const Launch& launch) = 0;
  /// Readable (poll) as soon as collect() has something to say.
  virtual int ready_fd() const = 0;
  /// Attempts that ended since the last call; each is reported once, after everything it started
  /// has ended too. Never waits.
  virtual std::vector<AttemptExit> collect() = 0;
  /// Signals the whole process group of a running attempt; nothing happens if it has ended.
  virtual void stop(const std::string& handle, StopSignal signal) = 0;

  /// Is the attempt in `folder` alive, whoever started it?
  virtual bool is_alive(const std::filesystem::path& folder) const = 0;
  /// Ends what an earlier scheduler started in `folder`: TERM, `patience`, KILL. Returns when
  /// nothing holds the attempt's lock; throws Error(transient) if it cannot be ended.
  virtual void end(const std::filesystem::path& folder, std::chrono::milliseconds patience) = 0;
};

}  // namespace tallymill
