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
    buckets_[row.low >> kShift].push_back(row.low);
  }
  void merge(KeySet&& other);
  /// How many hashes equal an earlier one.
  std::int64_t repeated() const;
  std::string text() const { return std::to_string(repeated()); }

  /// Bytes a row takes while the set is filled: vectors grow by doubling, and two threads' sets
  /// exist side by side while they are merged.
  static constexpr std::int64_t kBytesPerRow = 32;

 private:
  // A bucket of ten million rows' hashes fits a processor's second-level cache.
  static constexpr int kShift = 56;
  std::array<std::vector<std::uint64_t>, 256> buckets_;
  std::uint64_t part_;
  std::uint64_t parts_;
};

}  // namespace tallymill
