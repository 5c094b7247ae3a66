#include "cli/common_flags.h"
#include "cli/load_workspace.h"
#include "cli/run_to_end.h"

namespace tallymill {
namespace {

Exit run_run(const Invocation& invocation) {
  const UnitCatalog catalog;
  const RunRequest request{.graph = invocation.text("GRAPH"),
                           .period = period_of(invocation),
                           .params = params_of(invocation),
                           .force = invocation.has("force"),
                           .fresh = invocation.has("new"),
                           .allow_stale = invocation.has("allow-stale")};
  Workspace workspace = load_workspace(invocation, catalog, request.graph);
  const BootTime began = boot_time_now();
  Scheduler scheduler(std::move(workspace), catalog,
                      scheduler_options(invocation, "tallymill run " + request.graph +
                                                        " --period " + request.period.text()));
  return run_to_end(invocation, scheduler, request, began);
}

}  // namespace

void register_run(Registry<Command>& commands) {
  commands.add({
      .name = "run",
      .summary = "Runs a graph for a period, or goes on with its open run.",
      .example = "tallymill run cost_attribution --period 2026-01 --param tolerance=0.05",
      .arguments = {{"GRAPH", "The graph, graphs/<GRAPH>.yaml."}},
      .flags = {period_flag(),
                param_flag("A parameter of the graph, over its default."),
                {.name = "force", .summary = "Run every job, also those that are up to date."},
                {.name = "new", .summary = "Give up an open run of the period, start a new one."},
                {.name = "wait", .summary = "Wait while another tallymill works on the state."},
                {.name = "allow-stale", .summary = "Let exports deliver stale data."},
                json_flag()},
      .run = run_run,
  });
}

}  // namespace tallymill
