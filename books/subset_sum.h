#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/money.h"

namespace tallymill::books {

/// Which amounts add up to a target.
struct SubsetSum {
  std::vector<std::uint32_t> chosen;  ///< indices, ascending; empty: none found
  std::int64_t solutions = 0;         ///< as short as the chosen one, counted up to kMostSolutions
  bool was_cut_off = false;           ///< the fuel ran out: there may be shorter or more solutions
};

inline constexpr std::int64_t kMostSolutions = 100;

/// The smallest subset of at least two and at most `at_most` amounts whose sum is within `allowed`
/// of `target`; of equally small ones the nearest sum, then the first in order of the indices.
/// Tries two rows, then three, and so on; the last row of each is found by bisection among sorted
/// amounts. `fuel` bounds the steps and is used up.
SubsetSum find_subset(std::span<const Int128> amounts, Int128 target, Int128 allowed,
                      std::size_t at_most, std::int64_t& fuel);

}  // namespace tallymill::books
