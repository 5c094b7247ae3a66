#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rules/row_loop.h"
#include "rules/rule_code.h"
#include "rules/rule_mutants.h"
#include "rules/rule_plan.h"
#include "rules/watchdog.h"

namespace tallymill {

/// A condition that some test case should have met the other way, or at all.
struct UncoveredCondition {
  SourcePosition where;
  std::string text;
  bool was_true = false, was_false = false;
};

/// Outcomes of conditions: each may be true and false.
struct RuleCoverage {
  std::size_t outcomes = 0;
  std::size_t taken = 0;
  std::vector<UncoveredCondition> uncovered = {};  ///< by place
};

struct MutationScore {
  std::size_t made = 0;
  std::size_t killed = 0;
  std::vector<Mutant> survivors = {};  ///< by place
};

/// A value a condition looked at, for people: "10.01", "'agent'", "null", "***".
struct TraceStep {
  std::size_t condition = 0;  ///< of RuleExam::code()
  bool outcome = false;
  std::string left = {}, right = {};  ///< right: of comparisons only
  json::value left_value = {},
              right_value = {};  ///< as Lua had them; null where they were not plain
};

struct TraceParam {
  std::string name, value;
  SourcePosition where;  ///< of the default; unknown if the value was given
};

/// The path of one row through a rule.
struct RuleTrace {
  std::vector<TraceStep> steps;
  std::int64_t more_steps = 0;
  std::vector<TraceParam> params;  ///< those that were read
  std::string verdict;             ///< "pass", "fail CC04", "warn W", "nothing", "set", ...
  std::string expect;              ///< what a test would expect
  std::string message;
  std::vector<std::pair<std::string, std::string>> values;  ///< of a transform, for people
  json::object raw_values;                                  ///< as a test writes them
};

/// One loaded rule in Lua under examination, in a traced Lua state of its own. Test cases run
/// against the source as it stands; coverage and traces against an instrumented copy; mutants one
/// by one. What does not end within its time counts as failed, or as a killed mutant.
class RuleExam {
 public:
  /// `sensitive`: columns whose values traces do not show. `watchdog` may be null.
  RuleExam(std::shared_ptr<const LoadedRule> rule, const RuleLimits& limits, int currency_scale,
           std::shared_ptr<Watchdog> watchdog, const std::set<std::string>& sensitive = {});
  ~RuleExam();
  RuleExam(const RuleExam&) = delete;
  RuleExam& operator=(const RuleExam&) = delete;

  const LoadedRule& rule() const { return *rule_; }
  const RuleCode& code() const { return code_; }

  std::vector<RuleTest> run_tests();
  /// By the rule's test cases, whether they pass or not.
  RuleCoverage cover();
  /// Expects that the tests pass.
  MutationScore mutate();
  /// `body`: given and params of a test case; of a group rule the rows of a group, and in place
  /// (from 1) the one whose verdict is asked; without it that of all of them. Throws Error(config)
  /// if the rule does not end.
  RuleTrace trace(const json::object& body);

  /// `value` of a column or parameter for people.
  static std::string value_text(const std::optional<Type>& type, const json::value& value);

 private:
  enum class Loaded { none, plain, observed, mutant };
  void load(Loaded what, const std::string& text);
  json::object call(const char* function, const json::object& spec, int cpu_milliseconds);
  json::object spec_of(const json::object& body) const;
  RuleTest run_test(const RuleTestCase& test, int cpu_milliseconds);
  bool kills(const Mutant& mutant, int cpu_milliseconds);
  RuleTrace read_trace(const json::object& answer, const json::object& body) const;

  std::shared_ptr<const LoadedRule> rule_;
  RuleLimits limits_;
  std::shared_ptr<Watchdog> watchdog_;
  std::shared_ptr<WatchSlot> slot_;
  ChunkContext context_;
  LuaState state_;
  RuleCode code_;
  std::set<std::string> sensitive_;
  std::shared_ptr<const RulePlan> plan_;
  Loaded loaded_ = Loaded::none;
};

}  // namespace tallymill
