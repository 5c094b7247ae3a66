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
  job.params.clear();
  for (const auto& pair : json_at(entry, "params").as_object()) {
    const json::object& param = pair.value().as_object();
    job.params[pair.key()] = {json_text(param, "type"), json_text(param, "value")};
  }
  return job;
}

/// Plans one job. A job that reads what another one could not plan is passed over: its problems
/// would only be echoes.
void bind_job(Task task, Session& session, PlannedInputs& inputs, Diagnostics& found) {
  const auto document = YamlDocument::from_json(task.spec);
  const JobSpec spec = job_spec(task, document->root());
  TaskResult unused;
  WorkerContext context(task, session, inputs, unused);
  try {
    // Known by name only: no version exists yet.
    for (const std::string& input : declared_inputs(spec)) task.inputs[input];
    const std::unique_ptr<Job> job = make_job(spec);
    for (auto& [dataset, schema] : job->plan(context)) inputs.add(dataset, std::move(schema));
  } catch (const UnknownSchema&) {
  } catch (Error& error) {
    if (error.error_class() != ErrorClass::config && error.error_class() != ErrorClass::data) {
      error.add_context("checking job '" + task.job + "' of graph '" + task.graph + "'");
      throw;
    }
    context.diagnostics().error(error.where().is_known() ? error.where() : spec.where,
                                error.message());
  }
  found.add_all(context.diagnostics());
}

}  // namespace

void bind_jobs(const Task& task, EventLog& log, TaskResult& result) {
  Session session(task, log);
  PlannedInputs inputs;
  Diagnostics found;
  for (const json::value& entry : json_at(task.spec.as_object(), "jobs").as_array())
    bind_job(task_of_entry(task, entry.as_object()), session, inputs, found);
  json::object schemas;
  for (const auto& [dataset, schema] : inputs.schemas()) schemas[dataset] = schema.to_json();
  result.diagnostics = found.to_json();
  result.answer = json::object{{"schemas", std::move(schemas)}};
  result.outcome = TaskOutcome::succeeded;
}

}  // namespace tallymill
