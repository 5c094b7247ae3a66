#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/files.h"

namespace tallymill {

/// `tallymill status`, `why`, `logs` ... at work for somebody who may not read the state folder but
/// may use the socket: it runs as this process's user and writes straight to descriptors that were
/// handed over. Only commands that look, never those that show rows or change anything.
class ReaderProcess {
 public:
  /// Throws Error(config) for a command that is not shown to others, Error(transient) if it cannot
  /// be started.
  ReaderProcess(const std::filesystem::path& workspace, const std::vector<std::string>& arguments,
                const UniqueFd& out, const UniqueFd& err);
  /// Kills it if it still looks: nobody listens any more.
  ~ReaderProcess();
  ReaderProcess(const ReaderProcess&) = delete;
  ReaderProcess& operator=(const ReaderProcess&) = delete;

  /// Readable when it has ended.
  int ready_fd() const { return pidfd_.get(); }
  /// Its exit code; 128 + signal if it was killed. It has ended.
  int collect();

  /// The commands that are shown, for people.
  static std::string shown_commands();

 private:
  pid_t pid_ = 0;  ///< 0: collected
  UniqueFd pidfd_;
};

}  // namespace tallymill
