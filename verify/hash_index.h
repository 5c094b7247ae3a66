#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/digest.h"
#include "core/money.h"

namespace tallymill::verify {

/// A hash of 128 bits as a key of a table: it is well mixed already.
struct HashOfHash {
  std::size_t operator()(UInt128 hash) const { return static_cast<std::size_t>(hash); }
};
template <class T>
using ByHash = std::unordered_map<UInt128, T, HashOfHash>;

inline UInt128 number_of(const Hash128& hash) {
  return static_cast<UInt128>(hash.high) << 64 | hash.low;
}

/// Numbers of hashes in the order they were added: 20 to 24 bytes each. Of equal ones the first
/// counts.
class HashIndex {
 public:
  void add(UInt128 hash) {
    hashes_.push_back(hash);
    if (hashes_.size() * 2 > slots_.size())
      grow();
    else
      place(static_cast<std::uint32_t>(hashes_.size()));
  }
  std::optional<std::uint32_t> find(UInt128 hash) const {
    if (slots_.empty()) return std::nullopt;
    for (std::size_t slot = slot_of(hash);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == 0) return std::nullopt;
      if (hashes_[slots_[slot] - 1] == hash) return slots_[slot] - 1;
    }
  }
  std::size_t size() const { return hashes_.size(); }
  UInt128 operator[](std::size_t number) const { return hashes_[number]; }

 private:
  std::size_t slot_of(UInt128 hash) const {
    return static_cast<std::size_t>(hash) & (slots_.size() - 1);
  }
  void place(std::uint32_t number) {
    const UInt128 hash = hashes_[number - 1];
    std::size_t slot = slot_of(hash);
    for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1))
      if (hashes_[slots_[slot] - 1] == hash) return;
    slots_[slot] = number;
  }
  void grow() {
    slots_.assign(slots_.empty() ? 16 : slots_.size() * 2, 0);
    for (std::uint32_t number = 1; number <= hashes_.size(); ++number) place(number);
  }

  std::vector<UInt128> hashes_;
  std::vector<std::uint32_t> slots_;  ///< numbers from 1; 0: free
};

}  // namespace tallymill::verify
