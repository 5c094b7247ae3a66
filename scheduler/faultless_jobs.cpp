#include "scheduler/faultless_jobs.h"

#include <algorithm>
#include <map>

#include "scheduler/workspace_file.h"

namespace tallymill {
namespace {

/// The job an error of a graph's file stands in; null if it stands in none. Jobs stand in file
/// order, and what belongs to one is indented deeper than its name.
const JobNode* job_at(const Graph& graph, const SourcePosition& where) {
  const auto after = std::upper_bound(
      graph.jobs.begin(), graph.jobs.end(), where,
      [](const SourcePosition& place, const JobNode& job) { return place < job.spec.where; });
  if (after == graph.jobs.begin()) return nullptr;
  const JobNode& job = *std::prev(after);
  const SourcePosition& name = job.spec.where;
  const bool is_within = where.line == name.line || where.column > name.column;
  return is_within ? &job : nullptr;
}

}  // namespace

std::set<const JobNode*> faultless_jobs(const Workspace& workspace, const Diagnostics& found) {
  std::set<const JobNode*> jobs;
  std::map<std::string, const Graph*> graphs;
  for (const auto& [name, graph] : workspace.graphs) {
    graphs.emplace(graph->file, graph.get());
    for (const JobNode& job : graph->jobs) jobs.insert(&job);
  }
  for (const Diagnostic& problem : found.sorted()) {
    if (problem.severity != Severity::error) continue;
    if (problem.where.file == kWorkspaceFile) return {};
    const auto graph = graphs.find(problem.where.file);
    if (graph == graphs.end()) continue;
    if (const JobNode* job = job_at(*graph->second, problem.where))  // and all its partitions
      std::erase_if(jobs,
                    [&](const JobNode* other) { return other->spec.where == job->spec.where; });
    else
      for (const JobNode& each : graph->second->jobs) jobs.erase(&each);
  }
  return jobs;
}

}  // namespace tallymill
