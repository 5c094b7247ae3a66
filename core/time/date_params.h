#pragma once

#include <map>
#include <string>

#include "core/task.h"
#include "core/time/date_language.h"

namespace tallymill {

/// Lets the expressions of `scope` name these parameters, which outlive it. Those of type date or
/// integer can be reckoned with.
void add_params(const std::map<std::string, TaskParam>& params, DateScope& scope);

}  // namespace tallymill
