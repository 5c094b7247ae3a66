#include "scheduler/folder_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace tallymill {
namespace {

constexpr std::uint32_t kMask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR;

}  // namespace

FolderWatch::FolderWatch() : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!fd_.is_open())
    throw Error(ErrorClass::transient, std::string("cannot watch folders: ") +
                                           std::strerror(errno) +
                                           "; raise fs.inotify.max_user_instances");
}

void FolderWatch::set(const std::set<std::filesystem::path>& folders) {
  for (auto at = folders_.begin(); at != folders_.end();) {
    if (folders.contains(at->second)) {
      ++at;
      continue;
    }
    ::inotify_rm_watch(fd_.get(), at->first);
    at = folders_.erase(at);
  }
  for (const auto& folder : folders) {
    // Watching a folder again gives the number it has.
    const int watch = ::inotify_add_watch(fd_.get(), folder.c_str(), kMask);
    if (watch >= 0) folders_[watch] = folder;
    if (watch < 0 && errno == ENOSPC)
      throw Error(ErrorClass::transient, "cannot watch the folder '" + folder.string() +
                                             "': no watches are left; raise "
                                             "fs.inotify.max_user_watches");
  }
}

std::vector<std::filesystem::path> FolderWatch::take() {
  std::vector<std::filesystem::path> changed;
  alignas(inotify_event) std::array<char, 16384> block{};
  for (;;) {
    const ssize_t got = ::read(fd_.get(), block.data(), block.size());
    if (got <= 0) return changed;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, block.data() + at, sizeof event);
      const char* name = block.data() + at + sizeof event;
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0)
        for (const auto& [watch, folder] : folders_) changed.push_back(folder);
      const auto folder = folders_.find(event.wd);
      if (folder == folders_.end()) continue;
      changed.push_back(event.len == 0 ? folder->second : folder->second / name);
      if ((event.mask & IN_IGNORED) != 0) folders_.erase(folder);
    }
  }
}

}  // namespace tallymill
