#include "datasets/key_set.h"

#include <bit>

namespace tallymill {
namespace {

/// Counts values seen before, by open addressing; 0 marks a free place and is counted apart.
std::int64_t repeated_in(const std::vector<std::uint64_t>& values,
                         std::vector<std::uint64_t>& table) {
  const std::size_t places = std::bit_ceil(values.size() * 2 + 1);
  const std::size_t mask = places - 1;
  table.assign(places, 0);
  std::int64_t repeated = 0;
  bool zero_seen = false;
  for (const std::uint64_t value : values) {
    if (value == 0) {
      repeated += zero_seen ? 1 : 0;
      zero_seen = true;
      continue;
    }
    std::size_t place = static_cast<std::size_t>(value) & mask;
    while (table[place] != 0 && table[place] != value) place = (place + 1) & mask;
    repeated += table[place] == value ? 1 : 0;
    table[place] = value;
  }
  return repeated;
}

}  // namespace

void KeySet::merge(KeySet&& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    std::vector<std::uint64_t>& from = other.buckets_[i];
    if (buckets_[i].empty())
      buckets_[i] = std::move(from);
    else
      buckets_[i].insert(buckets_[i].end(), from.begin(), from.end());
    std::vector<std::uint64_t>().swap(from);
  }
}

std::int64_t KeySet::repeated() const {
  std::int64_t repeated = 0;
  std::vector<std::uint64_t> table;
  for (const auto& bucket : buckets_) repeated += repeated_in(bucket, table);
  return repeated;
}

}  // namespace tallymill
