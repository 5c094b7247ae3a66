#include "cli/run_operation.h"

#include <algorithm>

#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/scheduler_link.h"
#include "cli/state_access.h"

namespace tallymill {

Argument run_argument() {
  return {.name = "RUN", .summary = "A run, or a graph's name for its newest one."};
}

Argument job_argument(bool required) {
  return {.name = "JOB", .summary = "A job of the run.", .required = required};
}

Flag reason_flag(bool required) {
  return {.name = "reason",
          .value = "TEXT",
          .summary = "Why; it is recorded with your name.",
          .required = required};
}

Exit operate(const Invocation& invocation, RunOperationKind kind, const std::string& said,
             bool follow, JobRunState to) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace_to_look(invocation, catalog);
  // The scheduler finds it for those who may not look.
  const std::string run = may_read_state(workspace)
                              ? open_store(workspace).find_run(invocation.text("RUN")).id
                              : invocation.text("RUN");
  const std::vector<Argument>& arguments = invocation.command().arguments;
  const bool takes_job =
      std::any_of(arguments.begin(), arguments.end(),
                  [](const Argument& argument) { return argument.name == "JOB"; });
  const RunOperation operation{.kind = kind,
                               .run = run,
                               .job = takes_job ? invocation.text("JOB") : "",
                               .to = to,
                               .why = invocation.text("reason")};
  const std::string doing = "tallymill " + std::string(to_string(kind)) + " " + run;
  return SchedulerLink(invocation, catalog, std::move(workspace), doing)
      .operate(operation, "run " + run + ": " + said, follow);
}

}  // namespace tallymill
