#include "rules/rule_exam.h"

#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "core/text.h"
#include "core/utf8.h"
#include "rules/rule_binder.h"
#include "rules/rule_outline.h"
#include "rules/rule_value.h"

namespace tallymill {
namespace {

/// A mutant may take this much CPU time a case, and ten times what the rule itself takes.
constexpr int kMutantMilliseconds = 100;
constexpr std::size_t kLongestValue = 80;

std::shared_ptr<const RulePlan> plan_of(const std::shared_ptr<const LoadedRule>& rule,
                                        const RuleLimits& limits, int currency_scale,
                                        const std::set<std::string>& sensitive) {
  Schema row;
  for (const RuleNeed& need : rule->info.needs)
    row.columns.push_back(
        {.name = need.column, .type = need.type, .sensitive = sensitive.contains(need.column)});
  const std::map<std::string, std::string> no_params;
  BindRequest request;
  request.rules = {rule};
  request.row = &row;
  request.params = &no_params;
  request.currency_scale = currency_scale;
  request.limits = limits;
  request.takes_tables = false;  // a case gives such parameters itself
  Diagnostics none;
  auto plan = make_plan(request, none);
  if (plan == nullptr) throw Error(ErrorClass::bug, none.render());
  return plan;
}

std::string quoted(std::string text) {
  if (text.size() > kLongestValue) {
    std::size_t end = kLongestValue;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end) + "...";
  }
  return "'" + text + "'";
}

/// {kind=, value=} of exam.lua.
json::value plain_value(const json::object& operand) {
  const json::value* value = operand.if_contains("value");
  return value == nullptr ? json::value() : *value;
}

std::string operand_text(const std::optional<Type>& type, const json::object& operand) {
  const std::string kind = json_text(operand, "kind");
  if (kind == "nil") return "null";
  if (kind == "table" || kind == "function") return "a " + kind;
  return RuleExam::value_text(type, plain_value(operand));
}

}  // namespace

std::string RuleExam::value_text(const std::optional<Type>& type, const json::value& value) {
  if (value.is_null()) return "null";
  if (value.is_string()) {
    const std::string_view text = value.get_string();
    return is_valid_utf8(text) ? quoted(std::string(text)) : "a text that is not UTF-8";
  }
  if (type && value.is_number() && lua_value_problem(*type, value).empty())
    return lua_value_text(*type, value);
  return lua_value_kind(value);
}

RuleExam::RuleExam(std::shared_ptr<const LoadedRule> rule, const RuleLimits& limits,
                   int currency_scale, std::shared_ptr<Watchdog> watchdog,
                   const std::set<std::string>& sensitive)
    : rule_(std::move(rule)),
      limits_(limits),
      watchdog_(std::move(watchdog)),
      slot_(std::make_shared<WatchSlot>()),
      state_(LuaMode::traced, limits.memory_bytes, currency_scale),
      code_(*rule_, currency_scale, sensitive),
      sensitive_(sensitive),
      plan_(plan_of(rule_, limits, currency_scale, sensitive)) {
  slot_->row = &context_.row;
  slot_->rule = &context_.rule;
  slot_->last_line = &state_.last_line();
  slot_->titles = {rule_title(rule_->source)};
  if (watchdog_ != nullptr) watchdog_->watch(slot_);
}

RuleExam::~RuleExam() {
  if (watchdog_ != nullptr) watchdog_->forget(slot_);
}

/// Calls the engine with limits on. Throws Error(config); state_.is_expired() says whether time
/// was over.
json::object RuleExam::call(const char* function, const json::object& spec, int cpu_milliseconds) {
  const bool is_load = std::string_view(function) == "load";
  state_.begin_rules(cpu_milliseconds);
  slot_->begin(is_load ? WatchSlot::Activity::loading : WatchSlot::Activity::testing);
  const auto end = [&] {
    slot_->end();
    state_.end_rules();
  };
  try {
    json::object answer = state_.call(function, spec).as_object();
    end();
    return answer;
  } catch (const Error&) {
    end();
    state_.collect_garbage();
    throw;
  }
}

void RuleExam::load(Loaded what, const std::string& text) {
  if (what == loaded_ && what != Loaded::mutant) return;
  loaded_ = Loaded::none;
  const json::object answer = call("load",
                                   {{"name", rule_->source.key()},
                                    {"file", rule_->source.file},
                                    {"text", text},
                                    {"observed", what == Loaded::observed}},
                                   limits_.cpu_milliseconds);
  if (!answer.contains("description"))
    throw Error(what == Loaded::observed ? ErrorClass::bug : ErrorClass::config,
                rule_title(rule_->source) +
                    " does not load: " + json_text_or(answer, "error", "it has problems"));
  loaded_ = what;
}

json::object RuleExam::spec_of(const json::object& body) const {
  json::object spec = plan_->batch_spec(plan_->batches.front(), LuaMode::traced, 0);
  spec["case"] = body;
  json::array conditions;
  for (std::size_t i = 0; i < code_.conditions().size(); ++i)
    conditions.push_back({{"number", i}, {"op", code_.conditions()[i].op}});
  spec["conditions"] = std::move(conditions);
  return spec;
}

RuleTest RuleExam::run_test(const RuleTestCase& test, int cpu_milliseconds) {
  RuleTest result{rule_->info.name, test.name, false, "", test.where};
  try {
    const json::object answer = call("run_test", spec_of(test.body), cpu_milliseconds);
    result.passed = json_boolean(answer, "passed");
    result.message = json_text(answer, "message");
  } catch (const Error& error) {
    result.message = state_.is_expired()
                         ? "did not finish within " +
                               format_duration(std::chrono::milliseconds(cpu_milliseconds)) +
                               " of CPU; it was last seen at " + rule_->info.file + ":" +
                               std::to_string(state_.last_line().load())
                         : error.message();
  }
  return result;
}

std::vector<RuleTest> RuleExam::run_tests() {
  load(Loaded::plain, rule_->source.text);
  std::vector<RuleTest> results;
  for (std::size_t i = 0; i < rule_->cases.size(); ++i) {
    context_.row = static_cast<std::int32_t>(i);
    results.push_back(run_test(rule_->cases[i], limits_.cpu_milliseconds));
  }
  return results;
}

RuleCoverage RuleExam::cover() {
  const auto& conditions = code_.conditions();
  RuleCoverage coverage{.outcomes = 2 * conditions.size()};
  std::vector<std::pair<bool, bool>> taken(conditions.size());
  if (!conditions.empty() && !rule_->cases.empty()) {
    load(Loaded::observed, code_.instrumented());
    for (const RuleTestCase& test : rule_->cases) {
      try {
        const json::object answer = call("count", spec_of(test.body), limits_.cpu_milliseconds);
        for (const json::value& item : json_at(answer, "counts").as_array()) {
          const json::object& count = item.as_object();
          auto& [yes, no] = taken[static_cast<std::size_t>(json_integer(count, "number"))];
          yes = yes || json_integer(count, "yes") > 0;
          no = no || json_integer(count, "no") > 0;
        }
      } catch (const Error&) {  // run_tests() tells of it
      }
    }
  }
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const auto [yes, no] = taken[i];
    coverage.taken += (yes ? 1U : 0U) + (no ? 1U : 0U);
    if (!yes || !no)
      coverage.uncovered.push_back({conditions[i].where, conditions[i].text, yes, no});
  }
  std::sort(coverage.uncovered.begin(), coverage.uncovered.end(),
            [](const auto& a, const auto& b) { return a.where < b.where; });
  return coverage;
}

bool RuleExam::kills(const Mutant& mutant, int cpu_milliseconds) {
  try {
    load(Loaded::mutant, mutant.text);
  } catch (const Error&) {
    return true;
  }
  return std::any_of(rule_->cases.begin(), rule_->cases.end(), [&](const RuleTestCase& test) {
    return !run_test(test, cpu_milliseconds).passed;
  });
}

MutationScore RuleExam::mutate() {
  const std::vector<Mutant> mutants = make_mutants(code_);
  MutationScore score{.made = mutants.size()};
  if (rule_->cases.empty()) return score;
  const std::int64_t start = thread_cpu_ns();
  run_tests();
  const auto took = static_cast<int>((thread_cpu_ns() - start) / 1'000'000);
  const int limit = std::min(limits_.cpu_milliseconds, std::max(kMutantMilliseconds, 10 * took));
  for (const Mutant& mutant : mutants) {
    if (kills(mutant, limit))
      ++score.killed;
    else
      score.survivors.push_back(mutant);
  }
  return score;
}

RuleTrace RuleExam::trace(const json::object& body) {
  load(Loaded::observed, code_.instrumented());
  try {
    return read_trace(call("trace", spec_of(body), limits_.cpu_milliseconds), body);
  } catch (const Error& error) {
    if (!state_.is_expired()) throw;
    throw Error(ErrorClass::config,
                slot_->titles.front() + " did not finish within " +
                    format_duration(std::chrono::milliseconds(limits_.cpu_milliseconds)) +
                    " of CPU; it was last seen at " + rule_->info.file + ":" +
                    std::to_string(state_.last_line().load()) +
                    "; look for a loop that never ends");
  }
}

RuleTrace RuleExam::read_trace(const json::object& answer, const json::object& body) const {
  RuleTrace trace;
  trace.more_steps = json_integer(answer, "more");
  if (const json::array* steps = json_at(answer, "steps").if_array()) {
    for (const json::value& item : *steps) {
      const json::object& met = item.as_object();
      TraceStep step{.condition = static_cast<std::size_t>(json_integer(met, "number")),
                     .outcome = json_boolean(met, "outcome")};
      const RuleCondition& condition = code_.conditions().at(step.condition);
      const auto read = [&](const char* side, std::string& text, json::value& value) {
        const json::object& operand = json_at(met, side).as_object();
        value = plain_value(operand);
        text =
            condition.is_clear ? operand_text(condition.type, operand) : std::string(kMaskedValue);
      };
      read("left", step.left, step.left_value);
      if (condition.is_comparison) read("right", step.right, step.right_value);
      trace.steps.push_back(std::move(step));
    }
  }
  const json::value* given = body.if_contains("params");
  for (const auto& entry : json_at(answer, "params").as_object()) {
    const std::string name(entry.key());
    const auto type = rule_->param_types.find(name);
    const bool is_given =
        given != nullptr && given->is_object() && given->get_object().contains(name);
    trace.params.push_back(
        {name,
         operand_text(type == rule_->param_types.end() ? std::nullopt : std::optional(type->second),
                      entry.value().as_object()),
         is_given
             ? SourcePosition()
             : RuleOutline(rule_->source.file, rule_->source.text).position("params." + name)});
  }
  trace.message = json_text_or(answer, "message", "");
  trace.expect = json_text(answer, "what");
  trace.verdict = trace.expect;
  const bool finds = rule_->info.kind == RuleKind::check || rule_->info.kind == RuleKind::group;
  if (finds && answer.contains("state") && trace.expect != "not_applicable")
    trace.verdict = json_text(answer, "state") + " " + trace.expect;
  const json::object& values = json_at(answer, "values").as_object();
  for (const Column& column : rule_->info.returns) {
    const json::value* kept = values.if_contains(column.name);
    if (kept == nullptr) continue;
    json::value value = *kept;
    if (column.type.kind == TypeKind::ratio) value = value.to_number<double>() / 1e9;
    trace.values.emplace_back(column.name, value_text(column.type, value));
    trace.raw_values[column.name] = std::move(value);
  }
  return trace;
}

}  // namespace tallymill
