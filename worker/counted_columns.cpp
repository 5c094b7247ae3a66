#include "worker/counted_columns.h"

#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultLimit = 20;

}  // namespace

std::vector<std::string> counted_columns(WorkerContext& context, const json::object& question) {
  const std::string dataset = json_text(question, "dataset");
  const Schema& schema = context.schema(dataset);
  std::vector<std::string> columns;
  for (const json::value& value : json_at(question, "by").as_array()) {
    const std::string name(value.as_string());
    const Column* column = schema.find(name);
    if (column == nullptr)
      context.diagnostics().error({.file = "--by"},
                                  "'" + dataset + "' has no column '" + name + "'",
                                  did_you_mean(name, schema.names()));
    else if (column->sensitive && !json_boolean(question, "reveal"))
      context.diagnostics().error({.file = "--by"}, "column '" + name + "' is sensitive",
                                  "add --reveal and --reason, which are put on record");
    columns.push_back(quote_identifier(name));
  }
  return columns;
}

json::value counts_answer(WorkerContext& context, const std::string& select,
                          const std::string& order) {
  const json::object& question = context.task().spec.as_object();
  const std::int64_t limit =
      question.contains("limit") ? json_integer(question, "limit") : kDefaultLimit;
  Engine& engine = context.engine();
  engine.execute("create temp table tm_counts as " + select);
  const Rows rows = engine.query("select * from tm_counts order by " + order +
                                 (limit > 0 ? " limit " + std::to_string(limit) : std::string()));
  return json::object{{"columns", json::array(rows.columns.begin(), rows.columns.end())},
                      {"rows", cells_json(rows)},
                      {"total", engine.query("select count(*) from tm_counts").integer(0, 0)}};
}

}  // namespace tallymill
