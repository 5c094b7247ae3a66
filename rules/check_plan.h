#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rules/check_suite.h"

namespace tallymill {

class GroupPass;

/// How much money (or whatever a column counts) may stand in failing rows.
struct AmountLimit {
  std::string column;
  int scale = 0;
  std::optional<Int128> most;         ///< in units of the scale
  std::optional<std::int64_t> ratio;  ///< of the amount of the rows checked, in units of 10^-9
};

/// A check of a suite after planning.
struct PlannedCheck {
  const SuiteCheck* check = nullptr;
  CheckPlan plan;
  std::string where;  ///< bound SQL; empty: every row
  std::optional<AmountLimit> amount;
  bool is_masked = false;     ///< looks at a sensitive column: none of its values may be shown
  std::size_t rule_call = 0;  ///< of a RuleFinding: index into PlannedSuite::rule_calls
  std::size_t rule_slot = 0;  ///< the rule's place in that call

  const CheckSettings& settings() const { return check->settings; }
};

/// A group rule, which is run over the dataset before the scan.
struct GroupRun {
  std::shared_ptr<GroupPass> pass;
  std::string where;  ///< bound SQL; other rows are in no group
};

/// A suite that fits its dataset. Keeps pointers into the suite it was made from.
struct PlannedSuite {
  std::vector<PlannedCheck> checks;
  std::vector<std::string> rule_calls;  ///< SQL that gives the verdicts of several rules at once
  std::vector<GroupRun> group_runs;     ///< what calls of group rules read
};

/// Plans every check and binds the rules: all run in one call, in one loop over the rows; only a
/// rule that is used a second time (with other parameters or another `where`) needs a second call.
/// Problems go to context.diagnostics(); the result is usable only if
/// there are none.
PlannedSuite plan_suite(const std::vector<SuiteCheck>& suite, CheckContext& context);

}  // namespace tallymill
