#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "rules/group_pass.h"
#include "rules/rule_runtime.h"
#include "worker/pinned_rule.h"
#include "worker/query.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultLimit = 20;

/// The question: {"dataset", "rule", "limit", "params", "reveal"}; all but the first two optional.
struct Question {
  std::string dataset;
  std::string rule;
  std::int64_t limit = kDefaultLimit;
  std::map<std::string, std::string> params;
  bool reveal = false;
};

Question question_of(const json::object& spec) {
  Question question{
      .dataset = json_text(spec, "dataset"), .rule = json_text(spec, "rule"), .params = {}};
  if (spec.contains("limit")) question.limit = json_integer(spec, "limit");
  if (spec.contains("reveal")) question.reveal = json_boolean(spec, "reveal");
  if (const json::value* params = spec.if_contains("params"))
    for (const auto& entry : params->as_object())
      question.params[entry.key()] = entry.value().as_string();
  return question;
}

/// tm_tried(verdicts): what the one rule said, as STRUCT(verdict, message).
void add_verdict_function(Engine& engine) {
  engine.add_function({.name = "tm_tried",
                       .parameters = {Type::text()},
                       .result = {{.name = "verdict", .type = Type::text()},
                                  {.name = "message", .type = Type::text()}},
                       .result_is_struct = true,
                       .evaluate = [](std::span<const ColumnView> arguments, std::size_t rows,
                                      ColumnWriter& result) {
                         ColumnWriter verdicts = result.field(0);
                         ColumnWriter messages = result.field(1);
                         for (std::size_t row = 0; row < rows; ++row) {
                           Verdict verdict;
                           const bool is_pass = arguments[0].is_null(row);
                           if (!is_pass)
                             verdict =
                                 decode_verdicts(arguments[0].as<StringRef>()[row].view()).at(0);
                           verdicts.set_text(row, is_pass ? "pass" : verdict_text(verdict));
                           verdict.message.empty() ? messages.set_null(row)
                                                   : messages.set_text(row, verdict.message);
                         }
                       }});
}

/// What people see of a row: its key or place, what the rule reads, what it gave.
class Trial {
 public:
  Trial(JobContext& context, const Question& question, const RuleInfo& rule, const RuleCall& call)
      : question_(question), schema_(context.schema(question.dataset)), rule_(rule), call_(call) {
    std::vector<std::string> names = schema_.key;
    if (names.empty() && schema_.has_provenance)
      names = {std::string(kSourceColumn), std::string(kLineColumn)};
    for (const std::string& name : names) add_column(name);
    for (const RuleNeed& need : rule.needs) add_column(need.column);
    for (const RuleCall::Param& param : call.params) {
      params_.push_back(param.name);
      if (!param.origin.empty()) params_.push_back("validity of " + param.name);
    }
  }

  std::string select(const std::string& relation) const {
    std::vector<std::string> items;
    for (const std::string& name : columns_) items.push_back(shown(name));
    for (const RuleCall::Param& param : call_.params) {
      items.push_back(param.value + " as " + quote_identifier("param " + param.name));
      if (!param.origin.empty())
        items.push_back(param.origin + " as " + quote_identifier("validity of " + param.name));
    }
    if (rule_.kind == RuleKind::transform)
      for (const Column& column : rule_.returns)
        items.push_back("tm_result." + quote_identifier(column.name) + " as " +
                        quote_identifier("gives " + column.name));
    items.push_back(verdict() + " as tm_verdict");
    items.push_back(message() + " as tm_message");
    return "select " + join(items, ", ") + " from (select *, " + result() + " as tm_result from " +
           relation + ")";
  }

  std::vector<std::string> titles() const {
    std::vector<std::string> titles = columns_;
    titles.insert(titles.end(), params_.begin(), params_.end());
    if (rule_.kind == RuleKind::transform)
      for (const Column& column : rule_.returns) titles.push_back(column.name);
    titles.insert(titles.end(), {"verdict", "message"});
    return titles;
  }

  /// Of a decision table: the numbers of the rows that apply, as a column of the trial.
  std::string hits() const {
    for (const RuleCall::Param& param : call_.params)
      if (param.origin.empty()) return quote_identifier("param " + param.name);
    return {};
  }

  std::string order() const {
    std::vector<std::string> items = {"tm_verdict = 'pass'"};
    for (const std::string& name : columns_) items.push_back(quote_identifier(name));
    items.insert(items.end(), {"tm_verdict", "tm_message"});
    return join(items, ", ");
  }

 private:
  void add_column(const std::string& name) {
    if (std::find(columns_.begin(), columns_.end(), name) == columns_.end())
      columns_.push_back(name);
  }

  std::string shown(const std::string& name) const {
    const Column* column = schema_.find(name);
    std::string quoted = quote_identifier(name);
    if (column == nullptr || !column->sensitive || question_.reveal) return quoted;
    return "case when " + quoted + " is not null then " + quote_literal(kMaskedValue) + " end as " +
           quoted;
  }

  bool is_check() const { return rule_.kind == RuleKind::check || rule_.kind == RuleKind::group; }

  std::string result() const {
    if (rule_.kind == RuleKind::group) return "tm_tried(" + call_.expression + ")";
    return rule_.kind == RuleKind::check ? "tm_tried((" + call_.expression + ").verdicts)"
                                         : call_.expression;
  }

  std::string verdict() const {
    if (is_check()) return "tm_result.verdict";
    const std::string given =
        rule_.kind == RuleKind::transform
            ? "'set'"
            : "coalesce(tm_result." + call_.fields.front().name + "::varchar, 'nothing')";
    return "case when tm_result.error is not null then 'error' when tm_result.not_applicable then "
           "'not applicable' else " +
           given + " end";
  }

  std::string message() const {
    if (is_check()) return "tm_result.message";
    if (rule_.kind == RuleKind::threshold) return "coalesce(tm_result.error, tm_result.message)";
    if (rule_.kind == RuleKind::score) return "coalesce(tm_result.error, tm_result.reasons)";
    return "tm_result.error";
  }

  const Question& question_;
  const Schema& schema_;
  const RuleInfo& rule_;
  const RuleCall& call_;
  std::vector<std::string> columns_;
  std::vector<std::string> params_;  ///< and their validity
};

/// {"kind", "total", "counts": [{"verdict", "rows"}..], "columns", "rows"}; rows that do not pass
/// come first. The rule runs traced, so one that never ends is an error naming row and line.
json::value answer(JobContext& context) {
  const Task& task = context.task();
  const Question question = question_of(task.spec.as_object());
  Engine& engine = context.engine();
  RuleRuntime runtime(&engine, {.mode = LuaMode::traced}, task.currency_scale);
  runtime.arm_watchdog(task);
  Diagnostics& diagnostics = context.diagnostics();
  if (const auto period = Period::parse(task.period)) runtime.set_period(*period);
  const std::optional<RuleSource> source = pinned_rule(task, question.rule, diagnostics);
  if (!source && !diagnostics.has_errors())
    throw Error(ErrorClass::bug, "the task does not carry rule '" + question.rule + "'");
  if (!source) return nullptr;
  const std::string& path = source->file;
  const RuleInfo* rule = runtime.load(*source, diagnostics);
  if (rule == nullptr) return nullptr;
  const Schema& schema = context.schema(question.dataset);
  const SourcePosition where{.file = path, .line = 1};
  const bool sees_groups = rule->kind == RuleKind::group;
  std::optional<RuleCall> call;
  if (!sees_groups) {
    call = runtime.bind({question.rule}, schema, question.params, where, diagnostics);
  } else if (const auto pass =
                 runtime.bind_group(question.rule, schema, question.params, where, diagnostics)) {
    pass->run(engine, context.relation(question.dataset), "");
    call = RuleCall{pass->expression(), {}, pass->params()};
  }
  if (!call) return nullptr;
  if (rule->kind == RuleKind::check || sees_groups) add_verdict_function(engine);

  const Trial trial(context, question, *rule, *call);
  engine.execute("create view tm_trial as " + trial.select(context.relation(question.dataset)));
  json::array counts;
  const Rows counted = engine.query(
      "select tm_verdict, count(*) from tm_trial group by 1 order by tm_verdict = 'pass' desc, 2 "
      "desc, 1");
  std::int64_t total = 0;
  for (std::size_t i = 0; i < counted.cells.size(); ++i) {
    counts.push_back({{"verdict", counted.text(i, 0)}, {"rows", counted.integer(i, 1)}});
    total += counted.integer(i, 1);
  }
  json::object matches;
  if (const std::string hits = trial.hits(); !hits.empty()) {
    const Rows found =
        engine.query("select count(*) filter (" + hits + " is null), count(*) filter (" + hits +
                     " like '%,%') from tm_trial");
    matches = {{"none", found.integer(0, 0)}, {"several", found.integer(0, 1)}};
  }
  const Rows rows = engine.query("select * from tm_trial order by " + trial.order() + " limit " +
                                 std::to_string(question.limit));
  const std::vector<std::string> titles = trial.titles();
  json::object told{{"kind", to_string(rule->kind)},
                    {"file", path},
                    {"total", total},
                    {"counts", std::move(counts)},
                    {"columns", json::array(titles.begin(), titles.end())},
                    {"rows", cells_json(rows)}};
  if (!matches.empty()) told["matches"] = std::move(matches);
  return told;
}

}  // namespace

void register_rules_try(Registry<Query>& queries) {
  queries.add({.name = "rules_try",
               .summary = "What a rule says about the rows of a dataset, counted and by row.",
               .answer = answer});
}

}  // namespace tallymill
