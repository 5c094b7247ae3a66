#pragma once

#include <string>

#include "cli/invocation.h"
#include "scheduler/scheduler.h"

namespace tallymill {

/// The one way in which commands that run something do it: `run` and `rerun --apply`.

/// `doing` is what others are told who find the workspace at work. With `--wait` it is said whom
/// this waits for.
SchedulerOptions scheduler_options(const Invocation& invocation, std::string doing);

/// Runs with progress on the terminal and prints the report, or JSON with `--json`. `began` is when
/// the command did: waiting for the lock counts.
Exit run_to_end(const Invocation& invocation, Scheduler& scheduler, const RunRequest& request,
                BootTime began);

}  // namespace tallymill
