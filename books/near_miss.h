#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "books/cascade.h"

namespace tallymill::books {

/// The row of the other side that an unmatched row comes nearest to, and why it is no match.
struct NearMiss {
  std::uint32_t candidate = 0;
  std::string failed_predicate;  ///< "amount, reference"
  std::string distance;          ///< in the same order: "0.06, differs"
};

/// How the parts of a pair are called.
struct NearMissNames {
  std::vector<std::string> values = {};  ///< of CascadeRow::values
  std::string amount = "amount";
  std::string day = "date";
  std::string text = "text";
  int scale = 0;  ///< of amounts
};

/// For every row of `wanted` (true: unmatched), the other side's row that fails the fewest parts of
/// a pairing stage, then the one nearest in amount, days and order; empty where there is none.
/// Looked at are, beside the nearest by amount, rows that share all values of a stage or all but
/// one: a few of each, so the cost grows like n log n. `taken` rows are matched with others, which
/// is a failed part of its own.
std::vector<std::optional<NearMiss>> find_near_misses(
    const std::vector<CascadeRow>& rows, const std::vector<bool>& wanted,
    const std::vector<CascadeRow>& others, const std::vector<bool>& taken, bool rows_are_left,
    std::span<const CascadeStage> stages, const NearMissNames& names);

}  // namespace tallymill::books
