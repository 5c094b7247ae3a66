#include "core/file_checksum.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>

#include "core/error.h"

namespace tallymill {

std::string checksum_of(const std::filesystem::path& file, FileChecksum kind) {
  std::ifstream bytes(file, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (!context ||
      EVP_DigestInit_ex(context.get(), kind == FileChecksum::md5 ? EVP_md5() : EVP_sha256(),
                        nullptr) != 1)
    throw Error(ErrorClass::bug, "the checksum cannot be computed here");
  std::array<char, 1 << 16> block{};
  while (bytes.read(block.data(), block.size()) || bytes.gcount() > 0)
    EVP_DigestUpdate(context.get(), block.data(), static_cast<std::size_t>(bytes.gcount()));
  if (!bytes.eof()) throw Error(ErrorClass::transient, "cannot read '" + file.string() + "'");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

}  // namespace tallymill
