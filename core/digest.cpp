#include "core/digest.h"

#include <fcntl.h>
// The plain functions, for all that OpenSSL 3 would rather have EVP used: that links ciphers,
// curves and encoders, whose tables took half a worker's start, and searches providers at run time.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace tallymill {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

std::string to_hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * size);
  for (std::size_t i = 0; i < size; ++i) hex += {kHex[bytes[i] >> 4], kHex[bytes[i] & 15]};
  return hex;
}

std::string finished(SHA256_CTX& context) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_Final(digest.data(), &context);
  return to_hex(digest.data(), digest.size());
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  return finished(context);
}

struct Fingerprint::State {
  SHA256_CTX context;
};

Fingerprint::Fingerprint() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }

Fingerprint::~Fingerprint() = default;

Fingerprint& Fingerprint::add(std::string_view field) {
  // Fixed byte order: fingerprints are compared between machines.
  std::array<unsigned char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i)
    length[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(field.size()) >> (8 * i));
  SHA256_Update(&state_->context, length.data(), length.size());
  SHA256_Update(&state_->context, field.data(), field.size());
  return *this;
}

std::string Fingerprint::hex() { return finished(state_->context); }

std::string Hash128::hex() const {
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<unsigned char>(low >> (56 - 8 * i));
  }
  return to_hex(bytes.data(), bytes.size());
}

Hash128 xxh3_128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

struct StreamHash::State {
  XXH3_state_t xxh3;
};

StreamHash::StreamHash() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh3); }

StreamHash::~StreamHash() = default;

void StreamHash::add(std::string_view bytes) {
  XXH3_128bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

Hash128 StreamHash::value() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh3);
  return {hash.low64, hash.high64};
}

Hash128 xxh3_128_file(const std::filesystem::path& file) {
  const UniqueFd fd = open_for_reading(file);
  StreamHash hash;
  // One byte more than a small file has, so that it ends with one empty read.
  std::error_code ignored;
  const std::uintmax_t size_now = std::filesystem::file_size(file, ignored);
  std::vector<char> block(ignored ? kBlockBytes
                                  : std::min<std::uintmax_t>(size_now + 1, kBlockBytes));
  while (const std::size_t size = read_some(fd, block, file)) hash.add({block.data(), size});
  return hash.value();
}

}  // namespace tallymill
