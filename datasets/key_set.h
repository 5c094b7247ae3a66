#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/digest.h"

namespace tallymill {

/// Key hashes of a dataset, to tell whether any comes twice: 8 bytes a row instead of a hash table
/// of the keys themselves. Equal keys have equal hashes, so no repeated hash means no repeated key;
/// a repeated hash only means that keys must be compared.
class KeySet {
 public:
  /// Keeps the hashes of part `part` of `parts` only, so that memory stays bounded.
  KeySet(std::uint64_t part, std::uint64_t parts) : part_(part), parts_(parts) {}

  void add(const Hash128& row) {
    if (parts_ > 1 && row.high % parts_ != part_) return;
    std::vector<std::uint64_t>& bucket = buckets_[row.low >> kShift];
    if (bucket.size() == bucket.capacity()) bucket.reserve(bucket.size() + bucket.size() / 2 + 64);
    bucket.push_back(row.low);
  }
  void merge(KeySet&& other);
  /// Every hash that equals an earlier one, as often as it does, in no order.
  std::vector<std::uint64_t> repeated() const;
  /// How many they are.
  std::string text() const { return std::to_string(repeated().size()); }

  /// Bytes a row takes while the set is filled: vectors grow by half at a time, and are merged
  /// bucket by bucket.
  static constexpr std::int64_t kBytesPerRow = 16;

 private:
  // A bucket of ten million rows' hashes fits a processor's second-level cache.
  static constexpr int kShift = 56;
  std::array<std::vector<std::uint64_t>, 256> buckets_;
  std::uint64_t part_;
  std::uint64_t parts_;
};

}  // namespace tallymill
