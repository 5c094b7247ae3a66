#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "rules/table_text.h"
#include "rules/typed_value.h"

namespace tallymill {

/// Whole units, both ends included: a type's values are discrete, so every interval can be closed.
struct Interval {
  std::int64_t low;
  std::int64_t high;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// The values of one type that a cell of a decision table admits. Texts are a set of them, or all
/// but those; everything else is disjoint intervals in order.
struct ValueSet {
  bool has_null = false;
  std::vector<Interval> intervals = {};
  bool all_but = false;
  std::vector<std::string> texts = {};  ///< sorted

  static ValueSet everything(const Type& type, bool has_null);
  bool admits(const Type& type, const TypedValue& value) const;
  bool is_empty(const Type& type) const;
  /// What of the type this does not admit, null included if `has_null`.
  ValueSet complement(const Type& type, bool can_be_null) const;
  void unite(const Type& type, const ValueSet& other);
};

/// Reads a cell: empty, `-` or `*` admit everything; `x`, `< x`, `<= x`, `> x`, `>= x`, `[a, b]`,
/// `(a, b)`, `a..b`, `null`, several joined by `|`, `not` in front of one or of a list in
/// parentheses; 'x' is a text whatever it looks like, and so is what YAML quotes, but for a star. A
/// YAML list admits what its items admit. Reports what is wrong at the cell.
std::optional<ValueSet> read_value_set(const Type& type, bool can_be_null,
                                       const std::string& column, const TextCell& cell,
                                       Diagnostics& diagnostics);

/// "[0.00, 3000.00]", "> 3000.00", "12.00".
std::string interval_text(const Type& type, const Interval& interval);

}  // namespace tallymill
