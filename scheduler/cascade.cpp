#include "scheduler/cascade.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "scheduler/job_name.h"

namespace tallymill {
namespace {

/// A result on its way to the plan.
struct Node {
  std::string cause;  ///< the first thing it read that may change
  std::set<JobOfPeriod> dependents;
  std::size_t waits_for = 0;
  std::size_t wave = 0;  ///< how often the way here changed from one graph and period to another
};

class CascadeFinder {
 public:
  CascadeFinder(const Workspace& workspace, StoreView& view) : workspace_(workspace), view_(view) {}

  std::vector<CascadeStep> find(const std::vector<JobOfPeriod>& origins) {
    for (const JobOfPeriod& origin : origins) {
      nodes_.try_emplace(origin);
      origins_.insert(origin);
      open_.push_back(origin);
    }
    while (!open_.empty()) {
      const JobOfPeriod maker = std::move(open_.back());
      open_.pop_back();
      add_readers(maker);
    }
    number_waves();
    return steps();
  }

 private:
  bool is_known(const JobOfPeriod& reader) const {
    const auto graph = workspace_.graphs.find(reader.graph);
    return graph != workspace_.graphs.end() &&
           graph->second->find_job(split_job_name(reader.job).job) != nullptr;
  }

  void add_readers(const JobOfPeriod& maker) {
    const JobName name = split_job_name(maker.job);
    for (const SqlRow& row : view_.database().select(
             "select distinct i.graph, i.period, i.job, i.partition, i.dataset, i.input_period"
             " from version v join result_input i on i.dataset = v.dataset"
             " and i.input_period = v.period and i.input_partition = v.partition"
             " where v.graph = :p0 and v.period = :p1 and v.job = :p2 and v.partition = :p3"
             " and v.visible = 1 order by 1, 2, 3, 4, 5, 6",
             "tttttt", {maker.graph, maker.period, name.job, name.partition})) {
      const JobOfPeriod reader{row.text(0), row.text(1), job_name(row.text(2), row.text(3))};
      if (!is_known(reader)) continue;
      const auto [node, is_new] = nodes_.try_emplace(reader);
      if (is_new) {
        node->second.cause = row.text(4) + " of " + row.text(5);
        open_.push_back(reader);
      }
      if (nodes_.at(maker).dependents.insert(reader).second) ++node->second.waits_for;
    }
  }

  void number_waves() {
    std::set<JobOfPeriod> ready;
    for (const auto& [job, node] : nodes_)
      if (node.waits_for == 0) ready.insert(job);
    while (!ready.empty()) {
      const JobOfPeriod job = *ready.begin();
      ready.erase(ready.begin());
      const Node& node = nodes_.at(job);
      for (const JobOfPeriod& next : node.dependents) {
        Node& dependent = nodes_.at(next);
        const bool same = next.graph == job.graph && next.period == job.period;
        dependent.wave = std::max(dependent.wave, node.wave + (same ? 0 : 1));
        if (--dependent.waits_for == 0) ready.insert(next);
      }
    }
  }

  std::vector<CascadeStep> steps() const {
    std::map<std::tuple<std::size_t, std::string, std::string>, CascadeStep> ordered;
    for (const auto& [job, node] : nodes_) {
      if (origins_.contains(job)) continue;
      CascadeStep& step = ordered[{node.wave, job.graph, job.period}];
      step.graph = job.graph;
      step.period = job.period;
      step.jobs.emplace_back(job.job, node.cause);
    }
    std::vector<CascadeStep> result;
    for (auto& entry : ordered) result.push_back(std::move(entry.second));
    return result;
  }

  const Workspace& workspace_;
  StoreView& view_;
  std::map<JobOfPeriod, Node> nodes_;
  std::set<JobOfPeriod> origins_;
  std::vector<JobOfPeriod> open_;
};

}  // namespace

std::vector<CascadeStep> cascade_of(const Workspace& workspace, StoreView& view,
                                    const std::vector<JobOfPeriod>& origins) {
  return CascadeFinder(workspace, view).find(origins);
}

}  // namespace tallymill
