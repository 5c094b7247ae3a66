#include "cli/attempt_results.h"
#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/left_rows.h"
#include "cli/load_workspace.h"
#include "cli/reject_overview.h"
#include "cli/run_words.h"
#include "cli/sensitive_log.h"
#include "cli/sheet_file.h"
#include "core/correction.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/job_name.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

SensitiveShown shown_of(const Evidence& evidence) {
  return {.run = evidence.run.id,
          .dataset = evidence.dataset,
          .period = evidence.run.period,
          .versions = {evidence.version}};
}

/// The rows as a sheet in which people correct them; see 'tallymill correct'.
Exit export_sheet(const Invocation& invocation, const Workspace& workspace, StoreView& store,
                  const std::string& job) {
  const Evidence evidence =
      find_evidence(store, StateFolder(workspace.state), job, {"rejects"}, invocation.text("run"));
  const json::object answer = write_sheet_file(
      invocation, workspace, correction_task(workspace, store, job, evidence, "correction_sheet"),
      shown_of(evidence));
  const std::int64_t total = json_integer(answer, "total");
  invocation.out() << counted(total, "row") << " of " << evidence.dataset << " for "
                   << evidence.run.period << " in " << invocation.text("export") << "\n";
  const std::int64_t lost = json_integer(answer, "lost");
  if (lost > 0)
    invocation.out()
        << group_digits(lost)
        << " more cannot be found in what the job read: a step has changed their key\n";
  invocation.out()
      << "correct cells, leave the columns that begin with '_', then: tallymill correct " << job
      << " " << invocation.text("export") << " --reason TEXT\n";
  return Exit::ok;
}

/// Over all periods: what turns up again and again.
Exit count_by(const Invocation& invocation, const Workspace& workspace, StoreView& store) {
  const std::string job = job_run_of(invocation);
  const std::string dataset = rejects_dataset(std::string(split_job_name(job).job));
  record_reveal(invocation, workspace, {.dataset = dataset});
  print_rows(
      count_rejects(workspace, store, job, invocation.texts("by"), row_query(invocation, dataset)),
      invocation);
  return Exit::ok;
}

Exit run_rejects(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  if (invocation.has("open")) {
    print_open_rejects(open_rejects(store, job_run_of(invocation)), invocation);
    return Exit::ok;
  }
  if (invocation.has("by")) return count_by(invocation, workspace, store);
  if (invocation.has("export"))
    return export_sheet(invocation, workspace, store, job_run_of(invocation));
  const StateFolder state(workspace.state);
  const std::vector<std::string> kinds =
      invocation.has("kind") ? invocation.texts("kind") : turned_away_kinds();
  const Evidence evidence =
      find_evidence(store, state, job_run_of(invocation), kinds, invocation.text("run"));
  const RowQuery query = row_query(invocation, evidence.dataset);
  record_reveal(invocation, workspace, shown_of(evidence));
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
      {.name = "open",
       .summary = "What is open by period: rows, since when, and how many are corrected already."},
      {.name = "by",
       .value = "COLUMN",
       .summary = "Count the rejects of all periods by this column, _reason for one; several times "
                  "for several columns.",
       .repeated = true},
      {.name = "export",
       .value = "FILE",
       .summary = "Write the rejects with what the job read as a sheet, CSV or .xlsx, to correct "
                  "cells in and give back with 'tallymill correct'."},
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
