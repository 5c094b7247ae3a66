#pragma once

#include <vector>

#include "core/diagnostics.h"
#include "scheduler/graph.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Reads `triggers:` of a graph, whose keys are sound, against the connectors of the workspace.
std::vector<GraphTrigger> read_triggers(YamlNode triggers, const Workspace& workspace,
                                        Diagnostics& diagnostics);

/// Reports triggers on datasets that nobody, or the graph itself, writes.
void check_triggers(const Workspace& workspace, Diagnostics& diagnostics);

/// The folder a connector's files lie in; the workspace's root for no connector. Empty: the
/// connector has none.
std::filesystem::path trigger_root(const Workspace& workspace, const std::string& connector);

}  // namespace tallymill
