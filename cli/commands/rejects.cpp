#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/attempt_results.h"
#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/sensitive_log.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/job_name.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// Evidence of the job's newest attempt, published or not: the folder, and the run it is from.
struct Evidence {
  fs::path folder;
  std::string dataset;
  RunRecord run;
};

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

/// A failed attempt keeps its evidence in its own folder; a succeeded one has published it.
std::optional<Evidence> evidence_of(StoreView& store, const StateFolder& state,
                                    const RunRecord& run, const std::string& job,
                                    const std::string& dataset) {
  const auto attempts = store.attempts(run.id, job);
  if (!attempts.empty()) {
    const AttemptRecord& last = attempts.back();
    const fs::path staged = state.attempt(run.id, job, last.number) / "staging" / dataset;
    if (fs::exists(staged / "manifest.json")) return Evidence{staged, dataset, run};
  }
  const std::string partition(split_job_name(job).partition);
  if (const auto version = store.visible(dataset, run.period, partition))
    return Evidence{state.version(dataset, version->period, version->partition, version->id),
                    dataset, run};
  return std::nullopt;
}

/// Of the first of `kinds` that the job has.
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

Exit run_rejects(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  const StateFolder state(workspace.state);
  const std::vector<std::string> kinds =
      invocation.has("kind") ? invocation.texts("kind") : turned_away_kinds();
  const Evidence evidence =
      find_evidence(store, state, job_run_of(invocation), kinds, invocation.text("run"));
  const RowQuery query = row_query(invocation, evidence.dataset);
  record_reveal(invocation, workspace,
                {.run = evidence.run.id,
                 .dataset = evidence.dataset,
                 .period = evidence.run.period,
                 .versions = {evidence.folder.filename().string()}});
  print_rows(read_rows(workspace, evidence.folder, evidence.run.period, query), invocation);
  return Exit::ok;
}

}  // namespace

void register_rejects(Registry<Command>& commands) {
  std::vector<Flag> flags{
      {.name = "kind",
       .value = "KIND",
       .summary = "Other evidence: merged, filtered, trace; default: the job's rejects, failures, "
                  "breaks or parked pools."},
      {.name = "run", .value = "RUN", .summary = "Of this run; default: the newest."},
      partition_flag("Of this partition; JOB may also be job[value].")};
  for (Flag& flag : row_flags()) flags.push_back(std::move(flag));
  commands.add({
      .name = "rejects",
      .summary = "Prints the rows a job turned away, with reasons, also of a failed attempt.",
      .example = "tallymill rejects clean_users",
      .arguments = {{"JOB", "The job that turned the rows away."}},
      .flags = std::move(flags),
      .run = run_rejects,
  });
}

}  // namespace tallymill
