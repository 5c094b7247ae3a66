#include "core/error.h"
#include "rules/rule_exam.h"
#include "rules/rule_requirements.h"
#include "rules/rule_runtime.h"
#include "rules/rule_suggestions.h"
#include "worker/pinned_rule.h"
#include "worker/pinned_table.h"
#include "worker/query.h"

namespace tallymill {
namespace {

constexpr std::string_view kTableNote =
    "a decision table has no branches to count and no source to put mistakes in";
constexpr std::string_view kGroupNote = "cases are not suggested for group rules";

json::object place_of(const SourcePosition& where) {
  return {{"file", where.file},
          {"line", where.line},
          {"column", where.column},
          {"length", where.length}};
}

json::array tests_json(const std::vector<RuleTest>& tests) {
  json::array results;
  for (const RuleTest& test : tests) {
    json::object item{{"name", test.name}, {"passed", test.passed}, {"message", test.message}};
    for (auto& entry : place_of(test.where)) item[entry.key()] = entry.value();
    results.push_back(std::move(item));
  }
  return results;
}

json::object coverage_json(const RuleCoverage& coverage) {
  json::array uncovered;
  for (const UncoveredCondition& condition : coverage.uncovered) {
    json::object item = place_of(condition.where);
    item["condition"] = condition.text;
    item["was_true"] = condition.was_true;
    item["was_false"] = condition.was_false;
    uncovered.push_back(std::move(item));
  }
  return {{"outcomes", coverage.outcomes},
          {"taken", coverage.taken},
          {"uncovered", std::move(uncovered)}};
}

json::object mutants_json(const MutationScore& score) {
  json::array survivors;
  for (const Mutant& mutant : score.survivors) {
    json::object item = place_of(mutant.where);
    item["change"] = mutant.change;
    item["before"] = mutant.before;
    item["after"] = mutant.after;
    survivors.push_back(std::move(item));
  }
  return {{"made", score.made}, {"killed", score.killed}, {"survivors", std::move(survivors)}};
}

json::array suggestions_json(RuleExam& exam) {
  json::array cases;
  for (const SuggestedCase& made : suggest_cases(exam)) {
    json::object item = place_of(made.where);
    item["about"] = made.about;
    item["lua"] = made.lua;
    item["yaml"] = made.yaml;
    cases.push_back(std::move(item));
  }
  return cases;
}

bool all_passed(const std::vector<RuleTest>& tests) {
  for (const RuleTest& test : tests)
    if (!test.passed) return false;
  return true;
}

json::object heading_of(const RuleInfo& info) {
  return {{"rule", info.name}, {"file", info.file}, {"kind", to_string(info.kind)}};
}

/// {"rule", "file", "kind", "tests", "coverage", "mutants"}; mutants: null if not wanted, or if
/// tests fail, because then nothing is noticed by a test that was good before. With `suggest`
/// cases to paste instead. "note" says what is not there, and why.
json::object examined(RuleExam& exam, const json::object& question) {
  json::object answer = heading_of(exam.rule().info);
  if (question.contains("suggest")) {
    answer["suggestions"] = suggestions_json(exam);
    if (exam.rule().info.kind == RuleKind::group) {
      answer["note"] = kGroupNote;
    } else if (answer["suggestions"].as_array().empty()) {
      const RuleCoverage coverage = exam.cover();
      const std::size_t open = coverage.outcomes - coverage.taken;
      if (open > 0)
        answer["note"] = std::to_string(open) + (open == 1 ? " outcome" : " outcomes") +
                         " of its conditions no test takes, and no change of one value makes a "
                         "case of it; 'tallymill rules test' says which";
    }
    return answer;
  }
  const std::vector<RuleTest> tests = exam.run_tests();
  answer["tests"] = tests_json(tests);
  answer["coverage"] = coverage_json(exam.cover());
  answer["mutants"] = nullptr;
  if (question.contains("mutants") && all_passed(tests))
    answer["mutants"] = mutants_json(exam.mutate());
  return answer;
}

/// The same of a decision table.
json::object examined_table(const RuleInfo& info, const std::vector<RuleTest>& tests,
                            const json::object& question) {
  json::object answer = heading_of(info);
  answer["note"] = kTableNote;
  if (question.contains("suggest")) {
    answer["suggestions"] = json::array();
    return answer;
  }
  answer["tests"] = tests_json(tests);
  answer["coverage"] = coverage_json({});
  answer["mutants"] = nullptr;
  return answer;
}

/// Examines every rule file the task carries, with its table of tests if the task has that, too.
/// The question: {"mutants": true, "suggest": true}, both optional. Needs no DuckDB.
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
    const std::string table = "tests/rules/" + name + "_test.yaml";
    if (const auto text = read_pinned(task, table))
      runtime.add_test_table(name, table, *text, diagnostics);
    const json::object& question = task.spec.as_object();
    if (const auto exam = runtime.examine(name))
      rules.push_back(examined(*exam, question));
    else
      rules.push_back(examined_table(*rule, runtime.run_tests(name), question));
  }
  return json::object{{"rules", std::move(rules)}, {"diagnostics", diagnostics.to_json()}};
}

}  // namespace

void register_rules_test(Registry<Query>& queries) {
  queries.add({.name = "rules_test",
               .summary = "Tests, coverage and mutants of rules: those the task carries.",
               .answer = answer});
}

}  // namespace tallymill
