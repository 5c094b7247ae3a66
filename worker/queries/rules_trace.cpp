#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "rules/rule_exam.h"
#include "rules/rule_runtime.h"
#include "rules/rule_value.h"
#include "worker/pinned_table.h"
#include "worker/query.h"

namespace tallymill {
namespace {

/// The question: {"rule", "params", "reveal"} and either "row": {column: value} or "dataset" and
/// "key": ["column=text"...], or ["text"] where the dataset's key is one column.
struct Question {
  std::string rule;
  std::map<std::string, std::string> params;
  bool reveal = false;
  const json::object* row = nullptr;
  std::string dataset;
  const json::array* key = nullptr;
};

Question question_of(const json::object& spec) {
  Question question{.rule = json_text(spec, "rule"),
                    .params = {},
                    .reveal = spec.contains("reveal") && json_boolean(spec, "reveal"),
                    .dataset = json_text_or(spec, "dataset", "")};
  if (const json::value* params = spec.if_contains("params"))
    for (const auto& entry : params->as_object())
      question.params[entry.key()] = entry.value().as_string();
  if (const json::value* row = spec.if_contains("row")) question.row = row->if_object();
  if (const json::value* key = spec.if_contains("key")) question.key = key->if_array();
  return question;
}

/// One row's values for the columns a rule needs, as Lua has them; a null is left out.
class RowValues {
 public:
  RowValues(JobContext& context, const Question& question, const RuleInfo& rule)
      : context_(context), question_(question), rule_(rule) {}

  json::object read() {
    question_.row != nullptr ? read_given() : read_dataset();
    return std::move(values_);
  }

 private:
  void report(std::string message, std::string hint = {}) {
    context_.diagnostics().error({.file = "--row"}, std::move(message), std::move(hint));
  }

  void read_given() {
    std::vector<std::string> known;
    for (const RuleNeed& need : rule_.needs) known.push_back(need.column);
    for (const auto& entry : *question_.row)
      if (std::find(known.begin(), known.end(), entry.key()) == known.end())
        report("column '" + std::string(entry.key()) + "' is not in needs of " + rule_.file,
               did_you_mean(entry.key(), known));
    for (const RuleNeed& need : rule_.needs) {
      const json::value* value = question_.row->if_contains(need.column);
      if (value == nullptr) {
        if (!need.optional)
          report("the row has no '" + need.column + "', which is " + need.type.name() +
                     " in needs of " + rule_.file,
                 "give it a value, or null");
      } else if (!value->is_null()) {
        read_value(need, *value);
      }
    }
  }

  void read_value(const RuleNeed& need, const json::value& given) {
    std::optional<std::string> text;
    const bool is_text = need.type.kind == TypeKind::text;
    if (given.is_string()) text = given.get_string();
    if (given.is_bool() && need.type.kind == TypeKind::boolean)
      text = given.get_bool() ? "true" : "false";
    if (!is_text && (given.is_int64() || given.is_uint64())) text = json::serialize(given);
    if (given.is_double() && need.type.kind == TypeKind::ratio)
      text = lua_value_text(need.type, given);
    std::optional<json::value> value;
    if (text) value = lua_value_from_text(need.type, *text);
    if (value) {
      values_[need.column] = std::move(*value);
      return;
    }
    report(
        "column '" + need.column + "' is " + need.type.name() + ", got " + lua_value_kind(given),
        given.is_double() ? "a number with a fraction is not exact in JSON: put it in quotes" : "");
  }

  /// "column=text", or the text alone of a key that is one column.
  std::pair<std::string, std::string> key_part(const Schema& schema, const std::string& part) {
    const std::size_t equals = part.find('=');
    const std::string name = part.substr(0, equals == std::string::npos ? 0 : equals);
    if (schema.find(name) != nullptr) return {name, part.substr(equals + 1)};
    if (schema.key.size() == 1) return {schema.key.front(), part};
    const std::string meant = did_you_mean(name, schema.names());
    throw Error(ErrorClass::config,
                "--key " + part + " names no column of dataset '" + question_.dataset +
                    "', whose key is " + join(schema.key, ", ") + "; " +
                    (meant.empty() ? "write --key COLUMN=VALUE for each of them" : meant));
  }

  void read_dataset() {
    const Schema& schema = context_.schema(question_.dataset);
    std::vector<std::string> columns, conditions, shown;
    for (const RuleNeed& need : rule_.needs)
      columns.push_back("cast(" + quote_identifier(need.column) + " as varchar)");
    for (const json::value& item : *question_.key) {
      const auto [name, text] = key_part(schema, std::string(item.as_string()));
      conditions.push_back("cast(" + quote_identifier(name) +
                           " as varchar) = " + quote_literal(text));
      shown.push_back(name + " = " + text);
    }
    const Rows rows = context_.engine().query("select " + join(columns, ", ") + " from " +
                                              context_.relation(question_.dataset) + " where " +
                                              join(conditions, " and ") + " order by all limit 2");
    if (rows.cells.size() != 1)
      throw Error(ErrorClass::config,
                  "dataset '" + question_.dataset + "', " + context_.task().period + ", has " +
                      (rows.cells.empty() ? "no row" : "several rows") + " with " +
                      join(shown, ", ") + "; its key is " + join(schema.key, ", "));
    for (std::size_t i = 0; i < rule_.needs.size(); ++i) {
      const auto& cell = rows.cells[0][i];
      if (!cell) continue;
      auto value = lua_value_from_text(rule_.needs[i].type, *cell);
      if (!value)
        throw Error(ErrorClass::config, "column '" + rule_.needs[i].column +
                                            "' holds a number beyond 2^53, which rules do not "
                                            "see; declare it text");
      values_[rule_.needs[i].column] = std::move(*value);
    }
  }

  JobContext& context_;
  const Question& question_;
  const RuleInfo& rule_;
  json::object values_;
};

/// The columns the rule is given: those of the dataset, or what it needs.
Schema schema_of(JobContext& context, const Question& question, const RuleInfo& rule) {
  if (question.row == nullptr) return context.schema(question.dataset);
  Schema schema;
  for (const RuleNeed& need : rule.needs)
    schema.columns.push_back({.name = need.column, .type = need.type});
  return schema;
}

std::set<std::string> hidden_columns(const Schema& schema, const Question& question) {
  std::set<std::string> hidden;
  if (!question.reveal)
    for (const Column& column : schema.columns)
      if (column.sensitive) hidden.insert(column.name);
  return hidden;
}

/// Parameters given by the question, as Lua has them; bind() has found them sound.
json::object param_values(const Question& question, const LoadedRule& rule) {
  json::object values;
  for (const auto& [name, text] : question.params) {
    const std::string prefix = rule.info.name + ".";
    const std::string own = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
    const auto type = rule.param_types.find(own);
    const auto value =
        lua_value_from_text(type == rule.param_types.end() ? Type::ratio() : type->second, text);
    if (value) values[own] = *value;
  }
  return values;
}

json::array row_json(const RuleInfo& rule, const json::object& given,
                     const std::set<std::string>& hidden) {
  json::array row;
  for (const RuleNeed& need : rule.needs) {
    const json::value* value = given.if_contains(need.column);
    const std::string text =
        value != nullptr && hidden.contains(need.column)
            ? std::string(kMaskedValue)
            : RuleExam::value_text(need.type, value == nullptr ? json::value() : *value);
    row.push_back({{"column", need.column}, {"type", need.type.name()}, {"value", text}});
  }
  return row;
}

json::array steps_json(const RuleExam& exam, const RuleTrace& trace) {
  json::array steps;
  for (const TraceStep& step : trace.steps) {
    const RuleCondition& condition = exam.code().conditions()[step.condition];
    json::object item{{"file", condition.where.file},     {"line", condition.where.line},
                      {"column", condition.where.column}, {"condition", condition.text},
                      {"outcome", step.outcome},          {"left", step.left}};
    if (condition.is_comparison) {
      item["operator"] = condition.op;
      item["right"] = step.right;
    }
    steps.push_back(std::move(item));
  }
  return steps;
}

json::array params_json(const RuleTrace& trace) {
  json::array params;
  for (const TraceParam& param : trace.params)
    params.push_back({{"name", param.name},
                      {"value", param.value},
                      {"from", param.where.is_known() ? "default, " + param.where.text()
                                                      : std::string("--param")}});
  return params;
}

/// {"rule", "file", "kind", "row", "params", "steps", "more_steps", "verdict", "message", "gives"}:
/// the path one row takes. The rule runs traced, under the watchdog.
json::value answer(JobContext& context) {
  const Task& task = context.task();
  const Question question = question_of(task.spec.as_object());
  const std::string path = "rules/" + question.rule + ".lua";
  RuleRuntime runtime(&context.engine(), {.mode = LuaMode::traced}, task.currency_scale);
  runtime.arm_watchdog(task);
  Diagnostics& diagnostics = context.diagnostics();
  const auto text = read_pinned(task, path);
  if (!text) throw Error(ErrorClass::bug, "the task does not carry " + path);
  const RuleInfo* rule =
      runtime.load({.name = question.rule, .file = path, .text = *text}, diagnostics);
  if (rule == nullptr) return nullptr;
  const Schema schema = schema_of(context, question, *rule);
  if (!runtime.bind({question.rule}, schema, question.params, {.file = path, .line = 1},
                    diagnostics))
    return nullptr;
  const json::object given = RowValues(context, question, *rule).read();
  if (diagnostics.has_errors()) return nullptr;
  const std::set<std::string> hidden = hidden_columns(schema, question);
  const auto exam = runtime.examine(question.rule, hidden);
  const RuleTrace trace =
      exam->trace({{"given", given}, {"params", param_values(question, exam->rule())}});
  json::array gives;
  for (const auto& [column, value] : trace.values)
    gives.push_back({{"column", column}, {"value", value}});
  return json::object{{"rule", question.rule},          {"file", path},
                      {"kind", to_string(rule->kind)},  {"row", row_json(*rule, given, hidden)},
                      {"params", params_json(trace)},   {"steps", steps_json(*exam, trace)},
                      {"more_steps", trace.more_steps}, {"verdict", trace.verdict},
                      {"message", trace.message},       {"gives", std::move(gives)}};
}

}  // namespace

void register_rules_trace(Registry<Query>& queries) {
  queries.add({.name = "rules_trace",
               .summary = "The path one row takes through a rule: conditions, values, verdict.",
               .answer = answer});
}

}  // namespace tallymill
