#pragma once

#include <string>

#include "core/json.h"

namespace tallymill {

/// The results of a run (run_results.h) as JUnit XML, which build servers read: a test suite per
/// job, a test case per check. docs/results.md says what becomes of each outcome.
std::string junit_xml(const json::object& results);

}  // namespace tallymill
