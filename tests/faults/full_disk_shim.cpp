// LD_PRELOAD shim: the folder $FULL_DISK_FOLDER behaves like a disk with as many bytes as the text
// file $FULL_DISK_LIMIT says. Every write below it that would make the files larger than that gets
// the part that fits, then ENOSPC; statvfs says what is left. For machines where a test may not
// mount a small file system, and for failures at an exact byte anywhere.
//
// $IO_FAULT_AT=N: the N-th call of a process that changes a file below that folder, or makes one
// durable, fails with EIO; "N+": all from then on. $IO_FAULT_HIT names a file made when one did.
// Only calls of the name $IO_FAULT_CALL count, where it is set (fsync, rename, ...), and only those
// about a path in which $IO_FAULT_PATH stands; of a rename, the new one.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr std::uint64_t kPage = 4096;

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string disk() { return environment("FULL_DISK_FOLDER"); }

bool is_below(const std::string& path, const std::string& folder) {
  return !folder.empty() && path.compare(0, folder.size(), folder) == 0 &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string path_of(int fd) {
  char path[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

bool is_on_disk(int fd) { return is_below(path_of(fd), disk()); }

std::uint64_t pages(std::uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

std::uint64_t used_below(const std::string& folder) {
  std::uint64_t bytes = 0;
  DIR* entries = ::opendir(folder.c_str());
  if (!entries) return 0;
  while (const dirent* entry = ::readdir(entries)) {
    if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
    const std::string path = folder + "/" + entry->d_name;
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) continue;
    if (S_ISDIR(status.st_mode)) bytes += used_below(path);
    if (S_ISREG(status.st_mode)) bytes += pages(static_cast<std::uint64_t>(status.st_size));
  }
  ::closedir(entries);
  return bytes;
}

std::uint64_t limit() {
  char text[32] = {};
  const int fd = ::open(environment("FULL_DISK_LIMIT").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return UINT64_MAX;
  (void)!::read(fd, text, sizeof text - 1);
  ::close(fd);
  return std::strtoull(text, nullptr, 10);
}

std::uint64_t room() {
  const std::uint64_t all = limit();
  return all - std::min(all, used_below(disk()));
}

/// How many of `size` bytes at `offset` fit; the file may grow only by what is free.
std::size_t fitting(int fd, std::size_t size, off_t offset) {
  struct stat status {};
  if (size == 0 || !is_on_disk(fd) || ::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
    return size;
  const std::uint64_t has = pages(static_cast<std::uint64_t>(status.st_size));
  const auto start = static_cast<std::uint64_t>(offset);
  if (start + size <= has) return size;
  const std::uint64_t end = has + room() / kPage * kPage;
  return end <= start ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(size, end - start));
}

/// Whether this call on a file of the folder is one that fails with EIO.
bool is_faulty(const std::string& call_name, const std::string& path) {
  static const std::string at = environment("IO_FAULT_AT");
  static const std::string only_call = environment("IO_FAULT_CALL");
  static const std::string only_path = environment("IO_FAULT_PATH");
  static std::atomic<long> calls{0};
  if (at.empty() || (!only_call.empty() && call_name != only_call)) return false;
  if (path.find(only_path) == std::string::npos) return false;
  const long call = ++calls;
  const long faulty = std::strtol(at.c_str(), nullptr, 10);
  if (call != faulty && (at.back() != '+' || call < faulty)) return false;
  const int fd = ::open(environment("IO_FAULT_HIT").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd >= 0) ::close(fd);
  errno = EIO;
  return true;
}

bool is_faulty(const char* call, int fd) { return is_on_disk(fd) && is_faulty(call, path_of(fd)); }

off_t write_offset(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  struct stat status {};
  if (flags >= 0 && (flags & O_APPEND) != 0 && ::fstat(fd, &status) == 0) return status.st_size;
  return std::max<off_t>(::lseek(fd, 0, SEEK_CUR), 0);
}

bool refuse(std::size_t wanted, std::size_t fits) {
  if (wanted == 0 || fits > 0) return false;
  errno = ENOSPC;
  return true;
}

template <class Status>
void fill_in(Status* status) {
  const std::uint64_t all = limit();
  status->f_frsize = status->f_bsize = kPage;
  status->f_blocks = all / kPage;
  status->f_bfree = status->f_bavail = room() / kPage;
}

bool path_is_on_disk(const char* path) {
  char real[PATH_MAX];
  return ::realpath(path, real) && is_below(real, disk());
}

}  // namespace

extern "C" {

/// A library bound to itself first would not meet the functions below.
void* dlopen(const char* file, int flags) noexcept {
  return next<void*(const char*, int)>("dlopen")(file, flags & ~RTLD_DEEPBIND);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  if (is_faulty("write", fd)) return -1;
  const std::size_t fits = fitting(fd, size, write_offset(fd));
  if (refuse(size, fits)) return -1;
  return next<ssize_t(int, const void*, size_t)>("write")(fd, bytes, fits);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  if (is_faulty("pwrite", fd)) return -1;
  const std::size_t fits = fitting(fd, size, offset);
  if (refuse(size, fits)) return -1;
  return next<ssize_t(int, const void*, size_t, off_t)>("pwrite")(fd, bytes, fits, offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off_t offset) {
  return pwrite(fd, bytes, size, offset);
}

int fallocate(int fd, int mode, off_t offset, off_t size) {
  if (fitting(fd, static_cast<std::size_t>(size), offset) < static_cast<std::size_t>(size)) {
    errno = ENOSPC;
    return -1;
  }
  return next<int(int, int, off_t, off_t)>("fallocate")(fd, mode, offset, size);
}

int fsync(int fd) {
  if (is_faulty("fsync", fd)) return -1;
  if (is_on_disk(fd) && used_below(disk()) > limit()) {
    errno = ENOSPC;
    return -1;
  }
  return next<int(int)>("fsync")(fd);
}

int fdatasync(int fd) {
  if (is_faulty("fdatasync", fd)) return -1;
  return next<int(int)>("fdatasync")(fd);
}

int ftruncate(int fd, off_t size) noexcept {
  if (is_faulty("ftruncate", fd)) return -1;
  return next<int(int, off_t)>("ftruncate")(fd, size);
}

int ftruncate64(int fd, off_t size) noexcept { return ftruncate(fd, size); }

int rename(const char* from, const char* to) noexcept {
  if (path_is_on_disk(from) && is_faulty("rename", to)) return -1;
  return next<int(const char*, const char*)>("rename")(from, to);
}

int statvfs(const char* path, struct statvfs* status) noexcept {
  const int result = next<int(const char*, struct statvfs*)>("statvfs")(path, status);
  if (result == 0 && path_is_on_disk(path)) fill_in(status);
  return result;
}

int statvfs64(const char* path, struct statvfs64* status) noexcept {
  const int result = next<int(const char*, struct statvfs64*)>("statvfs64")(path, status);
  if (result == 0 && path_is_on_disk(path)) fill_in(status);
  return result;
}
}
