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
void adjust(Ledger& ledger, const std::string& name, const Stages& stages,
            const CleanseTotals& totals, int scale, json::array& told) {
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const std::string after = i + 1 < stages.size() ? stages[i + 1].column : quote_identifier(name);
    const Int128 taken = totals.sum(stages[i].column, scale) - totals.sum(after, scale);
    ledger.credit("adjusted").amounts[name] += taken;
    told.push_back(json::object{
        {"step", stages[i].step}, {"column", name}, {"amount", format_decimal(-taken, scale)}});
  }
}

json::array changes_of(const CleanseFlow& flow, const CleanseOutputs& outputs) {
  const std::vector<CleanseFlow::CellStage> cells = flow.changes();
  json::array told;
  for (std::size_t i = 0; i < cells.size(); ++i)
    told.push_back(json::object{
        {"step", cells[i].step}, {"column", cells[i].column}, {"cells", outputs.changed[i]}});
  return told;
}

}  // namespace

std::string left_relation(JobContext& context, const CleanseOutputs& outputs) {
  std::vector<std::string> selects;
  for (const auto& [leaving, dataset] : outputs.evidence)
    selects.push_back("SELECT _reason, _reasons, _message FROM " +
                      staged_relation(context, dataset));
  return "(" + join(selects, " UNION ALL ") + ")";
}

CleanseTotals::CleanseTotals(JobContext& context, const CleanseFlow& flow,
                             const CleanseOutputs& outputs) {
  std::vector<std::string> asked;
  for (const auto& [name, column] : flow.tallies()) asked.push_back("count_if(" + column + ")");
  for (const auto& [name, stages] : flow.balance()) {
    sums_[quote_identifier(name)];
    for (const CleanseFlow::BalanceStage& stage : stages) sums_[stage.column];
  }
  for (const auto& [column, sum] : sums_) asked.push_back("coalesce(sum(" + column + "), 0)");
  if (asked.empty()) return;
  const Rows rows = context.engine().query("SELECT " + join(asked, ", ") + " FROM " + outputs.rows);
  std::size_t at = 0;
  for (std::size_t i = 0; i < flow.tallies().size(); ++i) tallied_.push_back(rows.integer(0, at++));
  for (auto& [column, sum] : sums_) sum = rows.text(0, at++);
}

Int128 CleanseTotals::sum(const std::string& column, int scale) const {
  return units_of_text(sums_.at(column), scale);
}

void close_cleanse_books(JobContext& context, const CleanseFlow& flow,
                         const CleanseOutputs& outputs, const CleanseTotals& totals) {
  std::map<std::string, int> scales;
  for (const auto& [name, stages] : flow.balance())
    scales[name] = scale_of(*outputs.schema.find(name), stages);
  Ledger ledger(scales);
  ledger.debit("in").rows = outputs.rows_in;
  credit_staged(ledger, "out", context, outputs.into, scales);
  for (const auto& [leaving, dataset] : outputs.evidence)
    credit_staged(ledger, std::string(to_string(leaving)), context, dataset, scales);
  json::array adjusted;
  for (const auto& [name, stages] : flow.balance()) {
    const std::string quoted = quote_identifier(name);
    const std::string made = stages.empty() ? quoted : stages.front().column;
    ledger.debit("in").amounts[name] = flow.is_from_input(name)
                                           ? sum_of(context, quoted, outputs.input, scales[name])
                                           : totals.sum(made, scales[name]);
    adjust(ledger, name, stages, totals, scales[name], adjusted);
  }
  if (!adjusted.empty()) context.result().report["adjusted"] = std::move(adjusted);
  close_books(context, ledger);
}

void report_cleanse(JobContext& context, const CleanseFlow& flow, const CleanseOutputs& outputs,
                    const CleanseTotals& totals) {
  Engine& engine = context.engine();
  TaskResult& result = context.result();
  const Rows rows = engine.query(
      "WITH groups AS MATERIALIZED (SELECT _reasons, _reason, count(*) AS rows FROM " +
      left_relation(context, outputs) +
      " GROUP BY ALL) SELECT code, sum(label), sum(first) FROM (SELECT "
      "unnest(list_distinct(string_split(_reasons, ';'))) AS code, rows AS label, 0 AS first "
      "FROM groups UNION ALL SELECT _reason, 0, rows FROM groups) GROUP BY code ORDER BY code");
  json::object reasons;
  for (std::size_t row = 0; row < rows.cells.size(); ++row)
    reasons[rows.text(row, 0)] = {{"rows", rows.integer(row, 1)}, {"first", rows.integer(row, 2)}};
  result.report["reasons"] = std::move(reasons);
  json::object tallies;
  for (std::size_t i = 0; i < flow.tallies().size(); ++i)
    tallies[flow.tallies()[i].first] = totals.tallied()[i];
  if (!tallies.empty()) result.report["rules"] = std::move(tallies);
  if (json::array changes = changes_of(flow, outputs); !changes.empty())
    result.report["changes"] = std::move(changes);
  result.rows_in = outputs.rows_in;
  result.rows_out = staged(context, outputs.into).rows;
  for (const auto& [leaving, dataset] : outputs.evidence)
    if (leaving == Leaving::rejected) result.rows_rejected = staged(context, dataset).rows;
}

}  // namespace tallymill
