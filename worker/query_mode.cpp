#include "core/error.h"
#include "core/text.h"
#include "worker/context.h"
#include "worker/job_of_task.h"
#include "worker/modes.h"
#include "worker/query.h"

namespace tallymill {

void answer_query(const Task& task, EventLog& log, TaskResult& result) {
  Registry<Query> queries;
  register_all_queries(queries);
  const std::string name = json_text(task.spec.as_object(), "query");
  const Query* query = queries.find(name);
  if (query == nullptr)
    throw Error(ErrorClass::bug,
                "unknown query '" + name + "'; known: " + join(queries.names(), ", "));
  Session session(task, log);
  PublishedInputs inputs(task);
  WorkerContext context(task, session, inputs, result);
  result.answer = query->answer(context);
  refuse_problems(context.diagnostics(), result);
  result.outcome = TaskOutcome::succeeded;
}

}  // namespace tallymill
