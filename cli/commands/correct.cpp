#include <filesystem>

#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/left_rows.h"
#include "cli/load_workspace.h"
#include "cli/run_operation.h"
#include "cli/run_words.h"
#include "cli/scheduler_link.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/corrections.h"
#include "scheduler/query_runner.h"
#include "scheduler/rerun_plan.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConnector = "sheet";

/// What the sheet says, compared with the rows that left.
json::object read_sheet(const Workspace& workspace, Task task, const std::string& name) {
  const fs::path file = fs::absolute(name).lexically_normal();
  if (!fs::is_regular_file(file))
    throw Error(ErrorClass::config, "there is no file '" + name + "'");
  json::object& question = task.spec.as_object();
  question["file"] = name;
  if (file.extension() == ".xlsx")
    question["workbook"] = file.string();
  else
    question["sheet"] =
        task_subtree({{"connector", kConnector}, {"path", file.filename().string()}});
  add_file_connector(file, kConnector, task);
  return run_query(workspace, std::move(task)).answer.as_object();
}

std::string imported_text(const json::object& sheet, const Evidence& evidence,
                          const std::string& job) {
  return counted(json_integer(sheet, "cells"), "cell") + " in " +
         counted(json_integer(sheet, "rows"), "row") + " of " + job + " for " + evidence.run.period;
}

/// A rerun of the job and of all that comes after it, in other graphs, too.
Exit rerun_from(const Invocation& invocation, const UnitCatalog& catalog, const Evidence& evidence,
                const std::string& job) {
  RerunSelection selection;
  selection.job = job;
  selection.downstream = true;
  selection.cascade = true;
  selection.reason = invocation.text("reason");
  const auto plan_now = [&] {
    const Workspace now = load_workspace(invocation, catalog);
    StoreView store = open_store(now);
    return plan_rerun(now, store, evidence.run, selection);
  };
  return SchedulerLink(invocation, catalog, load_workspace(invocation, catalog),
                       "tallymill correct " + job + " --rerun")
      .rerun({evidence.run.id, selection, plan_now().digest},
             [] { return std::string("the plan has changed meanwhile"); });
}

Exit run_correct(const Invocation& invocation) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace(invocation, catalog);
  const std::string job = job_run_of(invocation);
  std::optional<Evidence> evidence;
  json::object sheet;
  {
    StoreView store = open_store(workspace);
    evidence = find_evidence(store, StateFolder(workspace.state), job, {"rejects"},
                             invocation.text("run"));
    sheet = read_sheet(workspace,
                       correction_task(workspace, store, job, *evidence, "correction_import"),
                       invocation.text("FILE"));
  }
  const std::string what = imported_text(sheet, *evidence, job);
  const bool says_nothing = json_integer(sheet, "rows") == 0;
  if (invocation.has("dry-run") || says_nothing) {
    if (invocation.json())
      invocation.out() << pretty_json(sheet);
    else if (says_nothing)
      invocation.out() << "nothing is corrected: no cell of " << invocation.text("FILE")
                       << " differs from what the job read\n";
    else
      invocation.out() << "would correct " << what << "\n";
    return Exit::ok;
  }
  const CorrectionOrder order{.graph = evidence->run.graph,
                              .job = job,
                              .period = evidence->run.period,
                              .version = evidence->version,
                              .file = fs::path(invocation.text("FILE")).filename().string(),
                              .why = invocation.text("reason"),
                              .text = json_text(sheet, "text")};
  const bool reruns = invocation.has("rerun");
  const std::string next = reruns ? ""
                                  : "; they count from the job's next run on: tallymill rerun " +
                                        evidence->run.id + " --from " + job + " --cascade";
  const Exit exit =
      SchedulerLink(invocation, catalog, std::move(workspace), "tallymill correct " + job)
          .correct(order, "corrected " + what + next);
  return reruns && exit == Exit::ok ? rerun_from(invocation, catalog, *evidence, job) : exit;
}

}  // namespace

void register_correct(Registry<Command>& commands) {
  commands.add({
      .name = "correct",
      .summary =
          "Takes a sheet of corrected rejects back: the job's next run reads those cells so.",
      .example = "tallymill correct clean_users rejects.csv --reason 'branch 17 confirmed the "
                 "amounts' --rerun",
      .arguments = {{"JOB", "The job that turned the rows away."},
                    {"FILE",
                     "The sheet that 'tallymill rejects JOB --export FILE' wrote, CSV or .xlsx."}},
      .flags = {{.name = "run", .value = "RUN", .summary = "Of this run; default: the newest."},
                partition_flag("Of this partition; JOB may also be job[value]."),
                reason_flag(true),
                {.name = "dry-run", .summary = "Only say what would be corrected."},
                {.name = "rerun",
                 .summary = "Then run the job again, and all that comes after it, in other graphs, "
                            "too."},
                wait_flag(),
                json_flag()},
      .run = run_correct,
  });
}

}  // namespace tallymill
