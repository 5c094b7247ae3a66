#pragma once

#include <memory>

#include "core/diagnostics.h"
#include "core/json.h"
#include "rules/param_table.h"
#include "rules/rule_file.h"
#include "rules/rule_outline.h"

namespace tallymill {

/// Judges what lua/engine/describe.lua tells of a rule file: its kind, and whether each field is
/// what the kind allows. Every problem goes to `diagnostics`, at the place the outline knows; the
/// rule can be used only if there was none. `tables`: the parameter tables it depends on, by name;
/// null where one is not sound, which was reported.
std::unique_ptr<LoadedRule> judge_rule(const RuleSource& source, const json::object& description,
                                       const RuleOutline& outline, const ParamTables& tables,
                                       int currency_scale, Diagnostics& diagnostics);

/// Judges the `tests` field (null: there is none) against the needs `rule` has already, and names
/// the tests in it.
void judge_rule_tests(const json::value* tests, const RuleOutline& outline, LoadedRule& rule,
                      Diagnostics& diagnostics);

}  // namespace tallymill
