#include "scheduler/partition_run.h"

#include <set>

#include "scheduler/partition_spread.h"

namespace tallymill {

std::shared_ptr<const Graph> spread_as_listed(std::shared_ptr<const Graph> graph,
                                              const std::string& period, StoreView& view) {
  std::set<std::string> lists;
  for (const JobNode& job : graph->jobs)
    if (job.awaits_list()) lists.insert(job.axis->list_job);
  for (const std::string& list : lists)
    if (const auto values = view.partition_list(graph->name, period, list))
      graph = spread_listed(*graph, list, *values);
  return graph;
}

PartitionRun plan_partition_run(const std::shared_ptr<const Graph>& graph,
                                const std::string& period, const PartitionChoice& partition,
                                StoreView& view) {
  PartitionRun run;
  run.jobs =
      names_of_partition(*spread_as_listed(graph, period, view), partition.name, partition.value);
  const std::set<std::string> wanted(run.jobs.begin(), run.jobs.end());
  for (const RunRecord& record : view.open_runs(graph->name, period)) {
    std::set<std::string> jobs;
    std::vector<std::pair<std::string, std::string>> unfinished;
    for (const JobRunRecord& job : view.job_runs(record.id)) {
      jobs.insert(job.job);
      if (wanted.contains(job.job) && !is_final(job.state))
        unfinished.emplace_back(record.id, job.job);
    }
    if (jobs == wanted)
      run.open.push_back(record);
    else
      run.takes_over.insert(run.takes_over.end(), unfinished.begin(), unfinished.end());
  }
  return run;
}

}  // namespace tallymill
