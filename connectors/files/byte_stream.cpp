#include "connectors/files/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace tallymill {

namespace {

constexpr std::size_t kPackedBytes = 128 * 1024;

[[noreturn]] void fail(const std::string& doing, const std::filesystem::path& file) {
  throw Error(ErrorClass::transient,
              "cannot " + doing + " " + file.string() + ": " + std::strerror(errno));
}

FileStat from(const struct stat& entry) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {entry.st_size, entry.st_mtim.tv_sec * kNanoseconds + entry.st_mtim.tv_nsec,
          entry.st_ctim.tv_sec * kNanoseconds + entry.st_ctim.tv_nsec, entry.st_ino};
}

}  // namespace

FileStat FileStat::of(const std::filesystem::path& file) {
  struct stat entry {};
  if (::stat(file.c_str(), &entry) != 0) fail("look at", file);
  return from(entry);
}

FileBytes::FileBytes(const std::filesystem::path& file)
    : path_(file), fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (!fd_.is_open()) fail("open", file);
  struct stat entry {};
  if (::fstat(fd_.get(), &entry) != 0) fail("look at", file);
  stat_ = from(entry);
  ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

std::size_t FileBytes::read(char* to, std::size_t capacity) {
  ssize_t size = 0;
  do {
    size = ::read(fd_.get(), to, capacity);
  } while (size < 0 && errno == EINTR);
  if (size < 0) fail("read", path_);
  const auto bytes = static_cast<std::size_t>(size);
  hash_.add({to, bytes});
  return bytes;
}

struct GunzipStream::State {
  z_stream zlib{};
};

GunzipStream::GunzipStream(ByteStream& source, std::string first, std::string name)
    : source_(source),
      name_(std::move(name)),
      packed_(std::move(first)),
      state_(std::make_unique<State>()) {
  constexpr int kGzipOnly = 16;
  if (::inflateInit2(&state_->zlib, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  state_->zlib.next_in = reinterpret_cast<Bytef*>(packed_.data());
  state_->zlib.avail_in = static_cast<uInt>(packed_.size());
}

GunzipStream::~GunzipStream() { ::inflateEnd(&state_->zlib); }

/// Sees to it that there is packed input; false at the end of the source.
bool GunzipStream::refill() {
  if (state_->zlib.avail_in > 0) return true;
  packed_.resize(kPackedBytes);
  const std::size_t size = source_.read(packed_.data(), packed_.size());
  state_->zlib.next_in = reinterpret_cast<Bytef*>(packed_.data());
  state_->zlib.avail_in = static_cast<uInt>(size);
  return size > 0;
}

std::size_t GunzipStream::read(char* to, std::size_t capacity) {
  z_stream& zlib = state_->zlib;
  zlib.next_out = reinterpret_cast<Bytef*>(to);
  zlib.avail_out = static_cast<uInt>(capacity);
  while (zlib.avail_out == capacity) {
    if (!refill()) {
      if (is_between_members_) return 0;
      throw Error(ErrorClass::data,
                  "gzip file " + name_ + " ends early; was its transfer complete?");
    }
    if (is_between_members_) ::inflateReset(&zlib);
    is_between_members_ = false;
    const int result = ::inflate(&zlib, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      throw Error(ErrorClass::data, "gzip file " + name_ + " is damaged: " +
                                        (zlib.msg != nullptr ? zlib.msg : "its data is not gzip"));
    is_between_members_ = result == Z_STREAM_END;
  }
  return capacity - zlib.avail_out;
}

}  // namespace tallymill
