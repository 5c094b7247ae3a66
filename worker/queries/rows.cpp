#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "datasets/sql_rules.h"
#include "datasets/sql_text.h"
#include "worker/query.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultLimit = 20;

/// The question: {"dataset", "where", "limit", "limit_per", "columns", "reveal"}; all but the first
/// optional.
struct Question {
  std::string dataset;
  std::string where;
  std::vector<std::string> columns;
  std::int64_t limit = kDefaultLimit;  ///< 0: all rows
  std::string limit_per;               ///< a column: the limit counts for each of its values
  bool reveal = false;
};

Question question_of(const json::object& spec) {
  Question question{.dataset = json_text(spec, "dataset"),
                    .where = json_text_or(spec, "where", ""),
                    .columns = {},
                    .limit_per = json_text_or(spec, "limit_per", "")};
  if (spec.contains("limit") && !spec.at("limit").is_null())
    question.limit = json_integer(spec, "limit");
  if (spec.contains("reveal") && !spec.at("reveal").is_null())
    question.reveal = json_boolean(spec, "reveal");
  if (const json::value* columns = spec.if_contains("columns"); columns && columns->is_array())
    for (const json::value& column : columns->as_array())
      question.columns.emplace_back(column.as_string());
  return question;
}

/// All columns; of several versions, of which partition a row is comes first.
std::vector<std::string> all_names(const Task& task, const Schema& schema) {
  std::vector<std::string> names = schema.stored_names();
  if (!task.several.empty()) names.insert(names.begin(), kPartitionColumn);
  return names;
}

/// Masking happens below the condition, so that a masked value cannot be guessed by filtering.
std::string masked_select(const Schema& schema, const std::vector<std::string>& names,
                          const std::string& relation, bool reveal) {
  std::vector<std::string> columns;
  for (const std::string& name : names) {
    const Column* column = schema.find(name);
    const std::string quoted = quote_identifier(name);
    columns.push_back(column != nullptr && column->sensitive && !reveal
                          ? "case when " + quoted + " is null then null else " +
                                quote_literal(kMaskedValue) + " end as " + quoted
                          : quoted);
  }
  return "select " + join(columns, ", ") + " from " + relation;
}

/// The same rows in the same order each time: by key, else by place in the source, else by all.
std::string order_of(const Schema& schema) {
  std::vector<std::string> names = schema.key;
  if (names.empty() && schema.has_provenance)
    names = {std::string(kSourceColumn), std::string(kLineColumn)};
  for (const std::string& name : schema.names())
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return join(quoted(names), ", ");
}

/// Reports columns the dataset does not have.
bool knows_columns(const Question& question, const std::vector<std::string>& known,
                   Diagnostics& diagnostics) {
  std::vector<std::string> named = question.columns;
  if (!question.limit_per.empty()) named.push_back(question.limit_per);
  for (const std::string& name : named)
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string nearest = did_you_mean(name, known);
      diagnostics.error({.file = "--columns"},
                        "dataset '" + question.dataset + "' has no column '" + name + "'",
                        nearest.empty() ? "its columns: " + join(known, ", ") : nearest);
    }
  return !diagnostics.has_errors();
}

/// Behind the condition: which rows of all that meet it, in which order.
std::string part_of(const Question& question, const std::string& order) {
  const std::string limit = std::to_string(question.limit);
  if (question.limit == 0) return " order by " + order;
  if (question.limit_per.empty()) return " order by " + order + " limit " + limit;
  return " qualify row_number() over (partition by " + quote_identifier(question.limit_per) +
         " order by " + order + ") <= " + limit + " order by " + order;
}

json::value answer(JobContext& context) {
  const Question question = question_of(context.task().spec.as_object());
  const Schema& schema = context.schema(question.dataset);
  Engine& engine = context.engine();
  Diagnostics& diagnostics = context.diagnostics();
  const std::vector<std::string> known = all_names(context.task(), schema);
  if (!knows_columns(question, known, diagnostics)) return nullptr;
  engine.execute("create view tm_shown as " +
                 masked_select(schema, known, context.relation(question.dataset), question.reveal));
  std::string condition;
  if (!question.where.empty()) {
    const SourcePosition where{.file = "--where"};
    const Type boolean = Type::boolean();
    const std::string bound = context.bind_parameters(question.where, where);
    if (!context.expression_type(bound, "tm_shown", &boolean, where)) return nullptr;
    condition = " where (" + bound + "\n)";
  }
  std::vector<std::string> columns;
  for (const std::string& name : question.columns.empty() ? known : question.columns)
    columns.push_back(quote_identifier(name));
  const std::string order =
      order_of(schema) + (context.task().several.empty() ? "" : ", _partition");
  const Rows rows = engine.query("select " + join(columns, ", ") + " from tm_shown" + condition +
                                 part_of(question, order));
  const std::int64_t total =
      engine.query("select count(*) from tm_shown" + condition).integer(0, 0);
  return json::object{{"columns", json::array(rows.columns.begin(), rows.columns.end())},
                      {"types", json::array(rows.types.begin(), rows.types.end())},
                      {"rows", cells_json(rows)},
                      {"total", total}};
}

}  // namespace

void register_rows(Registry<Query>& queries) {
  queries.add({.name = "rows",
               .summary = "Rows of a dataset, sensitive columns masked, in key order.",
               .answer = answer});
}

}  // namespace tallymill
