#include "core/disk_space.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <system_error>

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// SQLite writes pages of 4 KiB and a shared index of 32 KiB, a result takes a few KiB.
constexpr std::uint64_t kNearlyFull = 128 * 1024;

/// `path`, or the nearest folder above it that exists.
fs::path existing(fs::path path) {
  std::error_code problem;
  if (path.is_relative()) path = fs::current_path(problem) / path;
  while (!fs::exists(path, problem) && path.has_relative_path()) path = path.parent_path();
  return path;
}

/// The topmost folder on the same file system.
fs::path mount_point(fs::path path) {
  struct stat here {};
  if (::stat(path.c_str(), &here) != 0) return path;
  while (path.has_relative_path()) {
    struct stat above {};
    const fs::path parent = path.parent_path();
    if (::stat(parent.c_str(), &above) != 0 || above.st_dev != here.st_dev) break;
    path = parent;
  }
  return path;
}

std::string disk_name(const fs::path& path) {
  return "the disk mounted at '" + mount_point(existing(path)).string() + "'";
}

/// " (0 B of 5.0 MiB free)"; empty if the system does not say.
std::string room_text(const fs::path& path) {
  struct statvfs room {};
  if (::statvfs(existing(path).c_str(), &room) != 0) return {};
  std::string text = " (" + size_text(room.f_bavail * room.f_frsize) + " of " +
                     size_text(room.f_blocks * room.f_frsize) + " free";
  // A disk of many small files can run out of names before it runs out of blocks.
  if (room.f_files > 0 && room.f_favail == 0) text += ", no file can be added";
  return text + ")";
}

}  // namespace

bool is_no_space(int error_number) { return error_number == ENOSPC || error_number == EDQUOT; }

std::string size_text(std::uint64_t bytes) {
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 1024 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s", unit < 2 ? 0 : 1, size, kUnits[unit]);
  return text.data();
}

std::string disk_text(const fs::path& path) { return disk_name(path) + room_text(path); }

std::string full_disk_text(const fs::path& path, int error_number) {
  if (error_number == EDQUOT)
    return "the quota on " + disk_name(path) + " is used up" + room_text(path);
  return disk_name(path) + " is full" + room_text(path);
}

bool is_disk_nearly_full(const fs::path& path) {
  struct statvfs room {};
  return ::statvfs(existing(path).c_str(), &room) == 0 &&
         room.f_bavail * room.f_frsize < kNearlyFull;
}

Error file_problem(std::string_view doing, const fs::path& path, int error_number) {
  const std::string what = "cannot " + std::string(doing) + " '" + path.string() + "': ";
  if (!is_no_space(error_number))
    return Error(ErrorClass::transient, what + std::generic_category().message(error_number));
  return Error(ErrorClass::transient,
               what + full_disk_text(path, error_number) + "; make room, then run again");
}

Error file_problem(const fs::filesystem_error& error) {
  if (error.code().category() == std::system_category() ||
      error.code().category() == std::generic_category())
    if (is_no_space(error.code().value())) {
      const fs::path& path = error.path2().empty() ? error.path1() : error.path2();
      return file_problem("write", path, error.code().value());
    }
  return Error(ErrorClass::transient, error.what());
}

}  // namespace tallymill
