#include "scheduler/rule_backtest.h"

#include <algorithm>

#include "core/files.h"
#include "scheduler/input_resolver.h"
#include "scheduler/job_name.h"
#include "scheduler/machine.h"
#include "scheduler/partition_spread.h"
#include "scheduler/period_choice.h"
#include "scheduler/plan_judge.h"
#include "scheduler/query_runner.h"
#include "scheduler/rule_book.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

bool names_file(const JobNode& job, const std::string& file) {
  return std::any_of(job.shape.files.begin(), job.shape.files.end(),
                     [&](const FileUse& use) { return use.path == file; });
}

/// The graph with the partitions its newest run of the period had.
std::shared_ptr<const Graph> graph_of(const std::shared_ptr<const Graph>& graph, StoreView& view,
                                      const Period& period) {
  const std::vector<RunRecord> runs = view.runs(graph->name, period.text());
  if (runs.empty()) return graph;
  std::vector<std::string> names;
  for (const JobRunRecord& record : view.job_runs(runs.back().id)) names.push_back(record.job);
  return names.empty() ? graph : spread_by_names(graph, names);
}

/// Every period of the graph's kind whose first day lies within `from` to `to`.
std::vector<Period> periods_between(PeriodKind kind, const Period& from, const Period& to) {
  std::vector<Period> periods;
  for (Period period = Period::containing(kind, from.first_day());
       period.first_day() <= to.last_day(); period = period.next())
    if (period.first_day() >= from.first_day()) periods.push_back(period);
  return periods;
}

class Planner {
 public:
  Planner(const Workspace& workspace, StoreView& view, const std::string& file)
      : workspace_(workspace), view_(view), file_(file), state_(workspace.state) {}

  void add(const std::shared_ptr<const Graph>& declared, const Period& period) {
    const std::shared_ptr<const Graph> graph = graph_of(declared, view_, period);
    const LiveRun run = imagined_run(graph, period);
    InputResolver resolver(workspace_, run, view_);
    for (JobIndex index = 0; index < run.size(); ++index) {
      const JobNode& node = run.node(index);
      if (node.was_spread || !names_file(node, file_)) continue;
      const JobInputs inputs = resolver.resolve(index);
      if (!inputs.is_complete()) {
        const std::string& why = !inputs.held.empty()      ? inputs.held
                                 : !inputs.blocked.empty() ? inputs.blocked
                                                           : inputs.failed;
        backtest_.gaps.push_back({graph->name, node.spec.name, period.text(), why});
        continue;
      }
      backtest_.tasks.push_back(task_of(*graph, node, run.record(), inputs.versions));
    }
  }

  Backtest take() { return std::move(backtest_); }

 private:
  Task task_of(const Graph& graph, const JobNode& node, const RunRecord& record,
               const std::vector<PinnedVersion>& versions) {
    Task task;
    task.mode = TaskMode::query;
    task.workspace = workspace_.root;
    task.currency_scale = workspace_.currency_scale;
    task.graph = record.graph;
    task.job = split_job_name(node.spec.name).job;
    task.partition = node.partition;
    task.type = node.spec.type;
    task.period = record.period;
    task.as_of = utc_now();
    task.spec = node.spec.options.node().to_json();
    task.params = record.params;
    task.time = task_time(workspace_, node, record.period);
    for (const auto& [use, found] : versions_by_input(workspace_, graph, node, record, versions)) {
      std::vector<InputVersion>& list = task.inputs[use->name()];
      for (const PinnedVersion& input : found)
        list.push_back({input.version,
                        state_.version(input.dataset, input.period, input.partition, input.version),
                        input.period, input.partition, input.digest, input.dataset});
    }
    task.several = inputs_of_several(workspace_, node);
    const auto effective = Period::parse(record.period);
    for (const FileUse& use : node.shape.files) add_file(use.path, *effective, task);
    for (const std::string& path : calendar_files(workspace_, task.time.calendar))
      add_file(path, *effective, task);
    return task;
  }

  void add_file(const std::string& path, const Period& period, Task& task) {
    std::string text = read_file(workspace_.root / path);
    const std::string rule = rule_subject_of(path);
    if (!rule.empty() && workspace_.rules_need_approval) {
      RuleBook book(view_);
      if (const auto activation = book.effective(rule, period))
        if (auto record = book.version(rule, activation->version)) text = std::move(record->text);
    }
    task.files[path] = file_of_query(path, std::move(text));
  }

  const Workspace& workspace_;
  StoreView& view_;
  const std::string& file_;
  StateFolder state_;
  Backtest backtest_;
};

}  // namespace

Backtest plan_backtest(const Workspace& workspace, StoreView& view, const std::string& file,
                       const Period& from, const Period& to) {
  Planner planner(workspace, view, file);
  std::vector<std::string> jobs;
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
      planner.add(graph, period);
  }
  Backtest backtest = planner.take();
  backtest.jobs = std::move(jobs);
  return backtest;
}

Task backtest_query(std::vector<Task> tasks, json::object question) {
  Task query;
  query.mode = TaskMode::query;
  json::array list;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    // Only for the worker to know which folders it may read.
    for (const auto& [name, versions] : tasks[i].inputs)
      query.inputs[std::to_string(i) + " " + name] = versions;
    list.push_back(tasks[i].to_json());
  }
  question["tasks"] = std::move(list);
  query.spec = std::move(question);
  return query;
}

}  // namespace tallymill
