#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "scheduler/state_folder.h"

namespace tallymill {

/// Bytes of all files below `path`, or of the file itself; 0 if it is gone.
std::uint64_t bytes_below(const std::filesystem::path& path);

/// What is taken out of a state folder lies in <state>/trash/<instant>-<what>/ for an hour, in case
/// it was a mistake; moving it back by hand undoes it.
class Trash {
 public:
  /// `what`: a word for the folder's name, e.g. "gc".
  Trash(const StateFolder& state, const std::string& what);

  /// Moves a file or folder of the state folder away; it keeps its path below the trash folder.
  /// Does nothing if it is gone. Throws Error(transient).
  void take(const std::filesystem::path& path);
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path root_;
  std::filesystem::path folder_;
};

/// Trash folders that have lain for an hour.
std::vector<std::filesystem::path> expired_trash(const StateFolder& state);
/// Deletes a folder for good, read-only parts of it too. What cannot be deleted stays.
void delete_tree(const std::filesystem::path& folder);

}  // namespace tallymill
