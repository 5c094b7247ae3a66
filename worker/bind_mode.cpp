#include <set>

#include "core/error.h"
#include "worker/context.h"
#include "worker/job_of_task.h"
#include "worker/modes.h"

namespace tallymill {
namespace {

/// The task one entry of `spec.jobs` would get, but without inputs.
Task task_of_entry(const Task& task, const json::object& entry) {
  Task job = task;
  job.graph = json_text(entry, "graph");
  job.job = json_text(entry, "job");
  job.type = json_text(entry, "type");
  job.spec = json_at(entry, "spec");
  job.partition = json_text_or(entry, "partition", "");
  job.period_kind = json_text_or(entry, "period_kind", "");
  job.several.clear();
  if (const json::value* several = entry.if_contains("several"))
    for (const json::value& name : several->as_array()) job.several.emplace_back(name.as_string());
  job.params.clear();
  for (const auto& pair : json_at(entry, "params").as_object()) {
    const json::object& param = pair.value().as_object();
    job.params[pair.key()] = {json_text(param, "type"), json_text(param, "value")};
  }
  return job;
}

/// What the job calls its inputs means something else to it than to the other jobs.
std::set<std::string> own_names(const Task& task, const std::vector<DatasetUse>& uses) {
  std::set<std::string> names(task.several.begin(), task.several.end());
  for (const DatasetUse& use : uses)
    if (use.name() != use.dataset) names.insert(use.name());
  return names;
}

void name_inputs(const Task& task, const std::vector<DatasetUse>& uses, PlannedInputs& inputs) {
  std::map<std::string, std::string> datasets;
  for (const DatasetUse& use : uses) datasets[use.name()] = use.dataset;
  inputs.name_inputs(std::move(datasets), {task.several.begin(), task.several.end()});
}

/// Plans one job. A job that reads what another one could not plan is passed over: its problems
/// would only be echoes.
/// False: it reads what is not planned yet.
bool bind_job(Task task, Session& session, PlannedInputs& inputs, Diagnostics& found) {
  const auto document = YamlDocument::from_json(task.spec);
  const JobSpec spec = job_spec(task, document->root());
  TaskResult unused;
  WorkerContext context(task, session, inputs, unused);
  std::set<std::string> own;
  bool is_planned = true;
  try {
    // Known by name only: no version exists yet.
    const std::vector<DatasetUse> uses = declared_inputs(spec);
    for (const DatasetUse& use : uses) task.inputs[use.name()];
    for (auto& [dataset, schema] : declared_outputs(spec, task.currency_scale))
      if (!inputs.has(dataset)) inputs.add(dataset, std::move(schema));
    name_inputs(task, uses, inputs);
    own = own_names(task, uses);
    for (const std::string& name : own) session.drop_view(name);
    const std::unique_ptr<Job> job = make_job(spec);
    for (auto& [dataset, schema] : job->plan(context)) inputs.add(dataset, std::move(schema));
  } catch (const UnknownSchema&) {
    is_planned = false;
  } catch (Error& error) {
    if (error.error_class() != ErrorClass::config && error.error_class() != ErrorClass::data) {
      error.add_context("checking job '" + task.job + "' of graph '" + task.graph + "'");
      throw;
    }
    context.diagnostics().error(error.where().is_known() ? error.where() : spec.where,
                                error.message());
  }
  for (const std::string& name : own) session.drop_view(name);
  if (is_planned) found.add_all(context.diagnostics());
  return is_planned;
}

}  // namespace

void bind_jobs(const Task& task, EventLog& log, TaskResult& result) {
  Session session(task, log);
  PlannedInputs inputs;
  Diagnostics found;
  std::vector<const json::object*> open;
  for (const json::value& entry : json_at(task.spec.as_object(), "jobs").as_array())
    open.push_back(&entry.as_object());
  // A job may read what a later one makes: of an earlier period. It is then tried again.
  for (std::size_t before = open.size() + 1; !open.empty() && open.size() < before;) {
    before = open.size();
    std::erase_if(open, [&](const json::object* entry) {
      return bind_job(task_of_entry(task, *entry), session, inputs, found);
    });
  }
  if (session.has_rules()) session.rules().check_tests(found);
  json::object schemas;
  for (const auto& [dataset, schema] : inputs.schemas()) schemas[dataset] = schema.to_json();
  result.diagnostics = found.to_json();
  result.answer = json::object{{"schemas", std::move(schemas)}};
  result.outcome = TaskOutcome::succeeded;
}

}  // namespace tallymill
