#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "rules/decision_table.h"
#include "rules/lua_state.h"
#include "rules/rule_runtime.h"

namespace tallymill {

/// One case of a rule's tests, written in its file or in a table beside it.
struct RuleTestCase {
  std::string name;  ///< "test 2", or its `name`
  SourcePosition where;
  /// given, params, expect, message, and of a table's columns that must be null expect_null; values
  /// as Lua has them.
  json::object body;
};

/// A rule file that was run, judged and found sound.
struct LoadedRule {
  RuleSource source;
  RuleInfo info;
  int function_line = 1;
  std::map<std::string, Type> param_types;          ///< where a literal or t.param tells the type
  std::vector<std::string> allowed;                 ///< labels, drivers, bands ...; empty: any
  std::vector<std::string> key, order;              ///< group: columns of needs
  bool many = false;                                ///< classify: a row may have several labels
  Type points = Type::integer();                    ///< score: the type of its number
  std::vector<RuleTestCase> cases;                  ///< of a rule in Lua; a table has its own
  std::shared_ptr<const DecisionTable> table = {};  ///< of a rule that is one; null: it is Lua
};

/// Runs `source` in `state` and judges its table; every problem goes to `diagnostics` with its
/// place. Null if there was one.
std::unique_ptr<LoadedRule> load_rule_file(LuaState& state, const RuleSource& source,
                                           int currency_scale, int cpu_milliseconds,
                                           Diagnostics& diagnostics);

}  // namespace tallymill
