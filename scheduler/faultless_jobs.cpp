#include "scheduler/faultless_jobs.h"

#include <algorithm>
#include <map>
#include <vector>

#include "scheduler/workspace_file.h"

namespace tallymill {
namespace {

/// The jobs of a graph's own file in its order; those of blocks and lists stand elsewhere.
std::vector<const JobNode*> jobs_of_file(const Graph& graph) {
  std::vector<const JobNode*> jobs;
  for (const JobNode& job : graph.jobs)
    if (job.spec.where.file == graph.file) jobs.push_back(&job);
  std::stable_sort(jobs.begin(), jobs.end(), [](const JobNode* a, const JobNode* b) {
    return a->spec.where < b->spec.where;
  });
  return jobs;
}

/// The job an error of a graph's file stands in; null if it stands in none. What belongs to a job
/// is indented deeper than its name.
const JobNode* job_at(const std::vector<const JobNode*>& jobs, const SourcePosition& where) {
  const auto after = std::upper_bound(
      jobs.begin(), jobs.end(), where,
      [](const SourcePosition& place, const JobNode* job) { return place < job->spec.where; });
  if (after == jobs.begin()) return nullptr;
  const JobNode* job = *std::prev(after);
  const SourcePosition& name = job->spec.where;
  const bool is_within = where.line == name.line || where.column > name.column;
  return is_within ? job : nullptr;
}

/// Whether the error stands in an entry of a list beside which the others still have a meaning.
bool is_of_one_entry(const JobNode& job, const SourcePosition& where) {
  const YamlNode options = job.spec.options.node();
  const YamlNode list = options.find(job.shape.independent_entries);
  if (!list.is_sequence() || list.size() == 0 || where < list[0].position()) return false;
  for (std::size_t i = 0; i < options.size(); ++i)
    if (options.key(i).position() < where && list.position() < options.key(i).position())
      return false;  // of an option behind it
  return true;
}

bool comes_from(const JobNode& job, const std::string& file) {
  return job.spec.where.file == file ||
         std::any_of(job.shape.files.begin(), job.shape.files.end(),
                     [&](const FileUse& use) { return use.path == file; });
}

}  // namespace

std::set<const JobNode*> faultless_jobs(const Workspace& workspace, const Diagnostics& found) {
  std::set<const JobNode*> jobs;
  std::map<std::string, std::vector<const JobNode*>> graphs;
  for (const auto& [name, graph] : workspace.graphs) {
    graphs.emplace(graph->file, jobs_of_file(*graph));
    for (const JobNode& job : graph->jobs) jobs.insert(&job);
  }
  for (const Diagnostic& problem : found.sorted()) {
    if (problem.severity != Severity::error) continue;
    if (problem.where.file == kWorkspaceFile) return {};
    const auto graph = graphs.find(problem.where.file);
    if (graph == graphs.end()) {
      std::erase_if(jobs, [&](const JobNode* job) { return comes_from(*job, problem.where.file); });
      continue;
    }
    const JobNode* const job = job_at(graph->second, problem.where);
    if (job != nullptr && is_of_one_entry(*job, problem.where)) continue;
    if (job != nullptr)  // and all its partitions
      std::erase_if(jobs,
                    [&](const JobNode* other) { return other->spec.where == job->spec.where; });
    else
      for (const JobNode* each : graph->second) jobs.erase(each);
  }
  return jobs;
}

}  // namespace tallymill
