#include "scheduler/plan.h"

#include "cli/invocation.h"
#include "cli/load_workspace.h"
#include "core/error.h"
#include "scheduler/plan_judge.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

Period parse_period(const std::string& text) {
  if (const auto period = Period::parse(text)) return *period;
  throw Error(ErrorClass::config,
              "'" + text + "' is no period; write 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31");
}

Exit run_plan(const Invocation& invocation) {
  const UnitCatalog catalog;
  const std::string name = invocation.text("GRAPH");
  const Period period = parse_period(invocation.text("period"));
  const Workspace workspace = load_workspace(invocation, catalog, name);
  const std::shared_ptr<const Graph>& graph = workspace.graphs.at(name);
  PlanJudge judge;
  if (auto view = StoreView::open(StateFolder(workspace.state).store()))
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
      .flags = {{.name = "period",
                 .value = "PERIOD",
                 .summary = "The business time, e.g. 2026-01.",
                 .required = true},
                json_flag()},
      .run = run_plan,
  });
}

}  // namespace tallymill
