#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/time/period.h"
#include "datasets/engine.h"
#include "rules/param_table.h"

namespace tallymill {

/// A parameter of a rule whose value stands in a parameter table, by the org of the row.
struct ParamLookup {
  std::string param;
  Type type;
  std::string by;  ///< the row's column of orgs
  std::shared_ptr<const ParamTable> table;
  std::size_t column = 0;               ///< of the table
  std::optional<TypedValue> otherwise;  ///< the rule's own default, where no row holds
  std::string rule_file;

  /// Equal where they give the same value to every row, for rules that share their columns.
  std::string key() const;
};

/// An SQL function of the org that gives the value; null where none holds, and always while the
/// period is not known. An org is looked up once, not once per row.
ScalarFunction param_value_function(const std::string& name, const ParamLookup& lookup,
                                    const std::optional<Period>& period);
/// An SQL function of the org that tells where the value comes from: "from 2026-01 (org B02,
/// params/high_value.csv:4)".
ScalarFunction param_origin_function(const std::string& name, const ParamLookup& lookup,
                                     const std::optional<Period>& period);

}  // namespace tallymill
