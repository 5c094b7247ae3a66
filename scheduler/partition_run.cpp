#include "scheduler/partition_run.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/partition_spread.h"

namespace tallymill {
namespace {

/// Takes out of `names` what comes after an approval that is not among them: one that is about
/// other partitions, too. Nothing goes past a person.
void leave_out_behind_approvals(const Graph& graph, std::vector<std::string>& names) {
  const std::set<std::string> wanted(names.begin(), names.end());
  std::vector<std::string> approvals;
  std::set<std::string> behind;
  std::vector<bool> is_behind(graph.jobs.size());
  for (const JobIndex index : graph.order) {
    const JobNode& job = graph.jobs[index];
    const bool is_outside = !wanted.contains(job.spec.name);
    const bool comes_after = std::any_of(job.needs.begin(), job.needs.end(),
                                         [&](const Edge& edge) { return is_behind[edge.from]; });
    const bool asks = is_outside && job.shape.waits_for_person;
    is_behind[index] = comes_after || asks;
    if (asks) approvals.push_back(job.spec.name);
    if (comes_after && !is_outside) behind.insert(job.spec.name);
  }
  if (behind.empty()) return;
  if (behind.size() == wanted.size())
    throw Error(ErrorClass::config,
                "all jobs of the partition come after '" + join(approvals, "', '") +
                    "', where a person is asked about all partitions; run the whole graph");
  std::erase_if(names, [&](const std::string& name) { return behind.contains(name); });
}

}  // namespace

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
  const auto spread = spread_as_listed(graph, period, view);
  PartitionRun run;
  run.jobs = names_of_partition(*spread, partition.name, partition.value);
  leave_out_behind_approvals(*spread, run.jobs);
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
