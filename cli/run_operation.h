#pragma once

#include <string>
#include <vector>

#include "cli/invocation.h"
#include "scheduler/requests.h"

namespace tallymill {

/// Commands that ask something of a run: `cancel`, `pause`, `approve`, ...

/// `RUN`, a run that is open.
Argument run_argument();
/// `JOB`, a job of it.
Argument job_argument(bool required = true);
/// `--reason TEXT`, recorded with who asked.
Flag reason_flag(bool required = false);

/// Has it done, by the scheduler there is or as one. `said` is told when it is done; `follow`: see
/// SchedulerLink::operate().
Exit operate(const Invocation& invocation, RunOperationKind kind, const std::string& said,
             bool follow = false, JobRunState to = JobRunState::skipped);

}  // namespace tallymill
