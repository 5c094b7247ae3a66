#include "rules/rule_runtime.h"

#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "rules/decision_rule.h"
#include "rules/group_pass.h"
#include "rules/rule_binder.h"
#include "rules/rule_exam.h"
#include "rules/rule_set.h"
#include "rules/test_table.h"
#include "rules/verdict_codec.h"

namespace tallymill {
namespace {

/// Writes what a check said: one text a row, null where every rule passed. `numbers`: of the rules
/// in what was bound.
void write_verdicts(const ChunkResult& result, const std::vector<std::size_t>& numbers,
                    std::size_t rows, ColumnWriter& writer) {
  ColumnWriter verdicts = writer.field(0);
  verdicts.set_all_null(rows);
  std::string text;
  std::vector<Finding> findings;
  for (std::size_t next = 0; next < result.findings.size();) {
    const std::size_t first = next;
    const std::uint32_t row = result.findings[first].row;
    while (next < result.findings.size() && result.findings[next].row == row) ++next;
    findings.assign(&result.findings[first], &result.findings[next]);
    for (Finding& finding : findings)
      finding.rule = static_cast<std::uint32_t>(numbers[finding.rule]);
    encode_verdicts(findings, text);
    verdicts.set_valid(row);
    verdicts.set_text(row, text);
  }
}

void write_value(const Type& type, const OutputColumn& output, std::size_t row,
                 ColumnWriter& writer) {
  switch (type.kind) {
    case TypeKind::text:
      writer.set_text(row, output.texts[row]);
      return;
    case TypeKind::date:
      writer.as<std::int32_t>()[row] = static_cast<std::int32_t>(output.numbers[row]);
      return;
    case TypeKind::boolean:
      writer.as<bool>()[row] = output.numbers[row] != 0;
      return;
    default:
      if (type.is_decimal() && type.precision > 18)
        writer.as<Int128>()[row] = output.numbers[row];
      else
        writer.as<std::int64_t>()[row] = output.numbers[row];
  }
}

/// Writes the columns of a value kind, then error and not_applicable.
void write_outputs(const RulePlan& plan, const ChunkResult& result, std::size_t rows,
                   ColumnWriter& writer) {
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    ColumnWriter column = writer.field(i);
    const OutputColumn& output = result.outputs[i];
    for (std::size_t row = 0; row < rows; ++row) {
      if (output.is_null[row] != 0)
        column.set_null(row);
      else
        write_value(plan.outputs[i].type, output, row, column);
    }
  }
  ColumnWriter errors = writer.field(plan.outputs.size());
  errors.set_all_null(rows);
  ColumnWriter not_applicable = writer.field(plan.outputs.size() + 1);
  std::size_t next = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    std::optional<std::string_view> error;
    bool is_skipped = false;
    for (; next < result.findings.size() && result.findings[next].row == row; ++next) {
      const Finding& finding = result.findings[next];
      if (finding.state == Verdict::State::not_applicable) is_skipped = true;
      if (finding.state == Verdict::State::error && !error) error = finding.message;
    }
    if (error) {
      errors.set_valid(row);
      errors.set_text(row, *error);
    }
    not_applicable.as<bool>()[row] = is_skipped;
  }
}

ScalarFunction make_function(const std::string& name, const std::shared_ptr<RuleSet>& set,
                             const std::vector<std::size_t>& numbers,
                             const std::vector<Column>& fields) {
  ScalarFunction function{.name = name, .parameters = set->plan().argument_types()};
  function.result = fields;
  function.result_is_struct = true;
  function.evaluate = [set, numbers](std::span<const ColumnView> arguments, std::size_t rows,
                                     ColumnWriter& writer) {
    set->evaluate(arguments, rows, [&](const ChunkResult& result) {
      if (set->plan().kind == RuleKind::check)
        write_verdicts(result, numbers, rows, writer);
      else
        write_outputs(set->plan(), result, rows, writer);
    });
  };
  return function;
}

std::string text_function_name(const std::string& name, const PlanColumn& column) {
  return name + "_text_" + std::to_string(column.argument);
}

ScalarFunction make_text_function(const std::string& name, const PlanColumn& column) {
  ScalarFunction function;
  function.name = text_function_name(name, column);
  function.parameters = {Type::text()};
  function.result = {{.name = "number", .type = Type::integer()}};
  function.evaluate = [codes = column.codes](std::span<const ColumnView> arguments,
                                             std::size_t rows, ColumnWriter& writer) {
    codes->encode(arguments[0], rows, writer.as<std::int64_t>());
  };
  return function;
}

/// The column as SQL over the row: of a parameter, what the org gives.
std::string column_sql(const std::string& name, const PlanColumn& column) {
  if (!column.lookup) return quote_identifier(column.name);
  return name + "_param_" + std::to_string(column.argument) + "(" +
         quote_identifier(column.lookup->by) + ")";
}

void add_lookup(Engine& engine, const std::string& name, const RulePlan& plan,
                const PlanColumn& column, RuleCall& call) {
  const std::string function = name + "_param_" + std::to_string(column.argument);
  engine.add_function(param_value_function(function, *column.lookup, plan.period));
  engine.add_function(param_origin_function(function + "_origin", *column.lookup, plan.period));
  const std::string org = "(" + quote_identifier(column.lookup->by) + ")";
  for (const PlanColumn::Feed& feed : column.feeds)
    call.params.push_back({plan.rules[feed.rule].rule->info.name, feed.param, function + org,
                           function + "_origin" + org});
}

/// A text goes in by number, and as itself only where it has none: see TextCodes.
std::string call_text(const std::string& name, const RulePlan& plan) {
  std::vector<std::string> arguments;
  for (const PlanColumn& column : plan.columns) {
    const std::string quoted = column_sql(name, column);
    if (!is_text(column.type)) {
      arguments.push_back(quoted);
      continue;
    }
    const std::string number = text_function_name(name, column) + "(" + quoted + ")";
    arguments.push_back(number);
    arguments.push_back("case when " + number + " = " + std::to_string(TextCodes::kUnknown) +
                        " then " + quoted + " end");
  }
  if (plan.has_provenance)
    for (const std::string_view column : {kSourceColumn, kLineColumn})
      arguments.push_back(quote_identifier(column));
  return name + "(" + join(arguments, ", ") + ")";
}

std::vector<Column> fields_of(const RulePlan& plan) {
  if (plan.kind == RuleKind::check) return {{.name = "verdicts", .type = Type::text()}};
  std::vector<Column> fields = plan.outputs;
  fields.push_back({.name = "error", .type = Type::text()});
  fields.push_back({.name = "not_applicable", .type = Type::boolean()});
  return fields;
}

/// Checks as one call: what they say stands behind each other.
RuleCall together(const std::vector<RuleCall>& calls) {
  RuleCall all;
  all.fields = calls.front().fields;
  std::vector<std::string> verdicts;
  for (const RuleCall& call : calls) {
    verdicts.push_back("coalesce(struct_extract(" + call.expression + ", 'verdicts'), '')");
    all.params.insert(all.params.end(), call.params.begin(), call.params.end());
  }
  all.expression = "struct_pack(verdicts := nullif(" + join(verdicts, " || ") + ", ''))";
  return all;
}

}  // namespace

struct RuleRuntime::State {
  Engine* engine = nullptr;
  RuleLimits limits;
  int currency_scale = 2;
  std::shared_ptr<Watchdog> watchdog;
  /// Loads files: traced, so that a file that never ends is an error with its line.
  std::unique_ptr<LuaState> loader;
  std::shared_ptr<WatchSlot> loader_slot = std::make_shared<WatchSlot>();
  ChunkContext loader_context;
  std::map<std::string, std::shared_ptr<const LoadedRule>> rules;  ///< by key; null: unsound
  std::map<std::string, RuleSource> sources;                       ///< that they were loaded from
  std::vector<std::shared_ptr<const LoadedRule>> replaced;         ///< others may point to them
  std::vector<std::shared_ptr<const RuleSet>> sets;                ///< as they were bound
  std::optional<Period> period;
  int functions = 0;

  LuaState& open_loader() {
    if (loader != nullptr) return *loader;
    loader = std::make_unique<LuaState>(LuaMode::traced, limits.memory_bytes, currency_scale);
    loader_slot->row = &loader_context.row;
    loader_slot->rule = &loader_context.rule;
    loader_slot->last_line = &loader->last_line();
    loader_slot->titles.resize(1);
    if (watchdog != nullptr) watchdog->watch(loader_slot);
    return *loader;
  }

  std::shared_ptr<const LoadedRule>& loaded(const std::string& rule) {
    const auto found = rules.find(rule);
    if (found == rules.end() || found->second == nullptr)
      throw Error(ErrorClass::bug, "rule '" + rule + "' is asked for, but not loaded");
    return found->second;
  }

  /// Without its rules.
  BindRequest request_for(const Schema& row, const std::map<std::string, std::string>& params,
                          const SourcePosition& where) const {
    BindRequest request;
    request.row = &row;
    request.params = &params;
    request.where = where;
    request.currency_scale = currency_scale;
    request.limits = limits;
    request.period = period;
    return request;
  }

  std::optional<RuleCall> bind_all(BindRequest request, Diagnostics& diagnostics);
  std::optional<RuleCall> bind_lua(const BindRequest& request,
                                   const std::vector<std::size_t>& numbers,
                                   Diagnostics& diagnostics);
  std::optional<RuleCall> bind_table(const BindRequest& request, std::size_t number,
                                     Diagnostics& diagnostics);
};

RuleRuntime::RuleRuntime(Engine* engine, RuleLimits limits, int currency_scale)
    : state_(std::make_unique<State>()) {
  // Zero would mean no limit to the watchdog and no memory to Lua: never by accident.
  if (limits.memory_bytes <= 0 || limits.cpu_milliseconds <= 0)
    throw Error(ErrorClass::bug, "the limits of rules must be above zero");
  state_->engine = engine;
  state_->limits = limits;
  state_->currency_scale = currency_scale;
}

RuleRuntime::~RuleRuntime() {
  if (state_->watchdog != nullptr) state_->watchdog->forget(state_->loader_slot);
}

void RuleRuntime::set_period(const Period& period) { state_->period = period; }

void RuleRuntime::arm_watchdog(const Task& task) {
  state_->watchdog = std::make_shared<Watchdog>(task, state_->limits.cpu_milliseconds);
  if (state_->loader != nullptr) state_->watchdog->watch(state_->loader_slot);
}

const RuleInfo* RuleRuntime::load(const RuleSource& source, Diagnostics& diagnostics) {
  const RuleSource& before = state_->sources[source.key()];
  if (const auto known = state_->rules.find(source.key());
      known != state_->rules.end() && before.text == source.text && before.files == source.files)
    return known->second == nullptr ? nullptr : &known->second->info;
  LuaState& loader = state_->open_loader();
  state_->loader_slot->titles[0] = rule_title(source);
  state_->loader_slot->begin(WatchSlot::Activity::loading);
  auto rule = source.file.ends_with(".lua")
                  ? load_rule_file(loader, source, state_->currency_scale,
                                   state_->limits.cpu_milliseconds, diagnostics)
                  : load_decision_rule(source, state_->currency_scale, diagnostics);
  state_->loader_slot->end();
  std::shared_ptr<const LoadedRule>& kept = state_->rules[source.key()];
  if (kept != nullptr) state_->replaced.push_back(kept);
  kept = std::move(rule);
  state_->sources[source.key()] = source;
  return kept == nullptr ? nullptr : &kept->info;
}

std::optional<RuleCall> RuleRuntime::bind(const std::vector<std::string>& rules, const Schema& row,
                                          const std::map<std::string, std::string>& params,
                                          const SourcePosition& where, Diagnostics& diagnostics) {
  BindRequest request = state_->request_for(row, params, where);
  for (const std::string& name : rules) {
    const auto found = state_->rules.find(name);
    if (found == state_->rules.end())
      throw Error(ErrorClass::bug, "rule '" + name + "' is bound before it is loaded");
    if (found->second == nullptr) return std::nullopt;  // its problems were reported at load
    request.rules.push_back(found->second);
  }
  if (request.rules.empty()) throw Error(ErrorClass::bug, "no rule to bind");
  return state_->bind_all(std::move(request), diagnostics);
}

/// Rules in Lua share one loop; a decision table is a function of its own.
std::optional<RuleCall> RuleRuntime::State::bind_all(BindRequest request,
                                                     Diagnostics& diagnostics) {
  std::vector<std::shared_ptr<const LoadedRule>> bound = std::move(request.rules);
  std::vector<std::size_t> of_lua;
  std::vector<RuleCall> calls;
  bool is_sound = true;
  request.rules.clear();
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (bound[i]->table != nullptr) continue;
    of_lua.push_back(i);
    request.rules.push_back(bound[i]);
  }
  const auto add = [&](std::optional<RuleCall> call) {
    is_sound = is_sound && call.has_value();
    if (call) calls.push_back(std::move(*call));
  };
  if (!of_lua.empty()) add(bind_lua(request, of_lua, diagnostics));
  // A table has no parameters: those given are of the others.
  const std::map<std::string, std::string> none;
  if (!of_lua.empty()) request.params = &none;
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (bound[i]->table == nullptr) continue;
    request.rules = {bound[i]};
    add(bind_table(request, i, diagnostics));
  }
  if (!is_sound) return std::nullopt;
  if (calls.size() == 1) return std::move(calls.front());
  if (bound.front()->info.kind != RuleKind::check)
    throw Error(ErrorClass::bug, "decision tables that give values are bound one by one");
  return together(calls);
}

std::optional<RuleCall> RuleRuntime::State::bind_table(const BindRequest& request,
                                                       std::size_t number,
                                                       Diagnostics& diagnostics) {
  const auto plan = make_plan(request, diagnostics);
  if (plan == nullptr) return std::nullopt;
  RuleCall call;
  call.fields = fields_of(*plan);
  const std::string name = "tm_rules_" + std::to_string(++functions);
  call.expression = call_text(name, *plan);
  const std::string hits = name + "_hits" + call.expression.substr(name.size());
  call.params.push_back({plan->rules.front().rule->info.name, "rows that apply", hits, ""});
  for (const PlanColumn& column : plan->columns)
    if (is_text(column.type)) engine->add_function(make_text_function(name, column));
  engine->add_function(decision_function(name, plan, number, call.fields));
  engine->add_function(decision_hits_function(name + "_hits", plan));
  return call;
}

std::optional<RuleCall> RuleRuntime::State::bind_lua(const BindRequest& request,
                                                     const std::vector<std::size_t>& numbers,
                                                     Diagnostics& diagnostics) {
  const auto plan = make_plan(request, diagnostics);
  if (plan == nullptr) return std::nullopt;
  RuleCall call;
  call.fields = fields_of(*plan);
  const std::string name = "tm_rules_" + std::to_string(++functions);
  call.expression = call_text(name, *plan);
  for (const PlanColumn& column : plan->columns)
    if (column.lookup) add_lookup(*engine, name, *plan, column, call);
  const auto set = std::make_shared<RuleSet>(plan, watchdog);
  sets.push_back(set);
  for (const PlanColumn& column : plan->columns)
    if (is_text(column.type)) engine->add_function(make_text_function(name, column));
  engine->add_function(make_function(name, set, numbers, call.fields));
  return call;
}

std::shared_ptr<GroupPass> RuleRuntime::bind_group(const std::string& rule, const Schema& row,
                                                   const std::map<std::string, std::string>& params,
                                                   const SourcePosition& where,
                                                   Diagnostics& diagnostics) {
  const auto found = state_->rules.find(rule);
  if (found == state_->rules.end())
    throw Error(ErrorClass::bug, "rule '" + rule + "' is bound before it is loaded");
  if (found->second == nullptr) return nullptr;
  BindRequest request = state_->request_for(row, params, where);
  request.rules = {found->second};
  auto plan = make_plan(request, diagnostics);
  if (plan == nullptr) return nullptr;
  const std::string name = "tm_group_" + std::to_string(++state_->functions);
  RuleCall call;
  std::vector<std::string> columns;
  for (const PlanColumn& column : plan->columns) {
    if (column.lookup) add_lookup(*state_->engine, name, *plan, column, call);
    columns.push_back(column_sql(name, column));
  }
  return std::make_shared<GroupPass>(std::move(plan), state_->watchdog, std::move(columns),
                                     std::move(call.params), name);
}

json::array RuleRuntime::profile() const {
  json::array sets;
  for (const auto& set : state_->sets)
    if (!set->profile().is_empty()) sets.push_back(set->profile().to_json(set->mode()));
  return sets;
}

void RuleRuntime::add_test_table(const std::string& rule, const std::string& file,
                                 const std::string& text, Diagnostics& diagnostics) {
  auto& loaded = state_->loaded(rule);
  auto made = with_test_table(*loaded, file, text, diagnostics);
  state_->replaced.push_back(std::exchange(loaded, std::move(made)));
}

std::vector<RuleTest> RuleRuntime::run_tests(const std::string& rule) {
  const auto exam = examine(rule);
  return exam == nullptr ? run_decision_tests(*state_->loaded(rule)->table) : exam->run_tests();
}

void RuleRuntime::check_tests(Diagnostics& diagnostics) {
  for (const auto& [key, rule] : state_->rules) {
    if (rule == nullptr || rule->info.tests == 0) continue;
    for (const RuleTest& test : run_tests(key))
      if (!test.passed)
        diagnostics.error(test.where, test.name + " of rule '" + key + "' fails: " + test.message,
                          "'tallymill rules test " + key + "' says which conditions tests take");
  }
}

std::unique_ptr<RuleExam> RuleRuntime::examine(const std::string& rule,
                                               const std::set<std::string>& sensitive) {
  const auto& loaded = state_->loaded(rule);
  if (loaded->table != nullptr) return nullptr;
  return std::make_unique<RuleExam>(loaded, state_->limits, state_->currency_scale,
                                    state_->watchdog, sensitive);
}

DecisionTrace RuleRuntime::trace_table(const std::string& rule, const json::object& given,
                                       const std::set<std::string>& sensitive) {
  return trace_decision(*state_->loaded(rule)->table, given, sensitive);
}

}  // namespace tallymill
