#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "books/tolerance.h"
#include "core/money.h"

namespace tallymill::books {

/// A row of one side that may match rows of the other one. Amounts are units.
struct CascadeRow {
  Int128 amount = 0;
  std::optional<std::int32_t> day = {};  ///< days since 1970-01-01
  std::string text = {};
  std::vector<std::int32_t> values = {};  ///< of the columns stages name; -1: missing
  bool has_amount = true;
};

/// Rows whose block key is equal, each side in an order of its own that does not depend on the
/// order of the input: ties go to the earlier row.
struct CascadeBlock {
  std::vector<CascadeRow> left;
  std::vector<CascadeRow> right;
};

/// One pass over the rows that no stage before has matched.
struct CascadeStage {
  enum class Kind { exact, tolerance, one_to_many, many_to_one, many_to_many, subset_sum, fuzzy };
  Kind kind = Kind::exact;
  std::string name;
  std::vector<std::size_t> by =
      {};  ///< indices of CascadeRow::values that must be equal, and there
  Tolerance tolerance = {};
  std::optional<DayWindow> window = {};  ///< how far days may be apart; unset: they do not matter
  std::int64_t at_least = 0;             ///< fuzzy: likeness of texts, units of 10^-9
  std::size_t at_most = 5;               ///< subset_sum: rows that may add up
  std::int64_t fuel = 1'000'000;         ///< steps of each search, for a target or component

  /// Matches one row with one row.
  bool is_pairing() const;
};

/// Rows that match together.
struct CascadeGroup {
  std::size_t stage = 0;
  std::vector<std::uint32_t> left;
  std::vector<std::uint32_t> right;
  Int128 allowed = 0;             ///< by how much the sums might have differed
  std::int64_t alternatives = 0;  ///< other ways that were as good; 0: it is the only one
};

struct CascadeResult {
  std::vector<CascadeGroup> groups;
  std::vector<bool> left_cut_off;  ///< unmatched rows whose search ran out of fuel
  std::vector<bool> right_cut_off;
};

/// Runs all stages over one block, each on what the ones before left. Pairing stages match as many
/// rows as can be, at the least sum of distances (assignment.h); group stages match all rows that
/// share `by` where their sums agree; subset_sum matches rows with few rows of the other side that
/// add up to them, as many with two as can be, of those as many with three, and so on, at the least
/// sum of drifts (subset_matching.h).
CascadeResult run_cascade(const CascadeBlock& block, std::span<const CascadeStage> stages);

/// Whether two rows may be a pair of this stage, and the parts that say no.
struct PairTest {
  std::vector<std::size_t> other_values;  ///< indices of `by` that differ or are missing
  bool amount_fails = false;
  bool day_fails = false;
  bool text_fails = false;
  Int128 gap = 0;             ///< of the amounts
  std::int64_t days = 0;      ///< where both have one
  std::int64_t likeness = 0;  ///< of the texts, where the stage asks

  bool holds() const { return other_values.empty() && !amount_fails && !day_fails && !text_fails; }
  std::size_t failures() const {
    return other_values.size() + (amount_fails ? 1 : 0) + (day_fails ? 1 : 0) +
           (text_fails ? 1 : 0);
  }
};
PairTest test_pair(const CascadeStage& stage, const CascadeRow& left, const CascadeRow& right);

}  // namespace tallymill::books
