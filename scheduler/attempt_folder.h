#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/files.h"
#include "core/task.h"
#include "scheduler/executors/executor.h"

namespace tallymill {

/// Makes the task's folder (mode 0700) with task.json in it (mode 0600: it may carry connector
/// settings), and takes the lock; the worker makes staging/ and tmp/ when it needs them. A folder
/// of the same name left by somebody else is emptied first; it must not be alive. Nothing is
/// fsynced: an attempt that a power cut interrupts is lost anyway. `near_it` holds a folder above.
FileLock make_attempt(const Task& task, HeldFolder& near_it);

/// Removes a part of an attempt's folder with all that is in it, if it is there. What cannot be
/// removed now is only disk space.
void remove_part(const std::filesystem::path& part);

/// The last lines of the worker's stderr, at most `bytes`; empty if it said nothing.
std::string stderr_tail(const std::filesystem::path& folder, std::size_t bytes = 2000);

/// What an attempt came to: the worker's result, or why there is none that counts.
struct AttemptEnding {
  std::optional<TaskResult> result;
  ErrorClass error_class = ErrorClass::bug;  ///< without a result
  std::string error;
};

/// Reads result.json of `task`'s folder after its worker ended. `exit` is empty if nobody saw the
/// end (a restart): then a missing result is `lost`, class transient. `memory_kill`: the kernel
/// killed a process for lack of memory meanwhile. A result of another attempt or epoch, of an
/// unknown format or one that does not parse is no result; the error says so. `near_it` holds a
/// folder above.
AttemptEnding read_ending(const std::filesystem::path& folder, const std::string& attempt,
                          const Epoch& epoch, const std::optional<AttemptExit>& exit,
                          bool memory_kill, HeldFolder& near_it);

}  // namespace tallymill
