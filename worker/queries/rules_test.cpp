#include "rules/rule_runtime.h"
#include "worker/pinned_table.h"
#include "worker/query.h"

namespace tallymill {
namespace {

constexpr std::string_view kFolder = "rules/";
constexpr std::string_view kExtension = ".lua";

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
    const std::string name =
        path.substr(kFolder.size(), path.size() - kFolder.size() - kExtension.size());
    const RuleInfo* rule = runtime.load(
        {.name = name, .file = path, .text = read_pinned(task, path).value()}, diagnostics);
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
