#include "scheduler/rule_backtest.h"

#include <algorithm>

#include "scheduler/imagined_job.h"
#include "scheduler/job_name.h"

namespace tallymill {
namespace {

bool names_file(const JobNode& job, const std::string& file) {
  return std::any_of(job.shape.files.begin(), job.shape.files.end(),
                     [&](const FileUse& use) { return use.path == file; });
}

/// Every period of the graph's kind whose first day lies within `from` to `to`.
std::vector<Period> periods_between(PeriodKind kind, const Period& from, const Period& to) {
  std::vector<Period> periods;
  for (Period period = Period::containing(kind, from.first_day());
       period.first_day() <= to.last_day(); period = period.next())
    if (period.first_day() >= from.first_day()) periods.push_back(period);
  return periods;
}

void add_jobs(const Workspace& workspace, StoreView& view,
              const std::shared_ptr<const Graph>& graph, const Period& period,
              const std::string& file, Backtest& backtest) {
  ImaginedRun run(workspace, view, graph, period);
  for (JobIndex index = 0; index < run.run().size(); ++index) {
    const JobNode& node = run.run().node(index);
    if (node.was_spread || !names_file(node, file)) continue;
    ImaginedRun::Answer answer = run.ask(index);
    if (answer.task)
      backtest.tasks.push_back(std::move(*answer.task));
    else
      backtest.gaps.push_back({graph->name, node.spec.name, period.text(), std::move(answer.why)});
  }
}

}  // namespace

Backtest plan_backtest(const Workspace& workspace, StoreView& view, const std::string& file,
                       const Period& from, const Period& to) {
  Backtest backtest;
  std::vector<std::string>& jobs = backtest.jobs;
  for (const auto& [name, graph] : workspace.graphs) {
    bool is_asked = false;
    for (const JobNode& job : graph->jobs) {
      if (!names_file(job, file)) continue;
      is_asked = true;
      const std::string title = name + "." + std::string(split_job_name(job.spec.name).job);
      if (jobs.empty() || jobs.back() != title) jobs.push_back(title);
    }
    if (!is_asked) continue;
    for (const Period& period : periods_between(graph->period, from, to))
      add_jobs(workspace, view, graph, period, file, backtest);
  }
  return backtest;
}

}  // namespace tallymill
