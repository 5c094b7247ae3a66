#include "core/digest.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <new>
#include <stdexcept>
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

void require(int openssl_result) {
  if (openssl_result != 1) throw std::bad_alloc();  // SHA-256 itself cannot fail
}

/// Looked up once: for EVP_sha256() the library searches its providers each time anew.
const EVP_MD* sha256() {
  static const EVP_MD* const kMethod = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kMethod == nullptr ? EVP_sha256() : kMethod;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, sha256(), nullptr));
  return to_hex(digest.data(), size);
}

struct Fingerprint::State {
  struct Free {
    void operator()(EVP_MD_CTX* owned) const { EVP_MD_CTX_free(owned); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Fingerprint::Fingerprint() : state_(std::make_unique<State>()) {
  require(state_->context == nullptr ? 0
                                     : EVP_DigestInit_ex(state_->context.get(), sha256(), nullptr));
}

Fingerprint::~Fingerprint() = default;

Fingerprint& Fingerprint::add(std::string_view field) {
  // Fixed byte order: fingerprints are compared between machines.
  std::array<unsigned char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i)
    length[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(field.size()) >> (8 * i));
  require(EVP_DigestUpdate(state_->context.get(), length.data(), length.size()));
  require(EVP_DigestUpdate(state_->context.get(), field.data(), field.size()));
  return *this;
}

std::string Fingerprint::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size));
  return to_hex(digest.data(), size);
}

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
  std::vector<char> block(kBlockBytes);
  while (const std::size_t size = read_some(fd, block, file)) hash.add({block.data(), size});
  return hash.value();
}

}  // namespace tallymill
