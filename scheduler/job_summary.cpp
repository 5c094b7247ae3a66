#include "scheduler/job_summary.h"

#include "scheduler/job_name.h"

namespace tallymill {
namespace {

/// The balanced amounts of the ledger's first class on the `out` side: what went on.
std::map<std::string, std::string> ledger_amounts(const std::string& ledger) {
  std::map<std::string, std::string> amounts;
  if (ledger.empty()) return amounts;
  const json::value books = parse_json(ledger, "a ledger");
  const json::value* out = books.is_object() ? books.get_object().if_contains("out") : nullptr;
  if (!out || !out->is_array() || out->get_array().empty()) return amounts;
  const json::value* sums = out->get_array().front().as_object().if_contains("amounts");
  if (!sums || !sums->is_object()) return amounts;
  for (const auto& [column, sum] : sums->get_object())
    amounts[std::string(column)] = std::string(sum.as_string());
  return amounts;
}

/// Where the books balance no amounts: sums with a decimal point of the data made.
std::map<std::string, std::string> amounts_of(const std::string& ledger, const MadeVersions& made) {
  std::map<std::string, std::string> amounts = ledger_amounts(ledger);
  if (!amounts.empty()) return amounts;
  for (const auto& [dataset, version] : made) {
    if (version.evidence) continue;
    for (const auto& [column, sum] : version.amounts)
      if (sum.find('.') != std::string::npos) amounts.emplace(column, sum);
  }
  return amounts;
}

std::vector<std::pair<std::string, std::string>> indicators_of(const std::string& stored) {
  std::vector<std::pair<std::string, std::string>> indicators;
  if (stored.empty()) return indicators;
  const json::value list = parse_json(stored, "indicators");
  for (const json::value& item : list.as_array())
    indicators.emplace_back(json_text_or(item.as_object(), "org", ""),
                            json_text_or(item.as_object(), "value", ""));
  return indicators;
}

std::optional<std::int64_t> failing_rows_of(const MadeVersions& made) {
  for (const auto& [dataset, version] : made)
    if (version.evidence && dataset.ends_with(".failures")) return version.rows;
  return std::nullopt;
}

}  // namespace

JobSummary summary_of(const AttemptEnded& ended, const MadeVersions& made) {
  JobSummary summary{.rows_in = ended.rows_in,
                     .rows_out = ended.rows_out,
                     .rows_rejected = ended.rows_rejected,
                     .findings_error = ended.findings_error,
                     .findings_warn = ended.findings_warn,
                     .gate_passed = std::nullopt,
                     .failing_rows = failing_rows_of(made),
                     .amounts = amounts_of(ended.ledger, made),
                     .indicators = indicators_of(ended.indicators),
                     .error_class = {},
                     .error = ended.error};
  if (!ended.error.empty()) summary.error_class = to_string(ended.error_class);
  if (!ended.verdicts.empty()) summary.gate_passed = ended.verdicts.front().passed;
  return summary;
}

JobSummary summary_of(const ResultRecord& result, const MadeVersions& made) {
  return {.rows_in = result.rows_in,
          .rows_out = result.rows_out,
          .rows_rejected = result.rows_rejected,
          .findings_error = result.findings_error,
          .findings_warn = result.findings_warn,
          .gate_passed = result.gate_passed,
          .failing_rows = failing_rows_of(made),
          .amounts = amounts_of(result.ledger, made),
          .indicators = indicators_of(result.indicators),
          .error_class = {},
          .error = {}};
}

VersionRecord version_record(const RunRecord& run, const AttemptEnded& ended,
                             const PublishedVersion& version) {
  const JobName name = split_job_name(ended.job);
  return {.dataset = version.dataset,
          .id = ended.attempt,
          .period = run.period,
          .partition = std::string(name.partition),
          .graph = run.graph,
          .job = std::string(name.job),
          .run = run.id,
          .evidence = version.evidence,
          .rows = version.rows,
          .digest = version.digest,
          .provenance = version.provenance,
          .amounts = version.amounts,
          .gates = version.gates,
          .event = 0,
          .published_at = {},
          .visible = true};
}

}  // namespace tallymill
