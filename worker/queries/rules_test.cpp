#include "rules/rule_requirements.h"
#include "rules/rule_runtime.h"
#include "worker/pinned_rule.h"
#include "worker/query.h"

namespace tallymill {
namespace {

json::array results_of(const std::vector<RuleTest>& tests) {
  json::array results;
  for (const RuleTest& test : tests)
    results.push_back({{"name", test.name}, {"passed", test.passed}, {"message", test.message}});
  return results;
}

/// Runs the tests of every rule file the task carries. Needs no DuckDB.
json::value answer(JobContext& context) {
  const Task& task = context.task();
  RuleRuntime runtime(nullptr, {.mode = LuaMode::traced}, task.currency_scale);
  runtime.arm_watchdog(task);
  Diagnostics diagnostics;
  json::array rules;
  for (const auto& [path, file] : task.files) {
    const std::string name = rule_name_of(path);
    if (name.empty()) continue;  // what a rule depends on
    const std::optional<RuleSource> source = pinned_rule(task, name, diagnostics);
    const RuleInfo* rule = source ? runtime.load(*source, diagnostics) : nullptr;
    if (rule == nullptr) continue;
    rules.push_back({{"rule", name},
                     {"file", path},
                     {"kind", to_string(rule->kind)},
                     {"tests", results_of(runtime.run_tests(name))}});
  }
  return json::object{{"rules", std::move(rules)}, {"diagnostics", diagnostics.to_json()}};
}

}  // namespace

void register_rules_test(Registry<Query>& queries) {
  queries.add({.name = "rules_test",
               .summary = "Runs the tests written in rule files: those the task carries.",
               .answer = answer});
}

}  // namespace tallymill
