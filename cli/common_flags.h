#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/invocation.h"
#include "core/time/period.h"

namespace tallymill {

/// Flags that several commands have, and how their values are read, so that all read them alike.

/// `--period PERIOD`, the business time of a run; required.
Flag period_flag();
/// Throws Error(config) if it is no period.
Period period_of(const Invocation& invocation);

/// `--wait`: as long as it takes until the scheduler there is takes requests, or is gone.
Flag wait_flag();

/// `--param NAME=VALUE`, any number of times.
Flag param_flag(std::string summary);
/// Throws Error(config) if one has no name, or the same name stands twice.
std::map<std::string, std::string> params_of(const Invocation& invocation);

}  // namespace tallymill
