#include "scheduler/plan.h"

#include "cli/common_flags.h"
#include "cli/load_workspace.h"
#include "scheduler/plan_judge.h"
#include "scheduler/store_binding.h"

namespace tallymill {
namespace {

Exit run_plan(const Invocation& invocation) {
  const UnitCatalog catalog;
  const std::string name = invocation.text("GRAPH");
  const Period period = period_of(invocation);
  const Workspace workspace = load_workspace(invocation, catalog, name);
  require_param_values(workspace, name, period, RulesOf::period);
  const std::shared_ptr<const Graph>& graph = workspace.graphs.at(name);
  PlanJudge judge;
  if (auto view = StoreView::open(store_address(workspace)))
    if (period.kind() == graph->period) judge = judge_by_store(workspace, graph, period, *view);
  const Plan plan = make_plan(graph, period, judge);
  invocation.out() << (invocation.json() ? pretty_json(plan_json(plan)) : plan_text(plan));
  return Exit::ok;
}

}  // namespace

void register_plan(Registry<Command>& commands) {
  commands.add({
      .name = "plan",
      .summary = "Shows what a run would do, job by job, and what each waits for.",
      .example = "tallymill plan month_end --period 2026-01",
      .arguments = {{"GRAPH", "The graph to plan."}},
      .flags = {period_flag(), json_flag()},
      .run = run_plan,
  });
}

}  // namespace tallymill
