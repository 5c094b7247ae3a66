#pragma once

#include <map>
#include <string>

#include "core/diagnostics.h"
#include "datasets/type.h"
#include "rules/rule_outline.h"

namespace tallymill {

/// What the lint knows about the names of one rule.
struct LintNames {
  std::map<std::string, Type, std::less<>> needs;
  std::map<std::string, Type, std::less<>> returns;
  std::map<std::string, Type, std::less<>> params;
  int currency_scale = 2;
};

/// Looks for arithmetic that mixes units: money or a decimal compared or added with a bare number
/// other than 0, money times money, money with a ratio; and for `{names}` in messages that the row
/// does not have. Follows `local x = row.gift`, parentheses and t.round; what passes through tables
/// or functions of the file it cannot see (docs/rules/check.md).
void lint_rule(const RuleOutline& outline, const LintNames& names, Diagnostics& diagnostics);

/// Warns of columns in needs that the file never reads. For rules that are sound otherwise; silent
/// where columns may be read by names made at run time.
void warn_of_unread_columns(const RuleOutline& outline, const LintNames& names,
                            Diagnostics& diagnostics);

}  // namespace tallymill
