#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/files.h"

namespace tallymill {

/// What makes a disk small: the kernel where it lets us mount, the shim everywhere.
enum class SmallDiskKind { tmpfs, shim };

/// A folder with room for a given number of bytes. Programs that write there are started with
/// environment(); a tmpfs is seen by this process and its children alone, and goes with them.
class SmallDisk {
 public:
  SmallDisk(SmallDiskKind kind, std::filesystem::path folder, std::uint64_t bytes)
      : kind_(kind), folder_(std::move(folder)), limit_(folder_.string() + ".limit") {
    std::filesystem::create_directories(folder_);
    if (kind_ == SmallDiskKind::tmpfs &&
        ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, size_option(bytes).c_str()) != 0)
      throw std::runtime_error("cannot mount " + folder_.string());
    if (kind_ == SmallDiskKind::shim) resize(bytes);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (kind_ == SmallDiskKind::tmpfs) ::umount2(folder_.c_str(), MNT_DETACH);
  }

  /// Takes what is free. resize() gives it back.
  void fill() {
    if (kind_ == SmallDiskKind::shim) return resize(used());
    std::ofstream out(filler(), std::ios::binary);
    const std::string page(4096, 'x');
    while (out.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }

  /// Makes room for this many bytes in all.
  void resize(std::uint64_t bytes) {
    std::filesystem::remove(filler());
    if (kind_ == SmallDiskKind::shim)
      write_file_durably(limit_, std::to_string(bytes));
    else if (::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, size_option(bytes).c_str()) !=
             0)
      throw std::runtime_error("cannot resize " + folder_.string());
  }

  const std::filesystem::path& folder() const { return folder_; }
  /// Variables NAME=VALUE for programs that write to the disk.
  std::vector<std::string> environment() const {
    if (kind_ == SmallDiskKind::tmpfs) return {};
    return {"LD_PRELOAD=" + (executable_folder() / "libfull_disk_shim.so").string(),
            "FULL_DISK_FOLDER=" + std::filesystem::canonical(folder_).string(),
            "FULL_DISK_LIMIT=" + limit_.string(),
            // Sanitizers want to be the first library; here they cannot be.
            "ASAN_OPTIONS=verify_asan_link_order=0"};
  }

 private:
  /// As the shim counts.
  std::uint64_t used() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_))
      if (entry.is_regular_file()) bytes += (entry.file_size() + 4095) / 4096 * 4096;
    return bytes;
  }
  std::filesystem::path filler() const { return folder_ / "filler"; }
  static std::string size_option(std::uint64_t bytes) { return "size=" + std::to_string(bytes); }

  SmallDiskKind kind_;
  std::filesystem::path folder_;
  std::filesystem::path limit_;
};

namespace small_disk {

inline bool write_text(const char* file, const std::string& text) {
  std::ofstream out(file);
  return static_cast<bool>(out << text << std::flush);
}

/// A mount namespace of our own: as root, else in a user namespace where the kernel allows it.
inline bool enter_namespace() {
  if (::unshare(CLONE_NEWNS) == 0)
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  const std::string user = std::to_string(::getuid());
  const std::string group = std::to_string(::getgid());
  return ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
         write_text("/proc/self/setgroups", "deny") &&
         write_text("/proc/self/uid_map", user + " " + user + " 1") &&
         write_text("/proc/self/gid_map", group + " " + group + " 1");
}

inline bool can_mount() {
  static const bool can = [] {
    if (!enter_namespace()) return false;
    const auto folder =
        std::filesystem::temp_directory_path() / ("tallymill-mount-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const bool mounted = ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=65536") == 0;
    if (mounted) ::umount2(folder.c_str(), MNT_DETACH);
    std::filesystem::remove(folder);
    return mounted;
  }();
  return can;
}

}  // namespace small_disk

/// Every kind of small disk that works here; never none.
inline std::vector<SmallDiskKind> small_disk_kinds() {
  if (small_disk::can_mount()) return {SmallDiskKind::tmpfs, SmallDiskKind::shim};
  return {SmallDiskKind::shim};
}

}  // namespace tallymill
