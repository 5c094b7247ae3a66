#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/money.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

enum class Aggregate { none, sum, count };

/// One side of a comparison: the rows of all its relations together.
struct MatchSide {
  std::string name;                    ///< for messages, e.g. "left side (cost_pool)"
  std::vector<std::string> relations;  ///< each has the key and the amount
  std::vector<std::string> key;        ///< column names, in the order of MatchPlan::key
  std::string amount;                  ///< column; unused with Aggregate::count
  Aggregate aggregate = Aggregate::none;
  bool key_is_unique = false;  ///< known from the dataset's key, so not checked again
};

struct MatchPlan {
  std::vector<Column> key;  ///< as results name them; empty: one grand total
  MatchSide left;
  MatchSide right;
  Type amount;  ///< of the results: money, decimal or integer; both sides fit its scale
  std::optional<Int128> tolerance_abs;  ///< units of the amount's scale; none at all means zero
  /// Share of the larger side, units of 10^-9 from 0 to 1; where both are given, the stricter
  /// counts.
  std::optional<std::int64_t> tolerance_rel;
  std::string id_prefix;  ///< what break ids are about, e.g. "cost_attribution/pools_close"
};

/// What became of the keys of one class. `rows` are rows of the sides, before aggregation.
struct MatchClass {
  std::string name;  ///< matched, within_tolerance, amount, left_only, right_only
  std::int64_t keys = 0;
  std::int64_t left_rows = 0;
  std::int64_t right_rows = 0;
  Int128 left_amount = 0;  ///< units
  Int128 right_amount = 0;

  bool is_break() const { return name != "matched" && name != "within_tolerance"; }
};

struct MatchSideTotals {
  std::int64_t rows = 0;
  Int128 amount = 0;  ///< units; missing amounts count as nothing. Number of rows with `count`
};

/// Compares two sides key by key: a full outer join, exact, order does not matter.
///
/// A missing key value is a value: it meets only missing ones. An amount that is missing on one
/// side is a break of class `amount`, whatever the tolerance. Tolerances are compared exactly.
class Matching {
 public:
  Matching(Engine& engine, MatchPlan plan);

  /// Throws Error(data) with examples if a side without aggregate has a key more than once.
  void require_unique_keys() const;
  /// Every class in the order above, also empty ones. One pass over both sides.
  std::vector<MatchClass> classes() const;
  /// Of the rows as they are, without grouping or joining: what the classes must add up to.
  MatchSideTotals totals(const MatchSide& side) const;
  const MatchPlan& plan() const { return plan_; }

  /// Select of break_id, key, left_amount, right_amount, difference, class, tolerance, left_rows,
  /// right_rows. The id is a function of id_prefix and key alone, so a break keeps it while it
  /// lives, whatever its amounts.
  std::string breaks() const;

 private:
  std::string rows_of(const MatchSide& side) const;
  std::string side(const MatchSide& side) const;
  std::string joined() const;
  std::string allowed() const;
  std::string break_id() const;

  Engine& engine_;
  MatchPlan plan_;
  std::string wide_;  ///< DECIMAL(38,scale): sums of amounts
  std::string tolerance_function_;
};

/// The difference two amounts may have: the stricter of `abs` units and the share `rel` (10^-9) of
/// the larger magnitude, rounded down, which loses nothing because differences are whole units.
Int128 allowed_difference(Int128 left, Int128 right, std::optional<Int128> abs,
                          std::optional<std::int64_t> rel);

}  // namespace tallymill::books
