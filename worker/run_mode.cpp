#include <chrono>

#include "core/error.h"
#include "jobs/job.h"
#include "worker/context.h"
#include "worker/job_of_task.h"
#include "worker/modes.h"

namespace tallymill {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void run_job(const Task& task, EventLog& log, TaskResult& result) {
  Session session(task, log);
  PublishedInputs inputs(task);
  WorkerContext context(task, session, inputs, result);
  const auto document = YamlDocument::from_json(task.spec);
  const JobSpec spec = job_spec(task, document->root());
  const std::unique_ptr<Job> job = make_job(spec);

  auto start = std::chrono::steady_clock::now();
  job->plan(context);
  result.metrics["plan_seconds"] = seconds_since(start);
  refuse_problems(context.diagnostics(), result);
  log.info("planned");
  start = std::chrono::steady_clock::now();
  result.outcome = TaskOutcome::succeeded;
  job->run(context);
  result.metrics["run_seconds"] = seconds_since(start);
  if (session.has_rules()) result.metrics["rules"] = session.rules().profile();
  refuse_problems(context.diagnostics(), result);
}

}  // namespace tallymill
