#include "connectors/encoding/ascii.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace tallymill {

std::size_t count_ascii(std::string_view bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  struct Block {
    std::uint64_t words[4];
  };
  std::size_t i = 0;
  for (; bytes.size() - i >= sizeof(Block); i += sizeof(Block)) {
    Block block;
    std::memcpy(&block, bytes.data() + i, sizeof block);
    if (((block.words[0] | block.words[1] | block.words[2] | block.words[3]) & kHighBits) != 0)
      break;
  }
  while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) < 0x80) ++i;
  return i;
}

}  // namespace tallymill
