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
  std::vector<Type> types = {};  ///< of the key, then of the amount
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
};

/// From rows of key, left and right amount, rows left and right, as text.
Fix fix_of(const FixPlan& plan, const Rows& breaks);

/// One transaction of standard SQL. Each statement finds its row only as it was seen, so a script
/// that is run late, or twice, changes nothing that it does not know. Names are quoted, values are
/// literals in which no quote ends. Throws Error(data) for text that has no such literal.
std::string fix_sql(const FixPlan& plan, const Fix& fix);

/// The same as a table: action, key, amount before and after.
std::string fix_csv(const FixPlan& plan, const Fix& fix);

}  // namespace tallymill
