#pragma once

#include <string>

#include "core/json.h"

namespace tallymill {

/// What an attempt counted, as people read it, from its result.json: the books, every check with
/// what it found, indicators, and whatever else the job reports. Empty if there is nothing.
std::string job_report(const json::object& result);

/// What each pass of its checks took, and which checks shared it.
std::string check_costs(const json::object& result);

}  // namespace tallymill
