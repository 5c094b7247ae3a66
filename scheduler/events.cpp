#include "scheduler/events.h"

#include "core/text.h"
#include "scheduler/job_changes.h"

namespace tallymill {
namespace {

template <class Items, class Convert>
json::array array_of(const Items& items, Convert convert) {
  json::array array;
  array.reserve(items.size());
  for (const auto& item : items) array.push_back(convert(item));
  return array;
}

json::array texts(const std::vector<std::string>& items) {
  return array_of(items, [](const std::string& item) { return json::value(item); });
}

json::value pin_json(const PinnedVersion& pin) {
  return {{"dataset", pin.dataset},
          {"period", pin.period},
          {"partition", pin.partition},
          {"version", pin.version},
          {"digest", pin.digest}};
}

json::value verdict_json(const GateVerdict& verdict) {
  return {{"dataset", verdict.dataset},
          {"versions", texts(verdict.versions)},
          {"passed", verdict.passed}};
}

json::value version_json(const PublishedVersion& version) {
  json::object amounts;
  for (const auto& [column, sum] : version.amounts) amounts.emplace(column, sum);
  return {{"dataset", version.dataset},   {"evidence", version.evidence},
          {"rows", version.rows},         {"digest", version.digest},
          {"amounts", amounts},           {"provenance", version.provenance},
          {"gates", texts(version.gates)}};
}

json::string name(JobRunState state) { return json::string(to_string(state)); }

json::object options_json(const RunStarted& change) {
  json::object options{{"allow_stale", change.allow_stale}, {"given", texts(change.given)}};
  if (!change.as.empty()) options["as"] = change.as;
  if (!change.reason.empty()) options["reason"] = change.reason;
  if (!change.backfill.empty()) options["backfill"] = change.backfill;
  if (change.current_rules) options["rules"] = "current";
  return options;
}

}  // namespace

json::object params_to_json(const std::map<std::string, TaskParam>& params) {
  json::object object;
  for (const auto& [key, param] : params)
    object.emplace(key, json::object{{"type", param.type}, {"value", param.value}});
  return object;
}

std::map<std::string, TaskParam> params_from_json(const json::object& object) {
  std::map<std::string, TaskParam> params;
  for (const auto& [key, value] : object)
    params[key] = {json_text(value.as_object(), "type"), json_text(value.as_object(), "value")};
  return params;
}

Event to_event(const RunStarted& change) {
  const auto file = [](const PinnedText& text) {
    return json::value{{"path", text.path}, {"sha256", text.sha256}};
  };
  const auto taken = [](const std::pair<std::string, std::string>& job_run) {
    return json::value{{"run", job_run.first}, {"job", job_run.second}};
  };
  return {"run_started",
          change.run,
          "",
          change.cause,
          {{"graph", change.graph},
           {"period", change.period},
           {"number", change.number},
           {"of", change.of},
           {"as_of", change.as_of},
           {"params", params_to_json(change.params)},
           {"jobs", texts(change.jobs)},
           {"forced", texts(change.forced)},
           {"options", options_json(change)},
           {"files", array_of(change.files, file)},
           {"takes_over", array_of(change.takes_over, taken)},
           {"due", change.due}}};
}

Event to_event(const JobReady& change) {
  json::object body{{"from", name(change.from)},
                    {"fingerprint", change.fingerprint},
                    {"pins", array_of(change.pins, pin_json)}};
  if (!change.changes.empty()) body["changes"] = changes_json(change.changes);
  return {"job_ready", change.run, change.job, change.why, std::move(body)};
}

Event to_event(const JobUpToDate& change) {
  return {"job_up_to_date",
          change.run,
          change.job,
          "same_fingerprint",
          {{"fingerprint", change.fingerprint},
           {"pins", array_of(change.pins, pin_json)},
           {"inputs", array_of(change.inputs, pin_json)},
           {"verdicts", array_of(change.verdicts, verdict_json)}}};
}

Event to_event(const JobsUpToDate& change) {
  json::array plain;
  json::array others;
  for (const JobUpToDate& job : change.jobs) {
    // What is no mere job's name is told in full, as by its own event.
    if (is_identifier(job.job) && job.pins.empty() && job.inputs.empty() && job.verdicts.empty()) {
      plain.emplace_back(job.job);
      continue;
    }
    json::object body = to_event(job).body;
    body["job"] = job.job;
    others.push_back(std::move(body));
  }
  return {"jobs_up_to_date",
          change.run,
          "",
          "same_fingerprint",
          {{"jobs", std::move(plain)}, {"others", std::move(others)}}};
}

Event to_event(const AttemptStarted& change) {
  return {"attempt_started",
          change.run,
          change.job,
          "",
          {{"attempt", change.attempt},
           {"number", change.number},
           {"nonce", change.nonce},
           {"threads", change.threads}}};
}

Event to_event(const AttemptStopped& change) {
  json::object body{{"attempt", change.attempt}, {"signal", change.signal}};
  if (!change.reason.empty()) body["reason"] = change.reason;
  return {"attempt_stopped", change.run, change.job, change.why, std::move(body)};
}

Event to_event(const AttemptEnded& change) {
  const std::string error_class(change.error.empty() ? "" : to_string(change.error_class));
  json::object body{{"attempt", change.attempt},
                    {"state", json::string(to_string(change.state))},
                    {"job_state", name(change.job_state)},
                    {"outcome", change.outcome},
                    {"error_class", error_class},
                    {"error", change.error},
                    {"retry_at", change.retry_at},
                    {"rows_in", change.rows_in},
                    {"rows_out", change.rows_out},
                    {"rows_rejected", change.rows_rejected},
                    {"findings_error", change.findings_error},
                    {"findings_warn", change.findings_warn},
                    {"cpu_ms", change.cpu_ms},
                    {"memory_bytes", change.memory_bytes},
                    {"verdicts", array_of(change.verdicts, verdict_json)}};
  if (is_good(change.job_state))
    body["result"] = {{"fingerprint", change.fingerprint},
                      {"source_state", change.source_state},
                      {"ledger", change.ledger},
                      {"indicators", change.indicators},
                      {"publishes", change.publishes},
                      {"versions", array_of(change.versions, version_json)},
                      {"inputs", array_of(change.inputs, pin_json)}};
  if (is_good(change.job_state) && !change.measures.empty())
    body["result"].as_object()["measures"] = json::value_from(change.measures);
  return {"attempt_ended", change.run, change.job, change.why, std::move(body)};
}

Event to_event(const JobCancelled& change) {
  return {"job_cancelled", change.run, change.job, change.why, {{"from", name(change.from)}}};
}

Event to_event(const JobHeld& change) {
  return {"job_held", change.run, change.job, change.why, {}};
}

Event to_event(const JobSkipped& change) {
  return {"job_skipped", change.run, change.job, change.why, {{"sentence", change.sentence}}};
}

Event to_event(const DeadlineMissed& change) {
  json::object body{{"dataset", change.dataset}, {"deadline", change.deadline}};
  if (!change.graph.empty()) body["graph"] = change.graph;
  if (!change.period.empty()) body["period"] = change.period;
  return {"deadline_missed", change.run, change.job, "late", std::move(body)};
}

Event to_event(const JobFailed& change) {
  return {"job_failed", change.run, change.job, change.why, {{"sentence", change.sentence}}};
}

Event to_event(const PartitionsListed& change) {
  return {"partitions_listed",
          change.run,
          change.job,
          "",
          {{"values", texts(change.values)}, {"jobs", texts(change.jobs)}}};
}

Event to_event(const RunEnded& change) {
  return {"run_ended", change.run, "", change.why, {{"verdict", change.verdict}}};
}

}  // namespace tallymill
