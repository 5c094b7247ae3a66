#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/diagnostics.h"
#include "rules/rule_plan.h"

namespace tallymill {

/// What rules are bound to: see RuleRuntime::bind().
struct BindRequest {
  std::vector<std::shared_ptr<const LoadedRule>> rules;
  const Schema* row = nullptr;
  const std::map<std::string, std::string>* params = nullptr;
  SourcePosition where;
  int currency_scale = 2;
  RuleLimits limits;
  std::optional<Period> period = {};
  bool takes_tables = true;  ///< false: parameters of tables get their values in another way
};

/// Matches needs with columns and parameters with values; null if something does not fit, which is
/// then reported at `where`.
std::shared_ptr<const RulePlan> make_plan(const BindRequest& request, Diagnostics& diagnostics);

}  // namespace tallymill
