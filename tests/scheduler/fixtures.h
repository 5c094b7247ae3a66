#pragma once

#include <filesystem>
#include <string>

#include "core/files.h"
#include "scheduler/machine.h"

namespace tallymill {

/// A folder under the system's temporary folder, removed at the end of the test.
class ScratchFolder {
 public:
  ScratchFolder()
      : path_(std::filesystem::temp_directory_path() / ("tallymill-test-" + random_hex(8))) {
    std::filesystem::create_directories(path_);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code problem;
    // Version folders are read-only.
    for (auto entry = std::filesystem::recursive_directory_iterator(path_, problem);
         entry != std::filesystem::recursive_directory_iterator(); entry.increment(problem))
      if (entry->is_directory(problem))
        std::filesystem::permissions(entry->path(), std::filesystem::perms::owner_all, problem);
    std::filesystem::remove_all(path_, problem);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// The worker of programs/test_worker.cpp.
inline std::filesystem::path test_worker() { return executable_folder() / "test_worker"; }

}  // namespace tallymill
