#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verify/compared_columns.h"
#include "verify/sides.h"

namespace tallymill::verify {

/// What becomes of a pair of rows, in the order in which the first that holds counts.
enum class PairClass {
  matched,
  within_tolerance,
  amount,
  quantity,
  timing,
  status,
  currency,  ///< rows of the sides are of two
  duplicate,
  left_only,
  right_only,
};
const std::string& name_of(PairClass what);
inline bool is_break(PairClass what) { return what > PairClass::within_tolerance; }

/// A row of one side of a key, or all of them added up.
struct KeyRow {
  std::vector<ComparedValue> values;  ///< the amount, then what is compared
  std::int64_t rows = 1;
};

/// A row of the left side, one of the right side, or both; so often as they are alike.
struct RowPair {
  PairClass what = PairClass::matched;
  std::array<std::optional<KeyRow>, 2> sides = {};
  std::int64_t times = 1;
  std::int64_t number = 1;  ///< among the breaks of its key

  ComparedValue value(std::size_t side, std::size_t place) const {
    return sides[side] ? sides[side]->values[place] : ComparedValue();
  }
  std::optional<Int128> amount(std::size_t side) const {
    const ComparedValue one = value(side, 0);
    return one.is_missing ? std::nullopt : std::optional(one.number * times);
  }
  Int128 amount_or_nothing(std::size_t side) const { return amount(side).value_or(0); }
  std::int64_t rows(std::size_t side) const { return sides[side] ? sides[side]->rows * times : 0; }
};

/// How the rows of one key meet.
class PairRules {
 public:
  PairRules(Tolerance tolerance, std::vector<ComparedColumn> compared)
      : tolerance_(std::move(tolerance)), compared_(std::move(compared)) {}

  /// Equal rows first, as often as the side with fewer has them; the others in the order of their
  /// values; what is left over alone. `meets`: false where a part of the key is missing and meets
  /// nothing.
  std::vector<RowPair> pairs(std::array<std::vector<KeyRow>, 2> rows, bool meets) const;

  const Tolerance& tolerance() const { return tolerance_; }
  const std::vector<ComparedColumn>& compared() const { return compared_; }

 private:
  PairClass class_of(const KeyRow& left, const KeyRow& right) const;

  Tolerance tolerance_;
  std::vector<ComparedColumn> compared_;
};

}  // namespace tallymill::verify
