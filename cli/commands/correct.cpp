#include <filesystem>

#include "cli/common_flags.h"
#include "cli/give_back.h"
#include "cli/load_workspace.h"
#include "cli/run_words.h"
#include "scheduler/corrections.h"
#include "scheduler/query_runner.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

Exit run_correct(const Invocation& invocation) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace(invocation, catalog);
  Said said{.command = "correct", .act = "correct", .done = "corrected"};
  const std::string file = invocation.text("FILE");
  said.job = job_run_of(invocation);
  said.file = std::filesystem::path(file).filename().string();
  said.nothing = "nothing is corrected: " + file + " says nothing that is new";
  {
    StoreView store = open_store(workspace);
    said.evidence = find_evidence(store, StateFolder(workspace.state), said.job, {"rejects"},
                                  invocation.text("run"));
    said.seen = said.evidence.version;
    const std::vector<CorrectionImport> imports =
        correction_imports(store, said.evidence.run.graph, said.job, said.evidence.run.period);
    if (!imports.empty()) said.beside = imports.back().event;
    Task task = correction_task(workspace, store, said.job, said.evidence, "correction_import");
    add_sheet(file, task);
    said.sheet = run_query(workspace, std::move(task)).answer.as_object();
  }
  const std::int64_t taken_back = json_integer(said.sheet, "taken_back");
  said.what = counted(json_integer(said.sheet, "cells"), "cell") + " in " +
              counted(json_integer(said.sheet, "rows") - taken_back, "row") + " of " + said.job +
              " for " + said.evidence.run.period;
  if (taken_back > 0)
    said.what += ", what was said of " + counted(taken_back, "row") + " is taken back";
  return give_back(invocation, catalog, std::move(workspace), said);
}

}  // namespace

void register_correct(Registry<Command>& commands) {
  std::vector<Flag> flags{
      {.name = "run", .value = "RUN", .summary = "Of this run; default: the newest."},
      partition_flag("Of this partition; JOB may also be job[value].")};
  for (Flag& flag : give_back_flags()) flags.push_back(std::move(flag));
  commands.add({
      .name = "correct",
      .summary =
          "Takes a sheet of corrected rejects back: the job's next run reads those cells so.",
      .example = "tallymill correct clean_users rejects.csv --reason 'branch 17 confirmed the "
                 "amounts' --rerun",
      .arguments = {{"JOB", "The job that turned the rows away."},
                    {"FILE",
                     "The sheet that 'tallymill rejects JOB --export FILE' wrote, CSV or .xlsx."}},
      .flags = std::move(flags),
      .run = run_correct,
  });
}

}  // namespace tallymill
