#include "core/text.h"
#include "worker/counted_columns.h"

namespace tallymill {
namespace {

/// Rows that left a job, over all periods there are, by what they have in common: {"dataset",
/// "by": columns, "limit"}. Most rows first, ties by the columns.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  const std::string dataset = json_text(question, "dataset");
  const std::vector<std::string> columns = counted_columns(context, question);
  if (context.diagnostics().has_errors()) return nullptr;
  const std::string by = join(columns, ", ");
  return counts_answer(
      context,
      "select " + by +
          ", count(*) as rows, count(distinct _period) as periods, min(_period) as "
          "first, max(_period) as last from " +
          context.relation(dataset) + " group by " + by,
      "rows desc, " + by);
}

}  // namespace

void register_reject_counts(Registry<Query>& queries) {
  queries.add({.name = "reject_counts",
               .summary = "Rows that left a job in all periods, by what they have in common.",
               .answer = answer});
}

}  // namespace tallymill
