#pragma once

#include "core/log.h"
#include "core/task.h"

namespace tallymill {

/// Runs one job: plan, then run. Fills everything of `result` but its identity; what it throws
/// becomes the failure. Evidence staged before a failure stays in `result`.
void run_job(const Task& task, EventLog& log, TaskResult& result);
/// Plans all jobs of the task's spec in order against empty inputs; problems become
/// result.diagnostics, schemas result.answer.
void bind_jobs(const Task& task, EventLog& log, TaskResult& result);
/// Answers the question in the task's spec.
void answer_query(const Task& task, EventLog& log, TaskResult& result);

}  // namespace tallymill
