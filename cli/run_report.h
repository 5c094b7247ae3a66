#pragma once

#include <chrono>
#include <string>

#include "core/json.h"
#include "scheduler/live_run.h"

namespace tallymill {

/// What a run came to: a heading, a table of its jobs, the errors of those that failed, and what to
/// look at next for every job that is not green. Big graphs show the jobs that need attention and
/// count the others.
std::string run_report(const LiveRun& run, RunVerdict verdict, std::chrono::nanoseconds took);

/// The table of the report alone.
std::string job_table(const LiveRun& run);
/// The whole error of every job that failed, with its class and the tries it had; empty if none.
std::string failures_text(const LiveRun& run);
/// "next:" and one line per thing worth looking at; empty if there is none.
std::string next_steps(const LiveRun& run);

/// {"run","graph","period","of","verdict","exit","jobs":[{"job","type","state","blocked","reason",
/// "attempts","rows_in","rows_out","rows_rejected","amounts","findings_error","findings_warn",
/// "gate_passed","error_class","error","took_ms"}]}
json::object run_json(const LiveRun& run, RunVerdict verdict);

}  // namespace tallymill
