#include "cli/common_flags.h"
#include "cli/load_workspace.h"
#include "cli/scheduler_link.h"

namespace tallymill {
namespace {

Exit run_run(const Invocation& invocation) {
  const UnitCatalog catalog;
  const RunRequest request{.graph = invocation.text("GRAPH"),
                           .period = period_of(invocation),
                           .params = params_of(invocation),
                           .force = invocation.has("force"),
                           .fresh = invocation.has("new"),
                           .allow_stale = invocation.has("allow-stale"),
                           .partition = partition_of(invocation),
                           .reason = invocation.text("reason"),
                           .rules = rules_of(invocation)};
  Workspace workspace = load_workspace(invocation, catalog, request.graph);
  require_param_values(workspace, request.graph, request.period, request.rules);
  require_sound_rules(workspace, request.graph);
  return SchedulerLink(invocation, catalog, std::move(workspace),
                       "tallymill run " + request.graph + " --period " + request.period.text())
      .run(request);
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
                partition_flag("Only this partition, and what it comes after."),
                {.name = "force", .summary = "Run every job, also those that are up to date."},
                {.name = "new", .summary = "Give up an open run of the period, start a new one."},
                wait_flag(),
                {.name = "allow-stale", .summary = "Let exports deliver stale data."},
                rules_flag(),
                {.name = "reason", .value = "TEXT", .summary = "Why, for the journal."},
                json_flag()},
      .run = run_run,
  });
}

}  // namespace tallymill
