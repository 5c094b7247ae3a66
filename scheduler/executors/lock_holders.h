#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "core/files.h"

namespace tallymill {

/// A process that has a file open, pinned by a pidfd so that a recycled id is never signalled.
struct LockHolder {
  int pid = 0;
  UniqueFd pidfd;
};

/// Processes (other than this one) whose /proc/PID/fd names the inode of `file`. Each is looked at
/// again after its pidfd was opened. Processes of other users are invisible to a normal user.
std::vector<LockHolder> find_lock_holders(const std::filesystem::path& file);

/// TERM, `patience`, KILL to every holder of `lock` until the lock is free.
/// Throws Error(transient) naming the processes if it is still held long after KILL.
void end_lock_holders(const std::filesystem::path& lock, std::chrono::milliseconds patience);

}  // namespace tallymill
