#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/files.h"

namespace tallymill {

/// Tells when files in some folders come, go or were written (inotify). No ticking.
class FolderWatch {
 public:
  FolderWatch();
  /// Exactly these from now on; folders that do not exist are left out.
  void set(const std::set<std::filesystem::path>& folders);
  int ready_fd() const { return fd_.get(); }
  /// Files that changed since the last call, as folder / name; the folder alone if it is gone or
  /// more changed than could be told. Never waits.
  std::vector<std::filesystem::path> take();

 private:
  UniqueFd fd_;
  std::map<int, std::filesystem::path> folders_;  ///< by watch number
};

}  // namespace tallymill
