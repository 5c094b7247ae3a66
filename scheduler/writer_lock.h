#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "core/files.h"
#include "scheduler/state_folder.h"

namespace tallymill {

/// The right to write the state folder: flock(<state>/lock). It dies with the process, so a kill
/// never leaves it behind.
class WriterLock {
 public:
  /// Throws Error(transient) naming the holder if another process has it. `doing` is what this
  /// process will be known as, e.g. "tallymill run costs --period 2026-01".
  static WriterLock acquire(const StateFolder& state, const std::string& doing);
  /// Empty if another process has it.
  static std::optional<WriterLock> try_acquire(const StateFolder& state, const std::string& doing);
  /// Waits for the holder to finish; `waiting` is told once who that is.
  static WriterLock wait(const StateFolder& state, const std::string& doing,
                         const std::function<void(const std::string& holder)>& waiting);

 private:
  explicit WriterLock(FileLock lock) : lock_(std::move(lock)) {}
  FileLock lock_;
};

/// What the holder wrote into the lock file: "process 4711 of ana (tallymill run costs ...), since
/// 2026-02-03T06:00:00Z". For messages only: the lock itself is the kernel's.
std::string lock_holder(const StateFolder& state);

}  // namespace tallymill
