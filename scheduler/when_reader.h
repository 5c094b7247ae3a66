#pragma once

#include "core/diagnostics.h"
#include "core/yaml.h"
#include "scheduler/graph.h"

namespace tallymill {

/// Reads `when:` of a job: the name of a trigger rule, or a mapping of `rule:` and `if:`. Kinds
/// were checked by validate_options(); conditions are checked against the graph's parameters. The
/// names of jobs begin with `inside` (JobNode::inside). An empty handle gives the default.
When read_when(YamlNode node, const std::map<std::string, TaskParam>& params,
               const std::string& inside, Diagnostics& diagnostics);

}  // namespace tallymill
