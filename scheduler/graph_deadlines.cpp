#include "scheduler/graph_deadlines.h"

#include "core/text.h"

namespace tallymill {
namespace {

JobNode* maker_of(Graph& graph, std::string_view dataset) {
  for (JobNode& job : graph.jobs)
    for (const DatasetUse& output : job.shape.outputs)
      if (output.dataset == dataset) return &job;
  return nullptr;
}

std::vector<std::string> datasets_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const JobNode& job : graph.jobs)
    for (const DatasetUse& output : job.shape.outputs) names.push_back(output.dataset);
  return names;
}

void read_dataset_deadline(YamlNode key, YamlNode node, const DeadlineScope& scope, Graph& graph,
                           Diagnostics& diagnostics) {
  JobNode* maker = maker_of(graph, key.text());
  if (maker == nullptr) {
    const auto names = datasets_of(graph);
    const std::string meant = did_you_mean(key.text(), names);
    diagnostics.error(
        key.position(),
        "no job of graph '" + graph.name + "' makes '" + std::string(key.text()) + "'",
        meant.empty() ? "'deadlines' names datasets of this graph" : meant);
    return;
  }
  auto deadline = read_deadline(node, scope, diagnostics);
  if (!deadline) return;
  deadline->dataset = key.text();
  maker->deadlines.push_back(std::move(*deadline));
}

}  // namespace

DeadlineScope deadline_scope(const Workspace& workspace, const Graph& graph, const Period& period,
                             const std::map<std::string, TaskParam>& params) {
  DeadlineScope scope{period, workspace.zone, nullptr, params};
  if (graph.schedule) scope.zone = graph.schedule->zone;
  if (graph.schedule && graph.schedule->calendar) {
    scope.calendar = graph.schedule->calendar;
  } else if (const auto named = workspace.calendars.find(workspace.default_calendar);
             named != workspace.calendars.end()) {
    scope.calendar = named->second.calendar;
  }
  return scope;
}

void read_deadlines(YamlNode root, const Workspace& workspace, Graph& graph,
                    Diagnostics& diagnostics) {
  const DeadlineScope scope =
      deadline_scope(workspace, graph,
                     Period::containing(graph.period, Date::from_civil(2024, 2, 29)), graph.params);
  std::vector<bool> is_begin(graph.jobs.size(), false);  // the block's end bears its deadline
  for (const BlockNode& block : graph.blocks) is_begin[block.begin] = true;
  for (JobIndex i = 0; i < graph.jobs.size(); ++i) {
    JobNode& job = graph.jobs[i];
    const YamlNode node = job.spec.options.node().find("deadline");
    if (is_begin[i]) continue;
    if (auto deadline = read_deadline(node, scope, diagnostics))
      job.deadlines.push_back(std::move(*deadline));
  }
  const YamlNode by_dataset = root.find("deadlines");
  for (std::size_t i = 0; by_dataset.is_mapping() && i < by_dataset.size(); ++i)
    read_dataset_deadline(by_dataset.key(i), by_dataset[i], scope, graph, diagnostics);
}

}  // namespace tallymill
