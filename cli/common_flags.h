#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/invocation.h"
#include "core/time/period.h"
#include "scheduler/partition_axis.h"
#include "scheduler/run_request.h"

namespace tallymill {

/// Flags that several commands have, and how their values are read, so that all read them alike.

/// `--period PERIOD`, the business time of a run; required.
Flag period_flag();
/// Throws Error(config) if it is no period.
Period period_of(const Invocation& invocation);
Period parse_period(const std::string& text);

/// `--wait`: as long as it takes until the scheduler there is takes requests, or is gone.
Flag wait_flag();

/// `--partition NAME=VALUE`: one value of a second axis.
Flag partition_flag(std::string summary);
/// Empty if it is not given. Throws Error(config) if it has no name or no value.
std::optional<PartitionChoice> partition_of(const Invocation& invocation);

/// The name within its run of the job that argument JOB and --partition mean.
std::string job_run_of(const Invocation& invocation);
/// Throws Error(config) if `job` is one of several partitions among `names`, and says which.
void require_partition(const std::string& job, const std::vector<std::string>& names);

/// `--rules current`: versions as they count now, not as of the period.
Flag rules_flag();
/// Throws Error(config) for any other word.
RulesOf rules_of(const Invocation& invocation);

/// `--param NAME=VALUE`, any number of times.
Flag param_flag(std::string summary);
/// Throws Error(config) if one has no name, or the same name stands twice.
std::map<std::string, std::string> params_of(const Invocation& invocation);

}  // namespace tallymill
