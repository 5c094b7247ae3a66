#include "jobs/job_books.h"

#include "core/error.h"
#include "core/text.h"

namespace tallymill {

const TaskOutput& staged(JobContext& context, const std::string& dataset) {
  for (const TaskOutput& output : context.result().outputs)
    if (output.dataset == dataset) return output;
  throw Error(ErrorClass::bug, "dataset '" + dataset + "' was not staged");
}

std::string staged_relation(JobContext& context, const std::string& dataset) {
  const std::vector<std::filesystem::path> folders{context.task().folder /
                                                   staged(context, dataset).folder};
  return parquet_relation(folders);
}

Int128 units_of_text(const std::string& text, int scale) {
  const Parsed<Int128> parsed = parse_decimal(text, 38, scale);
  if (!parsed)
    throw Error(ErrorClass::bug, "'" + text + "' is no sum with " + std::to_string(scale) +
                                     " fraction digits: " + std::string(to_string(parsed.problem)));
  return parsed.value;
}

void credit_staged(Ledger& ledger, const std::string& entry, JobContext& context,
                   const std::string& dataset, const std::map<std::string, int>& scales) {
  const TaskOutput& output = staged(context, dataset);
  Ledger::Entry& credit = ledger.credit(entry);
  credit.rows += output.rows;
  for (const auto& [column, scale] : scales)
    if (const auto it = output.amounts.find(column); it != output.amounts.end())
      credit.amounts[column] += units_of_text(it->second, scale);
}

Int128 sum_of(JobContext& context, const std::string& column, const std::string& relation,
              int scale) {
  const Rows rows =
      context.engine().query("SELECT coalesce(sum(" + column + "), 0) FROM " + relation);
  return units_of_text(rows.text(0, 0), scale);
}

std::int64_t count_of(JobContext& context, const std::string& relation) {
  return context.engine().query("SELECT count(*) FROM " + relation).integer(0, 0);
}

void check_balanced_columns(const std::vector<std::string>& columns, const Schema& schema,
                            const SourcePosition& where, Diagnostics& diagnostics) {
  for (const std::string& name : columns) {
    const Column* column = schema.find(name);
    if (column == nullptr)
      diagnostics.error(where, "there is no column '" + name + "' to balance",
                        did_you_mean(name, schema.names()));
    else if (!column->type.is_summable())
      diagnostics.error(where, "column '" + name + "' is " + column->type.name() +
                                   "; only integer, money and decimal columns balance");
  }
}

void close_books(JobContext& context, const Ledger& ledger) {
  context.result().ledger = ledger.to_json();
  ledger.require_balance(context.task().job);
}

}  // namespace tallymill
