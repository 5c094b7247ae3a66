#pragma once

#include <string>

#include "core/json.h"

namespace tallymill {

/// The path of one row through a rule, as the query rules_trace answered, for people: the row, each
/// condition with its operands and outcome, the parameters read and where they come from, the
/// verdict.
std::string trace_text(const json::object& answer);

}  // namespace tallymill
