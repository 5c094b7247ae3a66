#include "jobs/cleanse_results.h"

#include <algorithm>

#include "core/text.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

using Stages = std::vector<CleanseFlow::BalanceStage>;

/// The finest scale the column has on its way, so that all its sums are whole units.
int scale_of(const Column& column, const Stages& stages) {
  int scale = column.type.scale;
  for (const CleanseFlow::BalanceStage& stage : stages) scale = std::max(scale, stage.type.scale);
  return scale;
}

/// Credits what each step changed in a balanced column, and says so step by step.
void adjust(JobContext& context, Ledger& ledger, const std::string& name, const Stages& stages,
            const CleanseOutputs& outputs, int scale, json::array& told) {
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const std::string after = i + 1 < stages.size() ? stages[i + 1].column : quote_identifier(name);
    const Int128 taken = sum_of(context, stages[i].column, outputs.rows, scale) -
                         sum_of(context, after, outputs.rows, scale);
    ledger.credit("adjusted").amounts[name] += taken;
    told.push_back(json::object{
        {"step", stages[i].step}, {"column", name}, {"amount", format_decimal(-taken, scale)}});
  }
}

}  // namespace

void close_cleanse_books(JobContext& context, const CleanseFlow& flow,
                         const CleanseOutputs& outputs) {
  std::map<std::string, int> scales;
  for (const auto& [name, stages] : flow.balance())
    scales[name] = scale_of(*outputs.schema.find(name), stages);
  Ledger ledger(scales);
  ledger.debit("in").rows = count_of(context, outputs.input);
  credit_staged(ledger, "out", context, outputs.into, scales);
  for (const auto& [leaving, dataset] : outputs.evidence)
    credit_staged(ledger, std::string(to_string(leaving)), context, dataset, scales);
  json::array adjusted;
  for (const auto& [name, stages] : flow.balance()) {
    const std::string quoted = quote_identifier(name);
    const std::string made = stages.empty() ? quoted : stages.front().column;
    ledger.debit("in").amounts[name] = flow.is_from_input(name)
                                           ? sum_of(context, quoted, outputs.input, scales[name])
                                           : sum_of(context, made, outputs.rows, scales[name]);
    adjust(context, ledger, name, stages, outputs, scales[name], adjusted);
  }
  if (!adjusted.empty()) context.result().report["adjusted"] = std::move(adjusted);
  close_books(context, ledger);
}

void report_cleanse(JobContext& context, const CleanseFlow& flow, const CleanseOutputs& outputs) {
  Engine& engine = context.engine();
  TaskResult& result = context.result();
  const Rows rows = engine.query(
      "SELECT code, sum(label), sum(first) FROM (SELECT "
      "unnest(list_distinct(string_split(_reasons, "
      "';'))) AS code, 1 AS label, 0 AS first FROM " +
      outputs.left + " UNION ALL SELECT _reason, 0, 1 FROM " + outputs.left +
      ") GROUP BY code ORDER BY code");
  json::object reasons;
  for (std::size_t row = 0; row < rows.cells.size(); ++row)
    reasons[rows.text(row, 0)] = {{"rows", rows.integer(row, 1)}, {"first", rows.integer(row, 2)}};
  result.report["reasons"] = std::move(reasons);
  json::object tallies;
  for (const auto& [name, column] : flow.tallies())
    tallies[name] = count_of(context, outputs.rows + " WHERE " + column);
  if (!tallies.empty()) result.report["rules"] = std::move(tallies);
  result.rows_in = count_of(context, outputs.input);
  result.rows_out = staged(context, outputs.into).rows;
  for (const auto& [leaving, dataset] : outputs.evidence)
    if (leaving == Leaving::rejected) result.rows_rejected = staged(context, dataset).rows;
}

}  // namespace tallymill
