#include "cli/give_back.h"

#include <filesystem>

#include "cli/common_flags.h"
#include "cli/load_workspace.h"
#include "cli/run_operation.h"
#include "cli/scheduler_link.h"
#include "core/error.h"
#include "scheduler/corrections.h"
#include "scheduler/rerun_plan.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConnector = "sheet";

/// A rerun of the job and of all that comes after it, in other graphs, too.
Exit rerun_from(const Invocation& invocation, const UnitCatalog& catalog, const Said& said) {
  RerunSelection selection;
  selection.job = said.job;
  selection.downstream = true;
  selection.cascade = true;
  selection.reason = invocation.text("reason");
  const auto plan_now = [&] {
    const Workspace now = load_workspace(invocation, catalog);
    StoreView store = open_store(now);
    return plan_rerun(now, store, said.evidence.run, selection);
  };
  return SchedulerLink(invocation, catalog, load_workspace(invocation, catalog),
                       "tallymill " + said.command + " " + said.job + " --rerun")
      .rerun({said.evidence.run.id, selection, plan_now().digest},
             [] { return std::string("the plan has changed meanwhile"); });
}

}  // namespace

void add_sheet(const std::string& name, Task& task) {
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
}

std::vector<Flag> give_back_flags() {
  return {reason_flag(true),
          {.name = "dry-run", .summary = "Only say what it would come to."},
          {.name = "rerun",
           .summary = "Then run the job again, and all that comes after it, in other graphs, too."},
          wait_flag(),
          json_flag()};
}

Exit give_back(const Invocation& invocation, const UnitCatalog& catalog, Workspace workspace,
               const Said& said) {
  const bool says_nothing = json_integer(said.sheet, "rows") == 0;
  if (invocation.has("dry-run") || says_nothing) {
    if (invocation.json())
      invocation.out() << pretty_json(said.sheet);
    else
      invocation.out() << (says_nothing ? said.nothing : "would " + said.act + " " + said.what)
                       << "\n";
    return Exit::ok;
  }
  const RunRecord& run = said.evidence.run;
  const CorrectionOrder order{.graph = run.graph,
                              .job = said.job,
                              .period = run.period,
                              .version = said.seen,
                              .file = said.file,
                              .why = invocation.text("reason"),
                              .text = json_text(said.sheet, "text"),
                              .beside = said.beside};
  const bool reruns = invocation.has("rerun");
  const std::string next = reruns ? std::string()
                                  : "; they count from the job's next run on: tallymill rerun " +
                                        run.id + " --from " + said.job + " --cascade";
  const Exit exit = SchedulerLink(invocation, catalog, std::move(workspace),
                                  "tallymill " + said.command + " " + said.job)
                        .correct(order, said.done + " " + said.what + next);
  return reruns && exit == Exit::ok ? rerun_from(invocation, catalog, said) : exit;
}

}  // namespace tallymill
