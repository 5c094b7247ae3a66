#pragma once

#include <vector>

#include "core/error.h"
#include "rules/check_plan.h"

namespace tallymill {

/// Of an error about a value that could not be computed: the same, which says for which of the
/// suite's checks, where they stand, what columns they look at and what can be done. The engine's
/// message may show the value; of a sensitive column it is left out. `checks`: at least one.
Error error_of_checks(const PlannedSuite& suite, const std::vector<std::size_t>& checks,
                      const Error& error);

}  // namespace tallymill
