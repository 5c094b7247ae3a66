#pragma once

#include "core/diagnostics.h"
#include "core/yaml.h"

namespace tallymill {

/// Checks the texts of a graph's `schedule:` (cron, days, timezone) for their shape. Their meaning
/// belongs to the triggers.
void check_schedule(YamlNode schedule, Diagnostics& diagnostics);

}  // namespace tallymill
