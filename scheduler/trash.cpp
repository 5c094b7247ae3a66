#include "scheduler/trash.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "core/disk_space.h"
#include "core/files.h"
#include "scheduler/machine.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr auto kTrashLife = std::chrono::hours(1);
constexpr std::size_t kInstantLength = 15;  // 20260131T060000Z without the Z

/// An instant as it begins a trash folder's name; sorts as text.
std::string compact(const std::string& instant) {
  std::string text;
  for (const char c : instant.substr(0, 19))
    if (c != '-' && c != ':') text += c;
  return text;
}

void make_writable(const fs::path& folder) {
  std::error_code none;
  fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add, none);
}

}  // namespace

std::uint64_t bytes_below(const fs::path& path) {
  std::error_code none;
  if (fs::is_regular_file(path, none)) return fs::file_size(path, none);
  std::uint64_t bytes = 0;
  for (fs::recursive_directory_iterator it(path, none), end; it != end; it.increment(none))
    if (it->is_regular_file(none)) bytes += it->file_size(none);
  return bytes;
}

Trash::Trash(const StateFolder& state, const std::string& what)
    : root_(state.root()),
      folder_(state.trash() / (compact(utc_now()) + "Z-" + what + "-" + random_hex(2))) {}

void Trash::take(const fs::path& path) {
  std::error_code none;
  if (!fs::exists(fs::symlink_status(path, none))) return;
  const fs::path target = folder_ / path.lexically_relative(root_);
  fs::create_directories(target.parent_path(), none);
  // A folder that may not be written cannot move to another parent.
  if (fs::is_directory(path, none)) make_writable(path);
  if (::rename(path.c_str(), target.c_str()) != 0)
    throw file_problem("move to the trash", path, errno);
}

std::vector<fs::path> expired_trash(const StateFolder& state) {
  const std::string limit = compact(utc_after(-kTrashLife));
  std::vector<fs::path> folders;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(state.trash(), none))
    if (entry.path().filename().string().substr(0, kInstantLength) <= limit)
      folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

void delete_tree(const fs::path& folder) {
  std::error_code none;
  make_writable(folder);
  for (fs::recursive_directory_iterator it(folder, none), end; it != end; it.increment(none))
    if (it->is_directory(none) && !it->is_symlink(none)) make_writable(it->path());
  fs::remove_all(folder, none);
}

}  // namespace tallymill
