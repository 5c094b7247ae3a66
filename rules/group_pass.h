#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/rule_plan.h"
#include "rules/rule_runtime.h"
#include "rules/watchdog.h"

namespace tallymill {

/// A group rule bound to rows: it sees all rows of one key at once, in their declared order. run()
/// reads a relation once, sorted, on one thread, and keeps what the rule said; expression() then
/// finds it from a row. Key and order together must tell rows apart, so that the order of a file
/// never decides: rows that tie are Error(data).
class GroupPass {
 public:
  /// `columns`: those of the plan as SQL over a row, a parameter of a table as what the row's org
  /// gives; `params`: those, for people. `table`: a name of its own in the engine.
  GroupPass(std::shared_ptr<const RulePlan> plan, std::shared_ptr<Watchdog> watchdog,
            std::vector<std::string> columns, std::vector<RuleCall::Param> params,
            std::string table);
  ~GroupPass();

  /// `where`: SQL condition; other rows are in no group. Empty: all rows. A row with a null in a
  /// column the rule needs without '?' is in no group either. Call once, before expression() is
  /// evaluated.
  void run(Engine& engine, const std::string& relation, const std::string& where);

  /// Verdicts about a row of the relation as bind() gives them; null where there are none.
  const std::string& expression() const { return expression_; }
  const std::vector<RuleCall::Param>& params() const { return params_; }

 private:
  std::string sorted(const std::string& relation, const std::string& where,
                     const std::string& items) const;
  std::vector<std::string> names(const std::vector<std::string>& columns) const;

  std::shared_ptr<const RulePlan> plan_;
  std::shared_ptr<Watchdog> watchdog_;
  std::vector<std::string> columns_;
  std::vector<RuleCall::Param> params_;
  std::string table_;
  std::string expression_;
};

}  // namespace tallymill
