#include <filesystem>

#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "core/error.h"
#include "core/text.h"
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

/// A failed attempt keeps its evidence in its own folder; a succeeded one has published it.
Evidence find_evidence(StoreView& store, const StateFolder& state, const std::string& job,
                       const std::string& kind, const std::string& run_text) {
  const std::string dataset = job + "." + kind;
  std::vector<RunRecord> runs;
  if (run_text.empty())
    runs = store.runs({}, 100);
  else
    runs.push_back(store.find_run(run_text));
  for (const RunRecord& run : runs) {
    if (!has_job(store, run, job)) continue;
    const auto attempts = store.attempts(run.id, job);
    if (!attempts.empty()) {
      const AttemptRecord& last = attempts.back();
      const fs::path staged = state.attempt(run.id, job, last.number) / "staging" / dataset;
      if (fs::exists(staged / "manifest.json")) return {staged, dataset, run};
    }
    if (const auto version = store.visible(dataset, run.period))
      return {state.version(dataset, version->period, version->partition, version->id), dataset,
              run};
  }
  throw Error(ErrorClass::config, "job '" + job + "' has no " + kind +
                                      (run_text.empty() ? "" : " in run " + run_text) +
                                      "; 'tallymill datasets' lists what there is");
}

Exit run_rejects(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace(invocation, catalog);
  StoreView store = open_store(workspace);
  const StateFolder state(workspace.state);
  const Evidence evidence =
      find_evidence(store, state, invocation.text("JOB"), invocation.text("kind", "rejects"),
                    invocation.text("run"));
  const RowQuery query{
      .dataset = evidence.dataset,
      .columns = {},
      .where = invocation.text("where"),
      .limit = invocation.integer("limit", invocation.has("csv") || invocation.json() ? 0 : 20),
      .reveal = invocation.has("reveal")};
  print_rows(read_rows(workspace, evidence.folder, evidence.run.period, query), invocation);
  return Exit::ok;
}

}  // namespace

void register_rejects(Registry<Command>& commands) {
  commands.add({
      .name = "rejects",
      .summary = "Prints the rows a job turned away, with reasons, also of a failed attempt.",
      .example = "tallymill rejects clean_users",
      .arguments = {{"JOB", "The job that turned the rows away."}},
      .flags = {{.name = "kind",
                 .value = "KIND",
                 .summary = "Other evidence: merged, filtered, failures, breaks, trace."},
                {.name = "run", .value = "RUN", .summary = "Of this run; default: the newest."},
                {.name = "where", .value = "SQL", .summary = "Only rows that meet this condition."},
                {.name = "limit",
                 .value = "N",
                 .summary = "At most N rows, 0 for all; default 20, all with --csv and --json."},
                {.name = "reveal", .summary = "Show sensitive columns."},
                {.name = "csv", .summary = "Print CSV."},
                json_flag()},
      .run = run_rejects,
  });
}

}  // namespace tallymill
