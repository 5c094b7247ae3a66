#include "scheduler/imagined_job.h"

#include "core/files.h"
#include "scheduler/job_name.h"
#include "scheduler/machine.h"
#include "scheduler/partition_spread.h"
#include "scheduler/period_choice.h"
#include "scheduler/plan_judge.h"
#include "scheduler/query_runner.h"
#include "scheduler/rule_book.h"
#include "scheduler/state_folder.h"
#include "scheduler/stored_texts.h"

namespace tallymill {
namespace {

/// The graph with the partitions its newest run of the period had.
std::shared_ptr<const Graph> spread_graph(const std::shared_ptr<const Graph>& graph,
                                          StoreView& view, const Period& period) {
  const std::vector<RunRecord> runs = view.runs(graph->name, period.text());
  if (runs.empty()) return graph;
  std::vector<std::string> names;
  for (const JobRunRecord& record : view.job_runs(runs.back().id)) names.push_back(record.job);
  return names.empty() ? graph : spread_by_names(graph, names);
}

}  // namespace

ImaginedRun::ImaginedRun(const Workspace& workspace, StoreView& view,
                         const std::shared_ptr<const Graph>& graph, const Period& period,
                         const std::map<std::string, TaskParam>& params)
    : workspace_(workspace),
      view_(view),
      graph_(spread_graph(graph, view, period)),
      run_(imagined_run(graph_, period, params)),
      resolver_(workspace_, run_, view_) {
  for (auto& [path, text] : stored_texts(view_, *graph_, period))
    stored_.emplace(path, file_of_query(path, text));
}

ImaginedRun::Answer ImaginedRun::ask(JobIndex job, const std::string& without) {
  const JobInputs inputs = resolver_.resolve(job, without);
  if (inputs.is_complete()) return {.task = task_of(run_.node(job), inputs.versions), .why = {}};
  return {.task = std::nullopt,
          .why = !inputs.held.empty()      ? inputs.held
                 : !inputs.blocked.empty() ? inputs.blocked
                                           : inputs.failed};
}

Task ImaginedRun::task_of(const JobNode& node, const std::vector<PinnedVersion>& versions) {
  const RunRecord& record = run_.record();
  const StateFolder state(workspace_.state);
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
  for (const auto& [use, found] : versions_by_input(workspace_, *graph_, node, record, versions)) {
    std::vector<InputVersion>& list = task.inputs[use->name()];
    for (const PinnedVersion& input : found)
      list.push_back({input.version,
                      state.version(input.dataset, input.period, input.partition, input.version),
                      input.period, input.partition, input.digest, input.dataset});
  }
  task.several = inputs_of_several(workspace_, node);
  const auto effective = Period::parse(record.period);
  for (const FileUse& use : node.shape.files) add_file(use.path, *effective, task);
  for (const std::string& path : calendar_files(workspace_, task.time.calendar))
    add_file(path, *effective, task);
  for (const StoredFile& stored : stored_files_of(node.spec.name, stored_))
    task.files[stored.path] = *stored.file;
  return task;
}

void ImaginedRun::add_file(const std::string& path, const Period& period, Task& task) {
  std::string text = read_file(workspace_.root / path);
  const std::string rule = rule_subject_of(path);
  if (!rule.empty() && workspace_.rules_need_approval) {
    RuleBook book(view_);
    if (const auto activation = book.effective(rule, period))
      if (auto record = book.version(rule, activation->version)) text = std::move(record->text);
  }
  task.files[path] = file_of_query(path, std::move(text));
}

Task query_about(std::vector<Task> tasks, json::object question) {
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
