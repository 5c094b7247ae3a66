#include "scheduler/job_wire.h"

#include "core/error.h"

namespace tallymill {
namespace {

json::object summary_to_wire(const JobSummary& summary) {
  json::object amounts;
  for (const auto& [column, sum] : summary.amounts) amounts.emplace(column, sum);
  json::object object{{"rows_in", summary.rows_in},
                      {"rows_out", summary.rows_out},
                      {"rows_rejected", summary.rows_rejected},
                      {"findings_error", summary.findings_error},
                      {"findings_warn", summary.findings_warn},
                      {"amounts", std::move(amounts)},
                      {"error_class", summary.error_class},
                      {"error", summary.error}};
  if (summary.failing_rows) object["failing_rows"] = *summary.failing_rows;
  if (summary.gate_passed) object["gate_passed"] = *summary.gate_passed;
  return object;
}

JobSummary summary_from_wire(const json::object& object) {
  JobSummary summary;
  summary.rows_in = json_integer(object, "rows_in");
  summary.rows_out = json_integer(object, "rows_out");
  summary.rows_rejected = json_integer(object, "rows_rejected");
  summary.findings_error = json_integer(object, "findings_error");
  summary.findings_warn = json_integer(object, "findings_warn");
  for (const auto& [column, sum] : json_at(object, "amounts").as_object())
    summary.amounts[column] = std::string(sum.as_string());
  summary.error_class = json_text(object, "error_class");
  summary.error = json_text(object, "error");
  if (object.contains("failing_rows")) summary.failing_rows = json_integer(object, "failing_rows");
  if (object.contains("gate_passed")) summary.gate_passed = json_boolean(object, "gate_passed");
  return summary;
}

}  // namespace

json::object job_to_wire(const LiveRun& run, JobIndex index) {
  const LiveJob& job = run.job(index);
  // Both ends stand on one machine, so its boot clock means the same to both.
  return {{"job", run.node(index).spec.name},
          {"state", json::string(to_string(job.state))},
          {"blocked", job.blocked},
          {"held", job.held},
          {"reason", job.reason},
          {"attempts", job.attempts},
          {"started", job.started.count()},
          {"ended", job.ended.count()},
          {"summary", summary_to_wire(job.summary)}};
}

void job_from_wire(const json::object& object, LiveRun& run, std::vector<JobIndex>& changed) {
  const auto index = run.find(json_text(object, "job"));
  if (!index) return;
  const auto state = job_run_state_from(json_text(object, "state"));
  if (!state)
    throw Error(ErrorClass::data, "job '" + json_text(object, "job") + "' has the unknown state '" +
                                      json_text(object, "state") + "'");
  LiveJob job;
  job.state = *state;
  job.blocked = json_boolean(object, "blocked");
  job.held = json_boolean(object, "held");
  job.reason = json_text(object, "reason");
  job.attempts = static_cast<int>(json_integer(object, "attempts"));
  job.started = BootTime(json_integer(object, "started"));
  job.ended = BootTime(json_integer(object, "ended"));
  job.summary = summary_from_wire(json_at(object, "summary").as_object());
  run.mirror(*index, std::move(job));
  changed.push_back(*index);
}

}  // namespace tallymill
