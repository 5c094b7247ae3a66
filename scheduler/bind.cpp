#include "scheduler/bind.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "scheduler/faultless_jobs.h"
#include "scheduler/input_resolver.h"
#include "scheduler/job_name.h"
#include "scheduler/job_order.h"
#include "scheduler/period_choice.h"
#include "scheduler/query_runner.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

struct JobPlace {
  const Graph* graph = nullptr;
  const JobNode* job = nullptr;
};

/// Partitions of a job differ in nothing that binds: the first one stands for all.
bool is_another_partition(const Graph& graph, const JobNode& job) {
  return !job.partition.empty() && graph.find_job(split_job_name(job.spec.name).job) != &job;
}

/// All jobs of all graphs, each after the jobs that make what it reads.
std::vector<JobPlace> jobs_in_order(const Workspace& workspace) {
  std::vector<JobPlace> places;
  std::unordered_map<std::string, std::uint32_t> writers;  // of a dataset
  for (const auto& [name, graph] : workspace.graphs)
    for (const JobNode& job : graph->jobs) {
      if (is_another_partition(*graph, job)) continue;
      for (const auto* uses : {&job.shape.outputs, &job.shape.evidence})
        for (const DatasetUse& use : *uses)
          writers.emplace(use.dataset, static_cast<std::uint32_t>(places.size()));
      places.push_back({graph.get(), &job});
    }
  std::vector<Successors::Edge> edges;
  for (std::uint32_t reader = 0; reader < places.size(); ++reader)
    for (const DatasetUse& use : places[reader].job->shape.inputs)
      if (const auto writer = writers.find(use.dataset);
          writer != writers.end() && reads_own_period(use))
        edges.push_back({writer->second, reader});
  std::vector<JobPlace> result;
  result.reserve(places.size());
  for (std::uint32_t number : order_nodes({places.size(), edges}).order)
    result.push_back(places[number]);
  return result;
}

json::object params_json(const std::map<std::string, TaskParam>& params) {
  json::object object;
  for (const auto& [name, param] : params)
    object[name] = {{"type", param.type}, {"value", param.value}};
  return object;
}

json::array several_json(const Workspace& workspace, const JobNode& job) {
  json::array names;
  for (std::string& name : inputs_of_several(workspace, job)) names.emplace_back(std::move(name));
  return names;
}

bool needs_worker(const std::set<const JobNode*>& jobs) {
  return std::any_of(jobs.begin(), jobs.end(), [](const JobNode* job) {
    return job->shape.needs_engine || !job->shape.files.empty();
  });
}

/// Everything the answer depends on. Positions count: diagnostics carry them.
std::string bind_key(const Workspace& workspace, const Task& task, const fs::path& worker) {
  Fingerprint key;
  key.add("bind 2").add(xxh3_128_file(worker).hex()).add(std::to_string(workspace.currency_scale));
  key.add(workspace.root.string());
  key.add(json::serialize(task.spec));
  for (const auto& [path, file] : task.files) key.add(path).add(file.sha256);
  for (const auto& [name, connector] : task.connectors)
    key.add(name).add(json::serialize(connector));
  return key.hex();
}

BindResult read_answer(const json::object& answer) {
  return {Diagnostics::from_json(json_at(answer, "diagnostics").as_array()),
          json_at(answer, "schemas").as_object()};
}

/// Empty if nothing usable is cached: the cache may be deleted or damaged at any time.
std::optional<BindResult> read_cache(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return std::nullopt;
  try {
    return read_answer(parse_json(read_file(file), file.string()).as_object());
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

/// Keeps the newest answer only. A cache that cannot be written costs time, not the command.
void write_cache(const fs::path& file, const json::object& answer) {
  try {
    fs::create_directories(file.parent_path());
    for (const auto& entry : fs::directory_iterator(file.parent_path()))
      if (entry.path().filename().string().starts_with("bind-")) fs::remove(entry.path());
    write_file_durably(file, json::serialize(answer));
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace

void add_sources(const Workspace& workspace, Diagnostics& diagnostics) {
  std::set<std::string> files;
  for (const Diagnostic& item : diagnostics.sorted()) files.insert(item.where.file);
  for (const std::string& file : files)
    if (std::error_code ignored; fs::is_regular_file(workspace.root / file, ignored))
      diagnostics.add_source(file,
                             std::make_shared<const std::string>(read_file(workspace.root / file)));
}

Task bind_task(const Workspace& workspace, const std::set<const JobNode*>& jobs_to_bind) {
  Task task;
  task.mode = TaskMode::bind;
  json::array jobs;
  for (const JobPlace& place : jobs_in_order(workspace)) {
    if (!jobs_to_bind.contains(place.job)) continue;
    const JobSpec& spec = place.job->spec;
    jobs.push_back({{"graph", place.graph->name},
                    {"job", split_job_name(spec.name).job},
                    {"type", spec.type},
                    {"partition", place.job->partition},
                    {"period_kind", json::string(to_string(place.graph->period))},
                    {"several", several_json(workspace, *place.job)},
                    {"spec", spec.options.node().to_json()},
                    {"file", place.graph->file},
                    {"params", params_json(place.graph->params)}});
    for (const FileUse& use : place.job->shape.files) {
      const fs::path file = workspace.root / use.path;
      if (!task.files.contains(use.path))
        task.files[use.path] = {use.path, sha256_hex(read_file(file)), file};
    }
  }
  task.spec = {{"jobs", std::move(jobs)}};
  for (const auto& [name, connector] : workspace.connectors)
    task.connectors[name] = {
        {"type", connector.type}, {"spec", connector.spec}, {"file", "tallymill.yaml"}};
  return task;
}

BindResult bind_workspace(const Workspace& workspace, const Diagnostics& found,
                          const fs::path& worker) {
  const std::set<const JobNode*> jobs = faultless_jobs(workspace, found);
  if (!needs_worker(jobs)) return {};
  Task task = bind_task(workspace, jobs);
  const fs::path cache = StateFolder(workspace.state).cache() /
                         ("bind-" + bind_key(workspace, task, worker) + ".json");
  auto result = read_cache(cache);
  if (!result) {
    TaskResult answer = run_query(workspace, std::move(task), worker);
    const json::object kept{{"diagnostics", std::move(answer.diagnostics)},
                            {"schemas", json_at(answer.answer.as_object(), "schemas")}};
    result = read_answer(kept);
    write_cache(cache, kept);
  }
  add_sources(workspace, result->diagnostics);
  return std::move(*result);
}

}  // namespace tallymill
