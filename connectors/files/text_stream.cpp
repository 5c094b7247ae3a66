#include "connectors/files/text_stream.h"

#include <algorithm>
#include <cstring>

#include "connectors/encoding/ascii.h"
#include "core/error.h"

namespace tallymill {

namespace {

constexpr std::size_t kSampleBytes = 64 * 1024;
constexpr std::size_t kDecodedAtOnce = 64 * 1024;
constexpr double kTooMuchInvalid = 0.3;

}  // namespace

TextStream::TextStream(const std::filesystem::path& file, std::string name,
                       std::optional<TextEncoding> declared)
    : name_(std::move(name)), file_(file), encoding_(declared) {
  std::string first(GunzipStream::kMagicBytes, '\0');
  first.resize(file_.read(first.data(), first.size()));
  if (GunzipStream::is_gzip(first))
    gunzip_ = std::make_unique<GunzipStream>(file_, std::move(first), name_);
  else
    ahead_ = std::move(first);
  look_ahead(kSampleBytes);
  if (const std::string instead = looks_like_instead_of_text(ahead_); !instead.empty())
    throw Error(ErrorClass::data, name_ + " is no CSV text: it looks like " + instead);
  if (ahead_.starts_with(kUtf8Bom)) encoding_ = TextEncoding::utf8;
  if (encoding_) require_text(ahead_);
  is_ascii_so_far_ = !encoding_;
  if (encoding_ == TextEncoding::gb18030) decoder_ = std::make_unique<Gb18030Decoder>();
}

std::size_t TextStream::read(char* to, std::size_t capacity) {
  if (!encoding_) return read_ascii(to, capacity);
  return decoder_ ? read_decoded(to, capacity) : read_unpacked(to, capacity);
}

std::size_t TextStream::read_unpacked(char* to, std::size_t capacity) {
  if (ahead_at_ < ahead_.size()) {
    const std::size_t size = std::min(capacity, ahead_.size() - ahead_at_);
    std::memcpy(to, ahead_.data() + ahead_at_, size);
    ahead_at_ += size;
    return size;
  }
  return gunzip_ ? gunzip_->read(to, capacity) : file_.read(to, capacity);
}

/// Passes bytes on while they are ASCII; at the first other byte decides about the encoding.
std::size_t TextStream::read_ascii(char* to, std::size_t capacity) {
  const std::size_t size = read_unpacked(to, capacity);
  const std::size_t ascii = count_ascii({to, size});
  if (ascii == size) return size;
  ahead_ = std::string(to + ascii, size - ascii) + ahead_.substr(ahead_at_);
  ahead_at_ = 0;
  look_ahead(kSampleBytes);
  is_ascii_so_far_ = false;
  encoding_ = detect_encoding(ahead_);
  require_text(ahead_);
  if (encoding_ == TextEncoding::gb18030) decoder_ = std::make_unique<Gb18030Decoder>();
  return ascii > 0 ? ascii : read(to, capacity);
}

std::size_t TextStream::read_decoded(char* to, std::size_t capacity) {
  while (decoded_at_ == decoded_.size()) {
    char bytes[kDecodedAtOnce];
    const std::size_t size = read_unpacked(bytes, sizeof bytes);
    decoded_.clear();
    decoded_at_ = 0;
    decoder_->decode({bytes, size}, size == 0, decoded_);
    if (size == 0 && decoded_.empty()) return 0;
  }
  const std::size_t size = std::min(capacity, decoded_.size() - decoded_at_);
  std::memcpy(to, decoded_.data() + decoded_at_, size);
  decoded_at_ += size;
  return size;
}

/// Sees to it that `bytes` bytes are looked at but not taken, if the file has so many.
void TextStream::look_ahead(std::size_t bytes) {
  while (ahead_.size() < bytes) {
    const std::size_t had = ahead_.size();
    ahead_.resize(bytes);
    const std::size_t size = gunzip_ ? gunzip_->read(ahead_.data() + had, bytes - had)
                                     : file_.read(ahead_.data() + had, bytes - had);
    ahead_.resize(had + size);
    if (size == 0) return;
  }
}

void TextStream::require_text(std::string_view sample) const {
  std::string looks_like;
  if (encoding_ == TextEncoding::gb18030 && is_surely_utf8(sample))
    looks_like = "utf-8";
  else if (invalid_ratio(sample, *encoding_) > kTooMuchInvalid)
    looks_like =
        detect_encoding(sample) == *encoding_ ? "binary data" : to_string(detect_encoding(sample));
  if (!looks_like.empty())
    throw Error(ErrorClass::data, name_ + " is not " + std::string(to_string(*encoding_)) +
                                      ": it looks like " + looks_like);
}

}  // namespace tallymill
