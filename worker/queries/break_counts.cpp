#include <algorithm>

#include "books/break_life.h"
#include "core/text.h"
#include "worker/counted_columns.h"

namespace tallymill {
namespace {

/// The breaks of a period by what they have in common: {"dataset", "by": columns, "limit"}. Those
/// with the most open ones first, ties by the columns. Differences of several currencies are not
/// added up: it is one of the columns then.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  std::vector<std::string> columns = counted_columns(context, question);
  if (context.diagnostics().has_errors()) return nullptr;
  const std::string dataset = json_text(question, "dataset");
  const std::string currency = quote_identifier("currency");
  if (books::tells_currency(context.schema(dataset)) &&
      std::ranges::find(columns, currency) == columns.end())
    columns.push_back(currency);
  const std::string by = join(columns, ", ");
  const std::string from = " from " + context.relation(dataset) + " group by " + by;
  const std::string counts = "select " + by + ", count(*) as breaks, sum(difference) as difference";
  if (context.schema(dataset).find("closed_in") == nullptr)
    return counts_answer(context, counts + from, "breaks desc, " + by);
  const std::string open = " filter (closed_in is null)";
  return counts_answer(context,
                       counts + ", count(*)" + open + " as open, coalesce(sum(difference)" + open +
                           ", 0) as open_difference, count(*) filter (is_pending) as pending" +
                           from,
                       "open desc, breaks desc, " + by);
}

}  // namespace

void register_break_counts(Registry<Query>& queries) {
  queries.add({.name = "break_counts",
               .summary = "Breaks of a period, by what they have in common.",
               .answer = answer});
}

}  // namespace tallymill
