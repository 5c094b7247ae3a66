#include "core/sync_all.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <system_error>
#include <thread>

#include "core/disk_space.h"
#include "core/files.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAtOnce = 4;  ///< what one version has: its file, manifest and folders

/// The number of what went wrong; 0: it is on the disk.
int sync_one(const fs::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return errno;
  int result = ::fsync(fd.get());
  while (result != 0 && errno == EINTR) result = ::fsync(fd.get());
  return result == 0 ? 0 : errno;
}

/// Threads that take one path after another.
class Syncing {
 public:
  explicit Syncing(std::span<const fs::path> paths) : paths_(paths), problems_(paths.size(), 0) {}

  void work() {
    for (std::size_t i = next_++; i < paths_.size(); i = next_++)
      problems_[i] = sync_one(paths_[i]);
  }
  void require_done() const {
    for (std::size_t i = 0; i < paths_.size(); ++i)
      if (problems_[i] != 0) throw file_problem("sync", paths_[i], problems_[i]);
  }

 private:
  std::span<const fs::path> paths_;
  std::vector<int> problems_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace

void sync_all(std::span<const fs::path> paths) {
  Syncing syncing(paths);
  {
    std::vector<std::jthread> helpers;
    helpers.reserve(kAtOnce);
    try {
      while (helpers.size() + 1 < std::min(paths.size(), kAtOnce))
        helpers.emplace_back([&syncing] { syncing.work(); });
    } catch (const std::system_error&) {
      // No room for more threads: those that are there do it.
    }
    syncing.work();
  }
  syncing.require_done();
}

std::vector<fs::path> tree_of(const fs::path& folder) {
  std::vector<fs::path> paths{folder};
  std::error_code problem;
  fs::recursive_directory_iterator entry(folder, problem);
  while (!problem && entry != fs::recursive_directory_iterator()) {
    const fs::file_status status = entry->symlink_status();
    if (fs::is_regular_file(status) || fs::is_directory(status)) paths.push_back(entry->path());
    entry.increment(problem);
  }
  if (problem) throw file_problem("sync", folder, problem.value());
  return paths;
}

}  // namespace tallymill
