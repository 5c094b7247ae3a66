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
/// Asks the shadows that the task carries, once its result stands: for each shadow:rules/x.lua,
/// shadow/x.json in the attempt's folder says what it would have changed, or why it could not.
/// Whatever a shadow does, the attempt is what its result.json says.
void look_in_shadow(const Task& task, EventLog& log) noexcept;

/// Answers the question in the task's spec.
void answer_query(const Task& task, EventLog& log, TaskResult& result);

}  // namespace tallymill
