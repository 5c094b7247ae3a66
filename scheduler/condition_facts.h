#pragma once

#include <functional>

#include "scheduler/condition.h"
#include "scheduler/live_run.h"

namespace tallymill {

/// What earlier runs made of a job this run leaves out; null: nothing.
using LastSummary = std::function<std::optional<JobSummary>(const std::string& job)>;

/// What the condition of a job of `run` may ask: the run's parameters and what its jobs have come
/// to. A job that a rerun left out counts by its visible result. In partition `partition`, a job
/// partitioned alike is asked for the same one; elsewhere all its partitions count together.
ConditionFacts condition_facts(const LiveRun& run, LastSummary last, std::string partition = {});

}  // namespace tallymill
