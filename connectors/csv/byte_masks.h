#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tallymill::csv {

/// Looks at 64 bytes at once: bit i of a mask speaks of byte i.
class Bytes64 {
 public:
  static constexpr std::size_t kSize = 64;

  /// The 64 bytes at `offset`; behind the end of `bytes` they read as NUL, which is never special.
  Bytes64(std::string_view bytes, std::size_t offset) {
    if (offset + kSize <= bytes.size()) {
      load(bytes.data() + offset);
      return;
    }
    char padded[kSize] = {};
    std::memcpy(padded, bytes.data() + offset, bytes.size() - offset);
    load(padded);
  }

#if defined(__SSE2__)
  std::uint64_t equal_to(char c) const {
    const __m128i wanted = _mm_set1_epi8(c);
    std::uint64_t mask = 0;
    for (int i = 0; i < 4; ++i) {
      const int part = _mm_movemask_epi8(_mm_cmpeq_epi8(lanes_[i], wanted));
      mask |= static_cast<std::uint64_t>(static_cast<unsigned>(part)) << (16 * i);
    }
    return mask;
  }

 private:
  void load(const char* at) {
    for (int i = 0; i < 4; ++i)
      lanes_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16 * i));
  }
  __m128i lanes_[4];
#else
  std::uint64_t equal_to(char c) const {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < kSize; ++i) mask |= static_cast<std::uint64_t>(bytes_[i] == c) << i;
    return mask;
  }

 private:
  void load(const char* at) { std::memcpy(bytes_, at, kSize); }
  char bytes_[kSize];
#endif
};

/// Bit i is set where the number of set bits of `mask` up to and including i is odd: bytes from an
/// opening quote up to, not including, its closing one.
inline std::uint64_t prefix_xor(std::uint64_t mask) {
  for (int shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
  return mask;
}

/// Without -mpopcnt std::popcount is a call into libgcc, which showed in the profile.
inline std::size_t count_bits(std::uint64_t mask) {
  mask -= (mask >> 1) & 0x5555555555555555U;
  mask = (mask & 0x3333333333333333U) + ((mask >> 2) & 0x3333333333333333U);
  mask = (mask + (mask >> 4)) & 0x0F0F0F0F0F0F0F0FU;
  return static_cast<std::size_t>((mask * 0x0101010101010101U) >> 56);
}

inline std::size_t lowest_bit(std::uint64_t mask) {
  return static_cast<std::size_t>(std::countr_zero(mask));
}

}  // namespace tallymill::csv
