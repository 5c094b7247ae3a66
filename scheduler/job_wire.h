#pragma once

#include "core/json.h"
#include "scheduler/live_run.h"

namespace tallymill {

/// A job of a run as it travels over the socket: everything people are shown of it.
json::object job_to_wire(const LiveRun& run, JobIndex index);
/// Puts what job_to_wire() wrote into a run that mirrors the one of the sender. Jobs the graph
/// does not know are left out. Throws Error(data) if it is not of that form.
void job_from_wire(const json::object& object, LiveRun& run, std::vector<JobIndex>& changed);

}  // namespace tallymill
