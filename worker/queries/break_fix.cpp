#include "worker/break_fix.h"

#include "core/error.h"
#include "core/text.h"
#include "worker/query.h"

namespace tallymill {
namespace {

std::vector<std::string> texts_of(const json::object& question, const char* key) {
  std::vector<std::string> texts;
  for (const json::value& value : json_at(question, key).as_array())
    texts.emplace_back(value.as_string());
  return texts;
}

/// The type of the amount where it stands, which may be narrower than that of the comparison.
Type amount_type(WorkerContext& context, const std::string& dataset, const std::string& amount) {
  const Column* column = context.schema(dataset).find(amount);
  if (column == nullptr)
    throw Error(ErrorClass::config, "dataset '" + dataset + "' has no column '" + amount +
                                        "' any more; run the job "
                                        "again");
  return column->type;
}

/// What would bring the right side to the left: {"rejects": dataset of breaks, "table", "key",
/// "amount", "factor", "negates" and "dataset" of the right side, "format": "sql" or "csv",
/// "reveal"}. Gives {"text", "changes", "left_out": what and why}.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  const std::string dataset = json_text(question, "rejects");
  const Schema& schema = context.schema(dataset);
  FixPlan plan{.table = json_text(question, "table"),
               .key = texts_of(question, "key"),
               .amount = json_text(question, "amount"),
               .factor = json_text(question, "factor"),
               .negates = json_boolean(question, "negates")};
  if (schema.columns.size() <= plan.key.size() + 1 ||
      schema.columns[plan.key.size() + 1].name != "left_amount")
    throw Error(ErrorClass::config, "the breaks of '" + dataset +
                                        "' have another key than the job declares now; run the job "
                                        "again");
  std::string select;
  for (std::size_t i = 0; i <= plan.key.size(); ++i) {
    const Column& column = schema.columns[i + 1];
    if (column.sensitive && !json_boolean(question, "reveal"))
      throw Error(ErrorClass::config,
                  "column '" + column.name +
                      "' is sensitive, and its values would stand in the file; add --reveal and "
                      "--reason, which are put on record");
    plan.types.push_back(column.type);
    if (i == plan.key.size()) plan.scale = column.type.is_decimal() ? column.type.scale : 0;
    if (i < plan.key.size()) select += "CAST(" + quote_identifier(column.name) + " AS VARCHAR), ";
  }
  plan.types.back() = amount_type(context, json_text(question, "dataset"), plan.amount);
  const std::string of_two =
      schema.find("right_currency") != nullptr ? "class = 'currency'" : "false";
  const std::string open =
      schema.find("closed_in") != nullptr ? " WHERE closed_in IS NULL" : std::string();
  const Rows rows = context.engine().query(
      "SELECT " + select + "left_amount, right_amount, left_rows, right_rows, CAST(" + of_two +
      " AS VARCHAR) AS of_two FROM " + context.relation(dataset) + open + " ORDER BY ALL");
  const Fix fix = fix_of(plan, rows);
  return json::object{
      {"text", json_text(question, "format") == "csv" ? fix_csv(plan, fix) : fix_sql(plan, fix)},
      {"changes", static_cast<std::int64_t>(fix.changes.size())},
      {"left_out", left_out_text(fix)}};
}

}  // namespace

void register_break_fix(Registry<Query>& queries) {
  queries.add({.name = "break_fix",
               .summary = "What would bring the right side of a reconcile job to the left.",
               .answer = answer});
}

}  // namespace tallymill
