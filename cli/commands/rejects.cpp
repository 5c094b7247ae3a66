#include <filesystem>
#include <sstream>

#include "cli/attempt_results.h"
#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/left_rows.h"
#include "cli/load_workspace.h"
#include "cli/sensitive_log.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/query_runner.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// Spreadsheet programs take a CSV file for UTF-8 only with it.
constexpr const char* kByteOrderMark = "\xEF\xBB\xBF";

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
  Task task = correction_task(workspace, store, job, evidence, "correction_sheet");
  task.spec.as_object()["reveal"] = invocation.has("reveal");
  const json::value answer = run_query(workspace, std::move(task)).answer;
  record_reveal(invocation, workspace, shown_of(evidence));
  const RowAnswer rows = row_answer(answer.as_object());
  const fs::path file = fs::absolute(invocation.text("export"));
  std::ostringstream text;
  text << kByteOrderMark;
  print_csv(rows, text);
  write_file_durably(file, text.str(), 0600);
  const std::int64_t lost = json_integer(answer.as_object(), "lost");
  invocation.out() << group_digits(rows.total) << (rows.total == 1 ? " row of " : " rows of ")
                   << evidence.dataset << " for " << evidence.run.period << " in "
                   << invocation.text("export") << "\n";
  if (lost > 0)
    invocation.out()
        << group_digits(lost)
        << " more cannot be found in what the job read: a step has changed their key\n";
  invocation.out()
      << "correct cells, leave the columns that begin with '_', then: tallymill correct " << job
      << " " << invocation.text("export") << " --reason TEXT\n";
  return Exit::ok;
}

Exit run_rejects(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
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
      {.name = "export",
       .value = "FILE",
       .summary = "Write the rejects as a CSV sheet with what the job read, to correct cells in "
                  "and give back with 'tallymill correct'."},
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
