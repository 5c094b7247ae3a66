#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tallymill {

/// Owns a file descriptor. Every descriptor this project opens is O_CLOEXEC.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd();
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

/// All functions throw Error(transient) naming the path and errno's text; a full disk (ENOSPC,
/// EDQUOT) says so and that the job can be rerun when there is room.
std::string read_file(const std::filesystem::path& file);
/// Empty if there is no such file.
std::optional<std::string> read_file_if_there(const std::filesystem::path& file);
class HeldFolder;
std::optional<std::string> read_file_if_there(const std::filesystem::path& file,
                                              HeldFolder& near_it);
UniqueFd open_for_reading(const std::filesystem::path& file);
/// Creates `file` if missing; every write goes to its end.
UniqueFd open_for_appending(const std::filesystem::path& file);
/// Reads up to block.size() bytes; 0 only at the end. `file` is for messages.
std::size_t read_some(const UniqueFd& fd, std::span<char> block, const std::filesystem::path& file);
/// Writes all of `bytes`.
void write_all(const UniqueFd& fd, std::string_view bytes, const std::filesystem::path& file);
/// Writes through a temporary file in the same folder: write, fsync, rename, fsync the folder.
/// Readers see the old content or the new one, never a part.
void write_file_durably(const std::filesystem::path& file, std::string_view bytes,
                        unsigned mode = 0644);
/// fsyncs every file below `folder`, the folders, and `folder` itself.
void sync_tree(const std::filesystem::path& folder);
void sync_folder(const std::filesystem::path& folder);
/// The folder of the running executable.
std::filesystem::path executable_folder();

/// A folder that is held open, so that what lies below it is found from there and not by walking
/// the whole path each time. One thread uses it at a time.
class HeldFolder {
 public:
  /// Nothing need be there yet.
  explicit HeldFolder(const std::filesystem::path& folder) : path_(folder.native()) {}

  /// What openat(2) and its like are told to reach a file.
  struct Place {
    int folder;
    const char* path;
  };
  /// `file` from here if it lies below, else by its own path, which must live as long.
  Place place_of(const std::string& file);
  /// Somebody may have moved the folder away or put another one in its place: look again.
  void let_go() { fd_.reset(); }

 private:
  std::string path_;
  UniqueFd fd_;
};

/// An exclusive flock(2) on `file` (created if missing). It dies with the last process that
/// inherited the descriptor, so it tells the living from the dead without trusting a pid.
class FileLock {
 public:
  /// Empty if another process holds it.
  static std::optional<FileLock> try_acquire(const std::filesystem::path& file);
  /// The same on a file that is open already; `file` is for messages.
  static std::optional<FileLock> try_lock(UniqueFd fd, const std::filesystem::path& file);
  /// True if some process holds the lock. Takes it for an instant to find out.
  static bool is_held(const std::filesystem::path& file);
  int fd() const { return fd_.get(); }
  const UniqueFd& file() const { return fd_; }

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace tallymill
