#include "scheduler/copy_tree.h"

#include <vector>

#include "core/files.h"
#include "scheduler/trash.h"

namespace tallymill {

namespace fs = std::filesystem;

std::uint64_t copy_folder(const fs::path& from, const fs::path& to, const fs::path& partial) {
  delete_tree(partial);
  fs::create_directories(partial);
  std::vector<std::pair<fs::path, fs::perms>> folders;
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    const fs::path target = partial / entry.path().lexically_relative(from);
    if (entry.is_directory()) {
      fs::create_directory(target);
      folders.emplace_back(target, entry.status().permissions());
    } else {
      fs::copy_file(entry.path(), target);
    }
  }
  sync_tree(partial);
  const std::uint64_t bytes = bytes_below(partial);
  for (const auto& [folder, permissions] : folders) fs::permissions(folder, permissions);
  fs::create_directories(to.parent_path());
  fs::rename(partial, to);
  // After the rename: a folder one may not write cannot move to another parent.
  fs::permissions(to, fs::status(from).permissions());
  sync_folder(to.parent_path());
  return bytes;
}

std::uint64_t copy_missing(const fs::path& from, const fs::path& to) {
  std::uint64_t bytes = 0;
  std::error_code none;
  for (fs::recursive_directory_iterator it(from, none), end; it != end; it.increment(none)) {
    if (!it->is_regular_file()) continue;
    const fs::path target = to / it->path().lexically_relative(from);
    if (fs::exists(target)) continue;
    fs::create_directories(target.parent_path());
    write_file_durably(target, read_file(it->path()), 0600);
    bytes += it->file_size();
  }
  return bytes;
}

}  // namespace tallymill
