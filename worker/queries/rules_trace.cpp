#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "rules/decision_rule.h"
#include "rules/group_pass.h"
#include "rules/rule_exam.h"
#include "rules/rule_runtime.h"
#include "rules/rule_value.h"
#include "worker/pinned_rule.h"
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

/// One row's values for the columns a rule needs, as Lua has them; a null is left out. Of a group
/// rule the rows of its group, in order: a row written out is one of its own.
class RowValues {
 public:
  /// `group`: a group rule; null: the rule sees one row.
  RowValues(JobContext& context, const Question& question, const RuleInfo& rule,
            const LoadedRule* group)
      : context_(context), question_(question), rule_(rule), group_(group) {}

  void read() { question_.row != nullptr ? read_given() : read_dataset(); }

  const json::object& row() const { return values_; }
  /// The body of a test case: given, of a group also place.
  json::object body() const {
    if (group_ == nullptr) return {{"given", values_}};
    if (question_.row != nullptr) return {{"given", json::array{values_}}, {"place", 1}};
    return {{"given", rows_}, {"place", place_}};
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
    std::vector<std::string> conditions, shown;
    for (const json::value& item : *question_.key) {
      const auto [name, text] = key_part(schema, std::string(item.as_string()));
      conditions.push_back("cast(" + quote_identifier(name) +
                           " as varchar) = " + quote_literal(text));
      shown.push_back(name + " = " + text);
    }
    const std::string is_asked = join(conditions, " and ");
    const Rows rows = context_.engine().query(selected(is_asked) + " order by all limit 2");
    if (rows.cells.size() != 1)
      throw Error(ErrorClass::config,
                  "dataset '" + question_.dataset + "', " + context_.task().period + ", has " +
                      (rows.cells.empty() ? "no row" : "several rows") + " with " +
                      join(shown, ", ") + "; its key is " + join(schema.key, ", "));
    values_ = row_of(rows.cells[0]);
    if (group_ != nullptr) read_group(is_asked);
  }

  std::string selected(const std::string& where, const std::string& more = {}) {
    std::vector<std::string> columns;
    for (const RuleNeed& need : rule_.needs)
      columns.push_back("cast(" + quote_identifier(need.column) + " as varchar)");
    return "select " + join(columns, ", ") + more + " from " +
           context_.relation(question_.dataset) + " where " + where;
  }

  /// The rows that agree with the one asked for in the rule's key.
  void read_group(const std::string& is_asked) {
    std::vector<std::string> same, order;
    for (const std::string& column : group_->key)
      same.push_back(quote_identifier(column) + " is not distinct from (select " +
                     quote_identifier(column) + " from " + context_.relation(question_.dataset) +
                     " where " + is_asked + ")");
    for (const std::string& column : group_->order) order.push_back(quote_identifier(column));
    const Rows rows =
        context_.engine().query(selected(join(same, " and "), ", (" + is_asked + ")::integer") +
                                " order by " + join(order, ", "));
    for (std::size_t i = 0; i < rows.cells.size(); ++i) {
      rows_.push_back(row_of(rows.cells[i]));
      if (rows.integer(i, rule_.needs.size()) != 0) place_ = i + 1;
    }
  }

  json::object row_of(const std::vector<std::optional<std::string>>& cells) const {
    json::object row;
    for (std::size_t i = 0; i < rule_.needs.size(); ++i) {
      const auto& cell = cells[i];
      if (!cell) continue;
      auto value = lua_value_from_text(rule_.needs[i].type, *cell);
      if (!value)
        throw Error(ErrorClass::config, "column '" + rule_.needs[i].column +
                                            "' holds a number beyond 2^53, which rules do not "
                                            "see; declare it text");
      row[rule_.needs[i].column] = std::move(*value);
    }
    return row;
  }

  JobContext& context_;
  const Question& question_;
  const RuleInfo& rule_;
  const LoadedRule* group_;
  json::object values_;
  json::array rows_;  ///< of the group
  std::size_t place_ = 1;
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

bool accepts_null(const RuleInfo& rule, const std::string& column) {
  return std::any_of(rule.needs.begin(), rule.needs.end(),
                     [&](const RuleNeed& need) { return need.column == column && need.optional; });
}

/// Gives the parameters that come from tables the value that holds for the row, beside those the
/// question gives: into `params`, and where from into `origins`.
void add_table_params(const RuleInfo& rule, const json::object& row,
                      const std::optional<Period>& period, const std::set<std::string>& hidden,
                      json::object& params, std::map<std::string, std::string>& origins) {
  for (const ParamLookup& lookup : rule.lookups) {
    if (params.contains(lookup.param)) continue;
    const std::string subject = "parameter '" + lookup.param + "' of " + rule.file;
    const json::value* org = row.if_contains(lookup.by);
    if (org == nullptr && !accepts_null(rule, lookup.by)) continue;  // it is not applicable
    const std::string name = org == nullptr || org->as_string().empty()
                                 ? std::string(kAnyOrg)
                                 : std::string(org->get_string());
    const ParamRow* found = period ? lookup.table->find(name, *period) : nullptr;
    if (found == nullptr && lookup.otherwise) continue;
    if (!period)
      throw Error(ErrorClass::config, subject + " comes from " + lookup.table->file() +
                                          "; say of which period: --period PERIOD, or give it a "
                                          "value: --param " +
                                          lookup.param + "=VALUE");
    const bool is_hidden = hidden.contains(lookup.by);
    if (found == nullptr)
      throw Error(ErrorClass::config,
                  subject + ": " + lookup.table->file() + " has " +
                      (is_hidden ? "no value for the row" : lookup.table->missing(name, *period)));
    const TypedValue& value = found->values[lookup.column];
    const auto of_lua = lua_value_from_text(
        lookup.type, is_text(lookup.type) ? value.text : typed_text(lookup.type, value));
    if (!of_lua)
      throw Error(ErrorClass::config, subject + " is beyond 2^53, which rules do not see");
    params[lookup.param] = *of_lua;
    origins[lookup.param] = found->validity + " (org " +
                            (is_hidden ? std::string(kMaskedValue) : found->org) + ", " +
                            found->where.file + ":" + std::to_string(found->where.line) + ")";
  }
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

json::array params_json(const RuleTrace& trace, const std::map<std::string, std::string>& origins) {
  json::array params;
  for (const TraceParam& param : trace.params) {
    const auto origin = origins.find(param.name);
    params.push_back({{"name", param.name},
                      {"value", param.value},
                      {"from", origin != origins.end()  ? origin->second
                               : param.where.is_known() ? "default, " + param.where.text()
                                                        : std::string("--param")}});
  }
  return params;
}

json::array gives_json(const std::vector<std::pair<std::string, std::string>>& values) {
  json::array gives;
  for (const auto& [column, value] : values)
    gives.push_back({{"column", column}, {"value", value}});
  return gives;
}

/// The rows of a decision table that apply, as steps of a path.
json::array steps_json(const DecisionTrace& trace) {
  json::array steps;
  for (const DecisionTrace::Row& row : trace.rows)
    steps.push_back({{"file", row.where.file},
                     {"line", row.where.line},
                     {"column", row.where.column},
                     {"condition", "row " + std::to_string(row.number)},
                     {"outcome", true},
                     {"left", "applies"}});
  return steps;
}

/// Whether the rule can be bound to such rows; what is wrong is reported.
bool fits(RuleRuntime& runtime, const Question& question, const RuleInfo& rule,
          const Schema& schema, Diagnostics& diagnostics) {
  const SourcePosition where{.file = rule.file, .line = 1};
  if (rule.kind == RuleKind::group)
    return runtime.bind_group(question.rule, schema, question.params, where, diagnostics) !=
           nullptr;
  return runtime.bind({question.rule}, schema, question.params, where, diagnostics).has_value();
}

/// {"rule", "file", "kind", "row", "params", "steps", "more_steps", "verdict", "message", "gives"}:
/// the path one row takes. The rule runs traced, under the watchdog.
json::value answer(JobContext& context) {
  const Task& task = context.task();
  const Question question = question_of(task.spec.as_object());
  RuleRuntime runtime(&context.engine(), {.mode = LuaMode::traced}, task.currency_scale);
  runtime.arm_watchdog(task);
  Diagnostics& diagnostics = context.diagnostics();
  const auto period = Period::parse(task.period);
  if (period) runtime.set_period(*period);
  const std::optional<RuleSource> source = pinned_rule(task, question.rule, diagnostics);
  if (!source && !diagnostics.has_errors())
    throw Error(ErrorClass::bug, "the task does not carry rule '" + question.rule + "'");
  if (!source) return nullptr;
  const RuleInfo* rule = runtime.load(*source, diagnostics);
  if (rule == nullptr) return nullptr;
  const Schema schema = schema_of(context, question, *rule);
  if (!fits(runtime, question, *rule, schema, diagnostics)) return nullptr;
  const std::set<std::string> hidden = hidden_columns(schema, question);
  const auto exam = runtime.examine(question.rule, hidden);
  const bool sees_groups = rule->kind == RuleKind::group && exam != nullptr;
  RowValues values(context, question, *rule, sees_groups ? &exam->rule() : nullptr);
  values.read();
  if (diagnostics.has_errors()) return nullptr;
  json::object told{{"rule", question.rule},
                    {"file", rule->file},
                    {"kind", to_string(rule->kind)},
                    {"row", row_json(*rule, values.row(), hidden)}};
  if (exam == nullptr) {
    const DecisionTrace trace = runtime.trace_table(question.rule, values.row(), hidden);
    told["params"] = json::array();
    told["steps"] = steps_json(trace);
    told["more_steps"] = 0;
    told["verdict"] = trace.verdict;
    told["message"] = trace.message;
    told["gives"] = gives_json(trace.values);
    return told;
  }
  json::object body = values.body();
  json::object params = param_values(question, exam->rule());
  std::map<std::string, std::string> origins;
  add_table_params(*rule, values.row(), period, hidden, params, origins);
  body["params"] = std::move(params);
  const RuleTrace trace = exam->trace(body);
  told["params"] = params_json(trace, origins);
  told["steps"] = steps_json(*exam, trace);
  told["more_steps"] = trace.more_steps;
  told["verdict"] = trace.verdict;
  told["message"] = trace.message;
  told["gives"] = gives_json(trace.values);
  return told;
}

}  // namespace

void register_rules_trace(Registry<Query>& queries) {
  queries.add({.name = "rules_trace",
               .summary = "The path one row takes through a rule: conditions, values, verdict.",
               .answer = answer});
}

}  // namespace tallymill
