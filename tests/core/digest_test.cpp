#include "core/digest.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "tests/temporary_folder.h"

using namespace tallymill;

TEST_CASE("digest: SHA-256 of the published test vectors") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("digest: fingerprint fields do not run into each other") {
  CHECK(Fingerprint().add("ab").add("c").hex() != Fingerprint().add("a").add("bc").hex());
  CHECK(Fingerprint().add("").hex() != Fingerprint().hex());
  CHECK(Fingerprint().add("ab").hex() == Fingerprint().add("ab").hex());
  // Eight bytes of length, little-endian, then the field.
  CHECK(Fingerprint().add("abc").hex() == sha256_hex(std::string("\3\0\0\0\0\0\0\0abc", 11)));
}

TEST_CASE("digest: bytes in pieces hash like the whole") {
  StreamHash hash;
  CHECK(hash.value() == xxh3_128(""));
  hash.add("books ");
  hash.add("");
  hash.add("close");
  CHECK(hash.value() == xxh3_128("books close"));
}

TEST_CASE("digest: xxh3 of the published test vector, high half first") {
  CHECK(xxh3_128("").hex() == "99aa06d3014798d86001c324468d497f");
}

TEST_CASE("digest: a file hashes like its bytes, also over several blocks") {
  const TemporaryFolder folder;
  for (std::size_t size :
       {std::size_t{0}, std::size_t{7}, std::size_t{1} << 20, std::size_t{3'000'001}}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 131);
    std::ofstream(folder.path() / "f", std::ios::binary) << bytes;
    CHECK(xxh3_128_file(folder.path() / "f") == xxh3_128(bytes));
  }
  CHECK_THROWS_AS(xxh3_128_file(folder.path() / "absent"), Error);
}
