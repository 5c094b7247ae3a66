#include "cli/left_rows.h"

#include <algorithm>
#include <optional>

#include "cli/attempt_results.h"
#include "cli/common_flags.h"
#include "core/correction.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/corrections.h"
#include "scheduler/job_name.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

bool has_job(StoreView& store, const RunRecord& run, const std::string& job) {
  for (const JobRunRecord& record : store.job_runs(run.id))
    if (record.job == job) return true;
  return false;
}

/// The evidence that is published of a job: "rejects", "merged", ...
std::vector<std::string> kinds_of(StoreView& store, const std::string& job) {
  std::vector<std::string> kinds;
  for (const VersionRecord& version : store.versions({}))
    if (version.dataset.starts_with(job + "."))
      kinds.push_back(version.dataset.substr(job.size() + 1));
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  return kinds;
}

[[noreturn]] void throw_no_evidence(StoreView& store, const std::vector<RunRecord>& runs,
                                    const std::string& job, const std::string& kind) {
  const std::string where = runs.size() == 1 ? " in run " + runs.front().id : "";
  std::vector<std::string> jobs;
  for (const RunRecord& run : runs)
    for (const JobRunRecord& record : store.job_runs(run.id)) jobs.push_back(record.job);
  if (std::find(jobs.begin(), jobs.end(), job) == jobs.end()) {
    require_partition(job, jobs);
    const std::string meant = did_you_mean(job, jobs);
    throw Error(ErrorClass::config,
                "there is no job '" + job + "'" + (where.empty() ? " in any run" : where) + "; " +
                    (meant.empty() ? "'tallymill status RUN' lists the jobs of a run" : meant));
  }
  const std::vector<std::string> kinds = kinds_of(store, std::string(split_job_name(job).job));
  throw Error(ErrorClass::config, "job '" + job + "' has no " + kind + where + "; it has " +
                                      (kinds.empty() ? "no evidence at all" : join(kinds, ", ")));
}

/// A failed attempt keeps its evidence in its own folder; a succeeded one has published it, and
/// another run may have published since. A job that is up to date shows what it reuses.
std::optional<Evidence> evidence_of(StoreView& store, const StateFolder& state,
                                    const RunRecord& run, const std::string& job,
                                    const std::string& dataset) {
  const std::string partition(split_job_name(job).partition);
  const auto attempts = store.attempts(run.id, job);
  if (!attempts.empty()) {
    const AttemptRecord& last = attempts.back();
    for (const fs::path& own : {state.attempt(run.id, job, last.number) / "staging" / dataset,
                                state.version(dataset, run.period, partition, last.id)})
      if (fs::exists(own / "manifest.json")) return Evidence{own, dataset, last.id, run.id, run};
  }
  if (const auto version = store.visible(dataset, run.period, partition))
    return Evidence{state.version(dataset, version->period, version->partition, version->id),
                    dataset, version->id, version->run, run};
  return std::nullopt;
}

/// What the attempt that made the evidence was given.
Task task_behind(StoreView& store, const StateFolder& state, const std::string& job,
                 const Evidence& evidence) {
  for (const AttemptRecord& attempt : store.attempts(evidence.made_by, job))
    if (attempt.id == evidence.version)
      if (auto task = task_of(state, attempt)) return *std::move(task);
  throw Error(ErrorClass::config, "the folder of attempt '" + evidence.version +
                                      "' is gone, and with it what it read; run job '" + job +
                                      "' again (tallymill rerun " + evidence.run.id + " --from " +
                                      job + " --force)");
}

/// What the job reads its rows from; empty: records from outside.
std::string source_of(const Workspace& workspace, const std::string& graph,
                      const std::string& job) {
  const auto found = workspace.graphs.find(graph);
  const std::string base(split_job_name(job).job);
  const JobNode* node = found == workspace.graphs.end() ? nullptr : found->second->find_job(base);
  if (node == nullptr)
    throw Error(ErrorClass::config, "graph '" + graph + "' has no job '" + job + "' any more");
  const std::string corrections = corrections_dataset(base);
  for (const DatasetUse& use : node->shape.evidence)
    if (use.dataset == corrections)
      return node->shape.inputs.empty() ? std::string() : node->shape.inputs.front().name();
  throw Error(ErrorClass::config, "rows of job '" + job +
                                      "' cannot be corrected: only extract and cleanse jobs, and "
                                      "checks with 'into', turn rows away");
}

}  // namespace

Evidence find_evidence(StoreView& store, const StateFolder& state, const std::string& job,
                       const std::vector<std::string>& kinds, const std::string& run_text) {
  const std::string base(split_job_name(job).job);
  std::vector<RunRecord> runs;
  if (run_text.empty())
    runs = store.runs({}, 100);
  else
    runs.push_back(store.find_run(run_text));
  for (const RunRecord& run : runs) {
    if (!has_job(store, run, job)) continue;
    for (const std::string& kind : kinds)
      if (auto evidence = evidence_of(store, state, run, job, base + "." + kind)) return *evidence;
  }
  throw_no_evidence(store, runs, job, kinds.front());
}

Task correction_task(const Workspace& workspace, StoreView& store, const std::string& job,
                     const Evidence& evidence, const std::string& query) {
  const std::string from = source_of(workspace, evidence.run.graph, job);
  Task given = task_behind(store, StateFolder(workspace.state), job, evidence);
  if (std::find(given.several.begin(), given.several.end(), from) != given.several.end())
    throw Error(ErrorClass::config,
                "job '" + job + "' reads '" + from +
                    "' of several periods or partitions; correct its rows where they come from");
  Task task;
  task.mode = TaskMode::query;
  task.graph = given.graph;
  task.job = given.job;
  task.period = given.period;
  task.spec = json::object{{"query", query},
                           {"job", given.job},
                           {"type", given.type},
                           {"rejects", evidence.dataset},
                           {"version", evidence.version},
                           {"from", from},
                           {"job_spec", given.spec}};
  task.inputs[evidence.dataset] = {version_in(evidence.folder, evidence.run.period)};
  if (!from.empty()) task.inputs[from] = given.inputs[from];
  if (!from.empty() && given.schemas.contains(from)) task.schemas[from] = given.schemas[from];
  const TextsInstead said = corrections_in_effect(store, evidence.run.graph, evidence.run.period);
  if (const auto text = said.find(corrections_path(job)); text != said.end())
    task.files[corrections_path(given.job)] =
        file_of_query(corrections_path(given.job), text->second);
  return task;
}

}  // namespace tallymill
