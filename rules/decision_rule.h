#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/rule_plan.h"

namespace tallymill {

/// A decision table as a rule; null if it is not sound, which was reported.
std::unique_ptr<LoadedRule> load_decision_rule(const RuleSource& source, int currency_scale,
                                               Diagnostics& diagnostics);

/// Runs the tests of a table.
std::vector<RuleTest> run_decision_tests(const DecisionTable& table);

/// What a table says about one fact, and by which of its rows.
struct DecisionTrace {
  struct Row {
    std::size_t number = 0;  ///< from 1
    SourcePosition where;
  };
  std::vector<Row> rows;  ///< that apply and count
  std::string verdict;    ///< as RuleTrace has it
  std::string message;
  std::vector<std::pair<std::string, std::string>> values;  ///< of a transform, for people
};

/// `given`: values of inputs as Lua has them; those of `sensitive` inputs are not shown.
DecisionTrace trace_decision(const DecisionTable& table, const json::object& given,
                             const std::set<std::string>& sensitive);

/// The table as an SQL function of the columns of `plan`, which binds this one rule; `number` is
/// the rule's in verdicts. It gives a STRUCT of `fields`, as rules in Lua do.
ScalarFunction decision_function(const std::string& name,
                                 const std::shared_ptr<const RulePlan>& plan, std::size_t number,
                                 const std::vector<Column>& fields);
/// Of the same columns: the numbers of all rows that apply, "3, 7"; null where none does.
ScalarFunction decision_hits_function(const std::string& name,
                                      std::shared_ptr<const RulePlan> plan);

}  // namespace tallymill
