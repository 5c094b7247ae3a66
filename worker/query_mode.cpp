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

json::array cells_json(const Rows& rows) {
  json::array lines;
  for (const auto& row : rows.cells) {
    json::array line;
    for (const auto& cell : row) line.push_back(cell ? json::value(*cell) : json::value(nullptr));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace tallymill
