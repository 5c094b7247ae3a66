#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rules/rule_plan.h"

namespace tallymill {

/// A decision table as a rule; null if it is not sound, which was reported.
std::unique_ptr<LoadedRule> load_decision_rule(const RuleSource& source, int currency_scale,
                                               Diagnostics& diagnostics);

/// Runs the `index`-th test written in a table.
RuleTest run_decision_test(const DecisionTable& table, std::size_t index);

/// The table as an SQL function of the columns of `plan`, which binds this one rule; `number` is
/// the rule's in verdicts. It gives a STRUCT of `fields`, as rules in Lua do.
ScalarFunction decision_function(const std::string& name, std::shared_ptr<const RulePlan> plan,
                                 std::size_t number, const std::vector<Column>& fields);
/// Of the same columns: the numbers of all rows that apply, "3, 7"; null where none does.
ScalarFunction decision_hits_function(const std::string& name,
                                      std::shared_ptr<const RulePlan> plan);

}  // namespace tallymill
