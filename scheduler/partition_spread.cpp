#include "scheduler/partition_spread.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/job_name.h"

namespace tallymill {
namespace {

bool are_alike(const JobNode& a, const JobNode& b) {
  return a.axis && b.axis && a.axis->name == b.axis->name;
}

JobNode partition_of(const JobNode& job, const std::string& value) {
  JobNode part = job;
  part.partition = value;
  part.spec.name = job_name(job.spec.name, value);
  return part;
}

/// Which of the nodes that stand for the job an edge comes from come before `reader`.
std::vector<JobIndex> sources(const std::vector<JobNode>& jobs, std::span<const JobIndex> makers,
                              const JobNode& reader) {
  std::vector<JobIndex> found;
  for (const JobIndex maker : makers)
    if (!are_alike(jobs[maker], reader) || jobs[maker].partition == reader.partition)
      found.push_back(maker);
  return found;
}

/// Puts the edges of `jobs` right: `stands_for[i]` are the new numbers of what was number i.
void renumber(std::vector<JobNode>& jobs, const std::vector<std::vector<JobIndex>>& stands_for) {
  for (JobNode& job : jobs) {
    std::vector<Edge> needs;
    for (const Edge& edge : job.needs)
      for (const JobIndex from : sources(jobs, stands_for[edge.from], job))
        needs.push_back({from, edge.kind, edge.dataset});
    std::sort(needs.begin(), needs.end(), [](const Edge& a, const Edge& b) {
      return std::tie(a.from, a.kind, a.dataset) < std::tie(b.from, b.kind, b.dataset);
    });
    job.needs = std::move(needs);
    job.dependents.clear();
  }
  for (JobIndex j = 0; j < jobs.size(); ++j)
    for (const Edge& edge : jobs[j].needs) {
      auto& dependents = jobs[edge.from].dependents;
      if (dependents.empty() || dependents.back() != j) dependents.push_back(j);
    }
}

void finish(Graph& graph, const std::vector<JobIndex>& order,
            const std::vector<std::vector<JobIndex>>& stands_for) {
  renumber(graph.jobs, stands_for);
  graph.order.clear();
  for (const JobIndex old : order)
    graph.order.insert(graph.order.end(), stands_for[old].begin(), stands_for[old].end());
  graph.index_names();
}

/// The lists that jobs of `graph` await.
std::set<std::string> awaited_lists(const Graph& graph) {
  std::set<std::string> lists;
  for (const JobNode& job : graph.jobs)
    if (job.awaits_list()) lists.insert(job.axis->list_job);
  return lists;
}

[[noreturn]] void throw_no_axis(const Graph& graph, const std::string& name) {
  std::set<std::string> axes;
  for (const JobNode& job : graph.jobs)
    if (job.axis) axes.insert(job.axis->name);
  const std::vector<std::string> names(axes.begin(), axes.end());
  const std::string meant = did_you_mean(name, names);
  throw Error(ErrorClass::config, "no job of graph '" + graph.name + "' is partitioned by '" +
                                      name + "'; " +
                                      (!meant.empty()  ? meant
                                       : names.empty() ? "none of its jobs is partitioned"
                                                       : "they are by " + join(names, ", ")));
}

[[noreturn]] void throw_no_value(const Graph& graph, const PartitionAxis& axis,
                                 const std::string& value) {
  std::set<std::string> known(axis.values.begin(), axis.values.end());
  for (const JobNode& job : graph.jobs)
    if (job.axis && job.axis->name == axis.name && !job.partition.empty())
      known.insert(job.partition);
  const std::vector<std::string> values(known.begin(), known.end());
  const std::string meant = did_you_mean(value, values);
  throw Error(ErrorClass::config,
              "graph '" + graph.name + "' has no partition '" + value + "' of '" + axis.name +
                  "'; " +
                  (!meant.empty()   ? meant
                   : values.empty() ? "its list is made in a run: run the whole graph first"
                                    : "they are " + join(values, ", ")));
}

}  // namespace

std::shared_ptr<const Graph> spread_declared(std::shared_ptr<const Graph> graph) {
  const auto is_declared = [](const JobNode& job) { return job.axis && !job.axis->is_listed(); };
  if (std::none_of(graph->jobs.begin(), graph->jobs.end(), is_declared)) return graph;
  auto spread = std::make_shared<Graph>(*graph);
  spread->jobs.clear();
  std::vector<std::vector<JobIndex>> stands_for(graph->jobs.size());
  for (JobIndex old = 0; old < graph->jobs.size(); ++old) {
    const JobNode& job = graph->jobs[old];
    const std::size_t copies = is_declared(job) ? job.axis->values.size() : 1;
    for (std::size_t i = 0; i < copies; ++i) {
      stands_for[old].push_back(static_cast<JobIndex>(spread->jobs.size()));
      spread->jobs.push_back(is_declared(job) ? partition_of(job, job.axis->values[i]) : job);
    }
  }
  for (BlockNode& block : spread->blocks)
    block = {stands_for[block.begin].front(), stands_for[block.end].back()};
  finish(*spread, graph->order, stands_for);
  return spread;
}

std::shared_ptr<const Graph> spread_listed(const Graph& graph, const std::string& list_job,
                                           std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  auto spread = std::make_shared<Graph>(graph);
  std::vector<std::vector<JobIndex>> stands_for(graph.jobs.size());
  for (JobIndex old = 0; old < graph.jobs.size(); ++old) {
    const JobNode& job = graph.jobs[old];
    if (!job.awaits_list() || job.axis->list_job != list_job) {
      stands_for[old].push_back(old);
      continue;
    }
    for (const std::string& value : values) {
      stands_for[old].push_back(static_cast<JobIndex>(spread->jobs.size()));
      spread->jobs.push_back(partition_of(job, value));
    }
    spread->jobs[old].needs.clear();
    spread->jobs[old].was_spread = true;
  }
  finish(*spread, graph.order, stands_for);
  return spread;
}

std::shared_ptr<const Graph> spread_by_names(std::shared_ptr<const Graph> graph,
                                             const std::vector<std::string>& names) {
  if (awaited_lists(*graph).empty()) return graph;
  std::map<std::string, std::set<std::string>> values;  // by list
  for (const std::string& name : names) {
    const JobName parts = split_job_name(name);
    if (parts.partition.empty()) continue;
    const JobNode* job = graph->find(parts.job);
    if (job && job->awaits_list()) values[job->axis->list_job].insert(std::string(parts.partition));
  }
  for (const auto& [list, found] : values)
    graph = spread_listed(*graph, list, {found.begin(), found.end()});
  return graph;
}

std::vector<std::string> names_of_partition(const Graph& graph, const std::string& name,
                                            const std::string& value) {
  std::vector<bool> other(graph.jobs.size());  // another partition comes into it
  std::vector<bool> wanted(graph.jobs.size());
  const PartitionAxis* axis = nullptr;
  for (const JobIndex index : graph.order) {
    const JobNode& job = graph.jobs[index];
    const bool is_ours = job.axis && job.axis->name == name && job.partition == value;
    if (job.axis && job.axis->name == name) axis = job.axis.get();
    wanted[index] = is_ours;
    other[index] =
        !is_ours &&
        (job.axis || std::any_of(job.needs.begin(), job.needs.end(), [&](const Edge& edge) {
           return wanted[edge.from] || other[edge.from];
         }));
  }
  if (!axis) throw_no_axis(graph, name);
  if (std::find(wanted.begin(), wanted.end(), true) == wanted.end())
    throw_no_value(graph, *axis, value);
  for (auto index = graph.order.rbegin(); index != graph.order.rend(); ++index)
    for (const Edge& edge : graph.jobs[*index].needs)
      if (wanted[*index] && !other[edge.from]) wanted[edge.from] = true;
  std::vector<std::string> names;
  for (JobIndex i = 0; i < graph.jobs.size(); ++i)
    if (wanted[i]) names.push_back(graph.jobs[i].spec.name);
  return names;
}

}  // namespace tallymill
