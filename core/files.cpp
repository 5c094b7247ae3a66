#include "core/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/sync_all.h"

namespace tallymill {

namespace fs = std::filesystem;

namespace {

/// `doing` is a phrase like "reading"; `problem` an errno.
[[noreturn]] void fail(std::string_view doing, const fs::path& path, int problem) {
  const std::string what = std::string(doing) + " '" + path.string() + "' failed: ";
  if (is_no_space(problem))
    throw Error(ErrorClass::transient,
                what + full_disk_text(path, problem) + "; make room, then run again");
  throw Error(ErrorClass::transient, what + std::generic_category().message(problem));
}

/// A call that a signal may interrupt, again until it is done.
template <class Call>
auto retried(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

UniqueFd open_file(const fs::path& path, int flags, unsigned mode = 0) {
  return UniqueFd(retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
}

void sync_fd(const UniqueFd& fd, const fs::path& path) {
  if (retried([&] { return ::fsync(fd.get()); }) != 0) fail("syncing", path, errno);
}

/// A new file beside `file` that no other thread or process uses.
std::pair<UniqueFd, fs::path> create_beside(const fs::path& file, unsigned mode) {
  static std::atomic<unsigned> counter{0};
  while (true) {
    fs::path path =
        file.parent_path() / ("." + file.filename().string() + "." + std::to_string(::getpid()) +
                              "." + std::to_string(counter++) + ".tmp");
    UniqueFd fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (fd.is_open()) return {std::move(fd), std::move(path)};
    if (errno != EEXIST) fail("writing", file, errno);
  }
}

bool try_flock(const UniqueFd& fd, int operation, const fs::path& file) {
  if (retried([&] { return ::flock(fd.get(), operation | LOCK_NB); }) == 0) return true;
  if (errno != EWOULDBLOCK) fail("locking", file, errno);
  return false;
}

}  // namespace

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

UniqueFd::~UniqueFd() { reset(); }

void UniqueFd::reset() {
  // Never again after EINTR: Linux has freed the number, and another thread may own it by now.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

UniqueFd open_for_reading(const fs::path& file) {
  UniqueFd fd = open_file(file, O_RDONLY);
  if (!fd.is_open()) fail("reading", file, errno);
  return fd;
}

UniqueFd open_for_appending(const fs::path& file) {
  UniqueFd fd = open_file(file, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (!fd.is_open()) fail("writing", file, errno);
  return fd;
}

std::size_t read_some(const UniqueFd& fd, std::span<char> block, const fs::path& file) {
  const ssize_t size = retried([&] { return ::read(fd.get(), block.data(), block.size()); });
  if (size < 0) fail("reading", file, errno);
  return static_cast<std::size_t>(size);
}

void write_all(const UniqueFd& fd, std::string_view bytes, const fs::path& file) {
  while (!bytes.empty()) {
    const ssize_t size = retried([&] { return ::write(fd.get(), bytes.data(), bytes.size()); });
    if (size < 0) fail("writing", file, errno);
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

namespace {

std::string read_all(const UniqueFd& fd, const fs::path& file) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) fail("reading", file, errno);
  std::string bytes;
  // One byte more than the size, so that the usual file ends with one empty read.
  std::size_t size = 0;
  bytes.resize(static_cast<std::size_t>(status.st_size) + 1);
  while (const std::size_t got =
             read_some(fd, std::span(bytes.data() + size, bytes.size() - size), file)) {
    size += got;
    if (size == bytes.size()) bytes.resize(2 * size);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

std::string read_file(const fs::path& file) { return read_all(open_for_reading(file), file); }

std::optional<std::string> read_file_if_there(const fs::path& file) {
  const UniqueFd fd = open_file(file, O_RDONLY);
  if (fd.is_open()) return read_all(fd, file);
  if (errno != ENOENT) fail("reading", file, errno);
  return std::nullopt;
}

std::optional<std::string> read_file_if_there(const fs::path& file, HeldFolder& near_it) {
  const HeldFolder::Place place = near_it.place_of(file.native());
  if (place.folder == AT_FDCWD) return read_file_if_there(file);
  const UniqueFd fd(
      retried([&] { return ::openat(place.folder, place.path, O_RDONLY | O_CLOEXEC); }));
  if (fd.is_open()) return read_all(fd, file);
  near_it.let_go();
  return read_file_if_there(file);
}

void write_file_durably(const fs::path& file, std::string_view bytes, unsigned mode) {
  auto [fd, temporary] = create_beside(file, mode);
  try {
    write_all(fd, bytes, file);
    sync_fd(fd, file);
    fd.reset();
    if (::rename(temporary.c_str(), file.c_str()) != 0) fail("writing", file, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(file.has_parent_path() ? file.parent_path() : fs::path("."));
}

void sync_tree(const fs::path& folder) { sync_all(tree_of(folder)); }

void sync_folder(const fs::path& folder) {
  const UniqueFd fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!fd.is_open()) fail("opening", folder, errno);
  sync_fd(fd, folder);
}

fs::path executable_folder() {
  std::error_code problem;
  const fs::path executable = fs::read_symlink("/proc/self/exe", problem);
  if (problem) fail("reading", "/proc/self/exe", problem.value());
  return executable.parent_path();
}

HeldFolder::Place HeldFolder::place_of(const std::string& file) {
  const bool is_below = file.size() > path_.size() && file[path_.size()] == '/' &&
                        file.compare(0, path_.size(), path_) == 0;
  if (is_below && !fd_.is_open()) fd_ = open_file(path_, O_PATH | O_DIRECTORY);
  if (!is_below || !fd_.is_open()) return {AT_FDCWD, file.c_str()};
  return {fd_.get(), file.c_str() + path_.size() + 1};
}

std::optional<FileLock> FileLock::try_acquire(const fs::path& file) {
  UniqueFd fd = open_file(file, O_RDWR | O_CREAT, 0644);
  if (!fd.is_open()) fail("locking", file, errno);
  return try_lock(std::move(fd), file);
}

std::optional<FileLock> FileLock::try_lock(UniqueFd fd, const fs::path& file) {
  // is_held() takes the lock for an instant; that must not look like a holder.
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (try_flock(fd, LOCK_EX, file)) return FileLock(std::move(fd));
  }
  return std::nullopt;
}

bool FileLock::is_held(const fs::path& file) {
  const UniqueFd fd = open_file(file, O_RDONLY);
  if (!fd.is_open()) {
    if (errno == ENOENT) return false;
    fail("locking", file, errno);
  }
  // Shared, so that two who ask at the same time do not see each other.
  return !try_flock(fd, LOCK_SH, file);
}

}  // namespace tallymill
