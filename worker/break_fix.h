#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// The right side of a comparison, as it is called where it stands.
struct FixPlan {
  std::string table;  ///< "schema.table"
  std::vector<std::string> key;
  std::string amount;
  std::vector<Type> types = {};  ///< of the key, then of the amount as the right side has it
  int scale = 0;                 ///< fraction digits of the breaks' amounts
  /// What the comparison multiplied the right side's amounts by, "0.01", and whether it turned
  /// their sign: what is written is scaled back.
  std::string factor = "1";
  bool negates = false;
};

/// One row of the right side that would change.
struct FixChange {
  enum class Kind { insert, update, remove };
  Kind kind = Kind::update;
  std::vector<std::optional<std::string>> key;
  std::optional<std::string> before;  ///< the amount there; of an insert nothing
  std::optional<std::string> after;   ///< the amount of the left side; of a removal nothing
};

struct Fix {
  std::vector<FixChange> changes;
  /// Breaks that several rows of the right side make up, or whose amounts are equal.
  std::int64_t left_out = 0;
  std::int64_t unwritable =
      0;  ///< whose amount the right side's column cannot hold to the last unit
  std::int64_t currencies = 0;  ///< of amounts of two currencies
};

/// From rows of key, left and right amount, rows left and right, and whether the amounts are of two
/// currencies, as text.
Fix fix_of(const FixPlan& plan, const Rows& breaks);

/// An amount of the comparison as the right side's column has it; nothing where it cannot to the
/// last unit.
std::optional<std::string> scaled_back(const FixPlan& plan, const std::string& amount);

/// What was left out and why, a clause each; empty: nothing.
std::string left_out_text(const Fix& fix);

/// One transaction of standard SQL. Each statement finds its row only as it was seen, so a script
/// that is run late, or twice, changes nothing that it does not know. Names are quoted, values are
/// literals in which no quote ends. Throws Error(data) for text that has no such literal.
std::string fix_sql(const FixPlan& plan, const Fix& fix);

/// The same as a table: action, key, amount before and after.
std::string fix_csv(const FixPlan& plan, const Fix& fix);

}  // namespace tallymill
