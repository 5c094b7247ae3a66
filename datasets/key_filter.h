#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <vector>

namespace tallymill {

/// A set of key hashes that may say yes of one it does not have, but never no of one it has: a
/// Bloom filter whose bits of one hash lie in one word, so that a look costs one read of memory.
/// Several threads may add at once.
class KeyFilter {
 public:
  /// For so many hashes, in so many bytes at most: with more hashes it says yes more often.
  KeyFilter(std::int64_t hashes, std::int64_t bytes) : words_(word_count(hashes, bytes)) {}

  /// Whether it seemed to be there already. Of two that add the same, one is told so.
  bool add(std::uint64_t hash) {
    const std::uint64_t bits = bits_of(hash);
    std::atomic<std::uint64_t>& word = words_[word_of(hash)];
    if ((word.load(std::memory_order_relaxed) & bits) == bits) return true;
    return (word.fetch_or(bits, std::memory_order_relaxed) & bits) == bits;
  }
  bool has(std::uint64_t hash) const {
    const std::uint64_t bits = bits_of(hash);
    return (words_[word_of(hash)].load(std::memory_order_relaxed) & bits) == bits;
  }
  /// To be called for many before the first of them is added.
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&words_[word_of(hash)]); }

 private:
  static std::size_t word_count(std::int64_t hashes, std::int64_t bytes) {
    const auto at_least_one = [](std::int64_t count) {
      return static_cast<std::uint64_t>(std::max<std::int64_t>(count, 1));
    };
    constexpr std::int64_t kHashesPerWord = 4;
    return std::min(std::bit_ceil(at_least_one(hashes / kHashesPerWord)),
                    std::bit_floor(at_least_one(bytes / 8)));
  }
  /// Four bits, by the upper bits of the hash.
  static std::uint64_t bits_of(std::uint64_t hash) {
    const auto bit = [hash](int shift) { return std::uint64_t{1} << (hash >> shift & 63U); };
    return bit(40) | bit(46) | bit(52) | bit(58);
  }
  std::size_t word_of(std::uint64_t hash) const {
    return static_cast<std::size_t>(hash) & (words_.size() - 1);
  }

  std::vector<std::atomic<std::uint64_t>> words_;
};

}  // namespace tallymill
