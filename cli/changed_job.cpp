#include "cli/changed_job.h"

#include <algorithm>
#include <set>

#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "core/yaml.h"
#include "scheduler/file_options.h"
#include "scheduler/query_runner.h"
#include "scheduler/scheduler.h"
#include "scheduler/store_binding.h"

namespace tallymill {
namespace {

const std::string kPlace = "--set";

std::set<std::string> datasets_of(const std::vector<DatasetUse>& uses) {
  std::set<std::string> names;
  for (const DatasetUse& use : uses)
    names.insert(use.name() + " " + use.dataset + " " + use.period + " " +
                 std::to_string(use.periods));
  return names;
}

/// The job's mapping with the changes, as one line of flow YAML, which JSON is.
std::string changed_text(const JobSpec& spec, const std::vector<std::string>& changes) {
  json::object mapping = parse_json(spec.options.node().canonical(), kPlace).as_object();
  for (const std::string& change : changes) {
    const std::size_t equals = change.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(ErrorClass::config, "--set '" + change + "' is no OPTION=VALUE");
    Diagnostics problems;
    const auto value = YamlDocument::parse(kPlace, "value: " + change.substr(equals + 1), problems);
    if (!value || problems.has_errors())
      throw Error(ErrorClass::config,
                  "--set '" + change + "': " + problems.sorted().front().message);
    mapping[change.substr(0, equals)] = parse_json(value->root()[0].canonical(), kPlace);
  }
  return json::serialize(mapping);
}

void refuse(const Diagnostics& problems) {
  if (!problems.has_errors()) return;
  std::vector<std::string> lines;
  for (const Diagnostic& problem : problems.sorted())
    lines.push_back(problem.message + (problem.hint.empty() ? "" : "; " + problem.hint));
  throw Error(ErrorClass::config, "--set: " + join(lines, "\n  "));
}

/// Values of parameters are asked for before the store is. Who brings rows along in a file needs
/// none that anything has run into.
StoreView open_checked_store(const Invocation& invocation, const Workspace& workspace,
                             const Period& period) {
  require_param_values(workspace, invocation.text("GRAPH"), period, RulesOf::period);
  if (invocation.has("file") && !StoreView::open(store_address(workspace)))
    return StoreView::nothing();
  return open_store(workspace);
}

}  // namespace

ImaginedJob::ImaginedJob(const Invocation& invocation, const UnitCatalog& catalog)
    : period_(period_of(invocation)),
      workspace_(load_workspace(invocation, catalog, invocation.text("GRAPH"))),
      store_(open_checked_store(invocation, workspace_, period_)),
      run_(workspace_, store_, workspace_.graphs.at(invocation.text("GRAPH")), period_,
           run_params(workspace_, *workspace_.graphs.at(invocation.text("GRAPH")),
                      params_of(invocation))),
      index_(find(invocation)) {}

void ImaginedJob::require_type(const std::string& type, const std::string& what_it_is_for) const {
  if (job().spec.type != type)
    throw Error(ErrorClass::config, "job '" + job().spec.name + "' is of type " + job().spec.type +
                                        "; " + what_it_is_for);
}

Task ImaginedJob::task(const std::string& verb, const std::string& without) {
  ImaginedRun::Answer answer = run_.ask(index_, without);
  if (!answer.task)
    throw Error(ErrorClass::config, "there are no rows to " + verb + ": " + answer.why);
  return std::move(*answer.task);
}

void ImaginedJob::answer(Task query, json::object& preview) const {
  json::object found;
  try {
    found = run_query(workspace_, std::move(query)).answer.as_object();
  } catch (Error& error) {
    error.add_context("previewing job '" + job().spec.name + "', which would fail so");
    throw;
  }
  for (auto& entry : found) preview[entry.key()] = std::move(entry.value());
}

JobIndex ImaginedJob::find(const Invocation& invocation) const {
  const std::string name = job_run_of(invocation);
  const LiveRun& run = run_.run();
  if (const auto found = run.find(name)) return *found;
  std::vector<std::string> names;
  for (JobIndex job = 0; job < run.size(); ++job)
    if (!run.node(job).was_spread) names.push_back(run.node(job).spec.name);
  require_partition(name, names);
  const std::string meant = did_you_mean(name, names);
  throw Error(ErrorClass::config,
              "graph '" + run.record().graph + "' has no job '" + name + "'; " +
                  (meant.empty() ? "its jobs are " + join(names, ", ") : meant));
}

Task changed_task(const Workspace& workspace, const UnitCatalog& catalog, const JobSpec& spec,
                  const JobShape& shape, Task task, const std::vector<std::string>& changes) {
  Diagnostics problems;
  const auto document = YamlDocument::parse(kPlace, changed_text(spec, changes), problems);
  refuse(problems);
  JobSpec changed = spec;
  changed.options = Options(document->root());
  const JobShape becomes = catalog.shape(changed, common_job_keys(), problems);
  refuse(problems);
  if (datasets_of(becomes.inputs) != datasets_of(shape.inputs) ||
      datasets_of(becomes.outputs) != datasets_of(shape.outputs))
    throw Error(ErrorClass::config,
                "--set: the job would read or make other datasets; what changes is how it "
                "allocates: driver, method, hierarchy of columns, policies");
  for (const FileUse& use : becomes.files)
    if (!task.files.contains(use.path))
      task.files[use.path] = file_of_query(use.path, read_file(workspace.root / use.path));
  task.spec = document->root().to_json();
  return task;
}

}  // namespace tallymill
