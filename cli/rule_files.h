#pragma once

#include <string>
#include <vector>

#include "core/task.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// The names of all rules of a workspace: the stems of rules/*.lua, sorted.
std::vector<std::string> rule_names(const Workspace& workspace);

/// rules/<name>.lua as it stands now, to travel in a query task. Throws Error(config) naming the
/// nearest rule if there is no such file.
PinnedFile rule_file(const Workspace& workspace, const std::string& name);

}  // namespace tallymill
