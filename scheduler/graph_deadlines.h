#pragma once

#include "core/diagnostics.h"
#include "core/yaml.h"
#include "scheduler/deadline.h"
#include "scheduler/graph.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Reads `deadline:` of every job and `deadlines:` of the graph (by dataset) into the jobs that
/// must meet them. Jobs, parameters and schedule of `graph` have been read.
void read_deadlines(YamlNode root, const Workspace& workspace, Graph& graph,
                    Diagnostics& diagnostics);

/// What deadlines of a run of `graph` are reckoned with.
DeadlineScope deadline_scope(const Workspace& workspace, const Graph& graph, const Period& period,
                             const std::map<std::string, TaskParam>& params);

}  // namespace tallymill
