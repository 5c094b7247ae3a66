#pragma once

#include "rules/check_plan.h"

namespace tallymill {

/// Reports checks of one column that no value could pass together: ranges or lengths that do not
/// meet, sets without a common value, a value that must be there and must not; and checks of one
/// number of the dataset whose ranges do not meet. Only checks that see
/// every row and tolerate no failure contradict each other.
void report_conflicts(const PlannedSuite& suite, CheckContext& context);

}  // namespace tallymill
