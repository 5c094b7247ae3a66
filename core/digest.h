#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tallymill {

/// SHA-256 as 64 lower-case hex digits; for names, pins, rule versions and the event chain.
std::string sha256_hex(std::string_view bytes);

/// Incremental SHA-256. Each field is length-prefixed, so ("ab","c") and ("a","bc") differ.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(const Fingerprint&) = delete;
  Fingerprint& operator=(const Fingerprint&) = delete;
  Fingerprint& add(std::string_view field);
  std::string hex();  ///< ends the digest; call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// xxh3-128: equality of file contents and rows; never a defence against tampering.
struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::string hex() const;  ///< 32 digits, high part first
  friend bool operator==(const Hash128&, const Hash128&) = default;
};
Hash128 xxh3_128(std::string_view bytes);
/// The same hash of bytes that come in pieces.
class StreamHash {
 public:
  StreamHash();
  ~StreamHash();
  StreamHash(const StreamHash&) = delete;
  StreamHash& operator=(const StreamHash&) = delete;
  void add(std::string_view bytes);
  Hash128 value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};
/// Hash of a file's bytes, read in blocks. Throws Error(transient) if it cannot be read.
Hash128 xxh3_128_file(const std::filesystem::path& file);

}  // namespace tallymill
