#pragma once

#include <memory>

#include "core/diagnostics.h"
#include "core/time/schedule.h"
#include "core/yaml.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Reads a graph's `schedule:`; time zone and calendar are the workspace's where it names none.
/// Null if there is no schedule, or (after reporting every problem at its own place) a wrong one.
std::shared_ptr<const Schedule> read_schedule(YamlNode schedule, const Workspace& workspace,
                                              Diagnostics& diagnostics);

/// The zone `node` names; reports a text that is none and gives `fallback`, as for no node.
Zone read_zone(YamlNode node, const Zone& fallback, Diagnostics& diagnostics);

}  // namespace tallymill
