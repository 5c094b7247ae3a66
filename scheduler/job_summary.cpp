#include "scheduler/job_summary.h"

namespace tallymill {
namespace {

/// Sums of the data a job made: "amount" where it made one dataset, "parked: amount" beside it.
std::map<std::string, std::string> amounts_of(const MadeVersions& made) {
  std::size_t datasets = 0;
  for (const auto& entry : made) datasets += !entry.second.evidence;
  std::map<std::string, std::string> amounts;
  for (const auto& [dataset, version] : made) {
    if (version.evidence) continue;
    for (const auto& [column, sum] : version.amounts)
      amounts[datasets == 1 ? column : dataset + "." + column] = sum;
  }
  return amounts;
}

}  // namespace

JobSummary summary_of(const AttemptEnded& ended, const MadeVersions& made) {
  JobSummary summary{.rows_in = ended.rows_in,
                     .rows_out = ended.rows_out,
                     .rows_rejected = ended.rows_rejected,
                     .findings_error = ended.findings_error,
                     .findings_warn = ended.findings_warn,
                     .gate_passed = std::nullopt,
                     .amounts = amounts_of(made),
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
          .amounts = amounts_of(made),
          .error_class = {},
          .error = {}};
}

VersionRecord version_record(const RunRecord& run, const AttemptEnded& ended,
                             const PublishedVersion& version) {
  return {.dataset = version.dataset,
          .id = ended.attempt,
          .period = run.period,
          .partition = {},
          .graph = run.graph,
          .job = ended.job,
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
