#include "cli/followed_run.h"

#include "cli/dataset_query.h"
#include "cli/state_access.h"
#include "core/error.h"
#include "scheduler/job_wire.h"
#include "scheduler/recorded_run.h"

namespace tallymill {

RunVerdict verdict_from_wire(const std::string& text) {
  for (const RunVerdict verdict : {RunVerdict::ok, RunVerdict::findings, RunVerdict::waiting,
                                   RunVerdict::failed, RunVerdict::interrupted})
    if (text == to_string(verdict)) return verdict;
  throw Error(ErrorClass::data, "the scheduler told of the unknown verdict '" + text + "'");
}

void throw_if_refused(const json::object& line) {
  if (!line.contains("error")) return;
  const json::object& error = json_at(line, "error").as_object();
  throw Error(error_class_from(json_text(error, "class")).value_or(ErrorClass::bug),
              json_text(error, "message"));
}

void FollowedRun::take(const json::object& line) {
  throw_if_refused(line);
  if (line.contains("done")) accepted_ = true;
  if (line.contains("note")) progress_.note(json_text(line, "note"));
  if (line.contains("jobs")) return start(line);
  if (!live_ || json_text_or(line, "run", "") != live_->record().id) return;
  if (line.contains("changed")) {
    std::vector<JobIndex> changed;
    for (const json::value& job : json_at(line, "changed").as_array())
      if (!live_->find(json_text(job.as_object(), "job"))) {
        take_in_partitions();
        break;
      }
    for (const json::value& job : json_at(line, "changed").as_array())
      job_from_wire(job.as_object(), *live_, changed);
    progress_.changed(*live_, changed);
  }
  if (line.contains("ended")) verdict_ = verdict_from_wire(json_text(line, "ended"));
  if (line.contains("waits")) verdict_ = RunVerdict::waiting;
}

void FollowedRun::take_in_partitions() {
  if (!may_read_state(*workspace_)) return;  // shown by the job that lists them
  std::vector<std::string> names;
  for (const JobRunRecord& job : open_store(*workspace_).job_runs(live_->record().id))
    names.push_back(job.job);
  auto spread = std::make_unique<LiveRun>(graph_, live_->record(), names);
  for (JobIndex i = 0; i < live_->size(); ++i)
    if (const auto index = spread->find(live_->node(i).spec.name);
        index && live_->job(i).included && spread->job(*index).included)
      spread->mirror(*index, live_->job(i));
  live_ = std::move(spread);
}

std::pair<std::shared_ptr<const Workspace>, std::optional<RunRecord>> FollowedRun::run_of(
    const json::object& line) const {
  const std::string id = json_text(line, "run");
  if (!may_read_state(*workspace_)) {
    // As the graph stands; what the run has pinned may differ in jobs, which are then left out.
    RunRecord record;
    record.id = id;
    record.graph = json_text(line, "graph");
    record.period = json_text(line, "period");
    record.of = json_text(line, "of");
    if (!workspace_->graphs.contains(record.graph))
      throw Error(ErrorClass::config, "run " + id +
                                          " was accepted; the workspace here has no graph '" +
                                          record.graph + "' to show it by");
    return {workspace_, record};
  }
  StoreView store = open_store(*workspace_);
  auto record = store.run(id);
  if (!record) throw Error(ErrorClass::bug, "the store does not know run " + id);
  return {pinned_workspace(workspace_, catalog_, store, *record), std::move(record)};
}

void FollowedRun::start(const json::object& line) {
  const auto [pinned, record] = run_of(line);
  std::vector<std::string> names;
  for (const json::value& job : json_at(line, "jobs").as_array())
    names.push_back(json_text(job.as_object(), "job"));
  graph_ = pinned->graphs.at(record->graph);
  live_ = std::make_unique<LiveRun>(graph_, *record, names);
  std::vector<JobIndex> all;
  for (const json::value& job : json_at(line, "jobs").as_array())
    job_from_wire(job.as_object(), *live_, all);
  progress_.started(*live_, json_boolean(line, "goes_on"));
}

}  // namespace tallymill
