#include "datasets/key_set.h"

#include <bit>

namespace tallymill {
namespace {

/// Finds values seen before, by open addressing; 0 marks a free place and is looked for apart.
void find_repeated(const std::vector<std::uint64_t>& values, std::vector<std::uint64_t>& table,
                   std::vector<std::uint64_t>& repeated) {
  const std::size_t places = std::bit_ceil(values.size() * 2 + 1);
  const std::size_t mask = places - 1;
  table.assign(places, 0);
  bool zero_seen = false;
  for (const std::uint64_t value : values) {
    if (value == 0) {
      if (zero_seen) repeated.push_back(value);
      zero_seen = true;
      continue;
    }
    std::size_t place = static_cast<std::size_t>(value) & mask;
    while (table[place] != 0 && table[place] != value) place = (place + 1) & mask;
    if (table[place] == value) repeated.push_back(value);
    table[place] = value;
  }
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

std::vector<std::uint64_t> KeySet::repeated() const {
  std::vector<std::uint64_t> repeated;
  std::vector<std::uint64_t> table;
  for (const auto& bucket : buckets_) find_repeated(bucket, table, repeated);
  return repeated;
}

}  // namespace tallymill
