#include <algorithm>

#include "core/text.h"
#include "worker/query.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultLimit = 20;

/// Rows that left a job, over all periods there are, by what they have in common: {"dataset",
/// "by": columns, "limit"}. Most rows first, ties by the columns.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
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
  if (context.diagnostics().has_errors()) return nullptr;
  const std::int64_t limit =
      question.contains("limit") ? json_integer(question, "limit") : kDefaultLimit;
  const std::string by = join(columns, ", ");
  Engine& engine = context.engine();
  engine.execute("create temp table tm_counts as select " + by +
                 ", count(*) as rows, count(distinct _period) as periods, min(_period) as first, "
                 "max(_period) as last from " +
                 context.relation(dataset) + " group by " + by);
  const Rows rows = engine.query("select * from tm_counts order by rows desc, " + by +
                                 (limit > 0 ? " limit " + std::to_string(limit) : std::string()));
  return json::object{{"columns", json::array(rows.columns.begin(), rows.columns.end())},
                      {"rows", cells_json(rows)},
                      {"total", engine.query("select count(*) from tm_counts").integer(0, 0)}};
}

}  // namespace

void register_reject_counts(Registry<Query>& queries) {
  queries.add({.name = "reject_counts",
               .summary = "Rows that left a job in all periods, by what they have in common.",
               .answer = answer});
}

}  // namespace tallymill
