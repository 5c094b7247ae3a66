#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/files.h"

namespace tallymill {

/// Bytes in order. Not thread-safe.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Fills up to `capacity` bytes at `to` and returns how many; 0 only at the end.
  virtual std::size_t read(char* to, std::size_t capacity) = 0;
};

/// What stat(2) says of a file: equal means nobody wrote to it, as far as the file system can tell.
struct FileStat {
  std::int64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  std::uint64_t inode = 0;
  static FileStat of(const std::filesystem::path& file);
  friend bool operator==(const FileStat&, const FileStat&) = default;
};

/// A file as it lies on disk, hashed while it is read. Read, not mapped: a file that is cut short
/// meanwhile must be an error, not a SIGBUS.
class FileBytes final : public ByteStream {
 public:
  explicit FileBytes(const std::filesystem::path& file);
  std::size_t read(char* to, std::size_t capacity) override;

  const FileStat& stat() const { return stat_; }  ///< when it was opened
  Hash128 hash() const { return hash_.value(); }  ///< of the bytes read so far

 private:
  std::filesystem::path path_;
  UniqueFd fd_;
  FileStat stat_;
  StreamHash hash_;
};

/// Unpacks gzip data; several members in a row are one file.
class GunzipStream final : public ByteStream {
 public:
  /// `name` is the file's, for messages. `first` are bytes already taken from `source`.
  GunzipStream(ByteStream& source, std::string first, std::string name);
  ~GunzipStream() override;
  GunzipStream(const GunzipStream&) = delete;
  GunzipStream& operator=(const GunzipStream&) = delete;
  /// Throws Error(data) if the packed data is damaged or ends early.
  std::size_t read(char* to, std::size_t capacity) override;

  static constexpr std::size_t kMagicBytes = 2;
  static bool is_gzip(std::string_view first_bytes) { return first_bytes.starts_with("\x1F\x8B"); }

 private:
  struct State;
  bool refill();

  ByteStream& source_;
  std::string name_;
  std::string packed_;
  std::unique_ptr<State> state_;
  bool is_between_members_ = false;
};

}  // namespace tallymill
