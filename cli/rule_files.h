#pragma once

#include <optional>
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

/// tests/rules/<name>_test.yaml, the table of a rule's tests; empty if the rule has none.
std::optional<PinnedFile> rule_test_table(const Workspace& workspace, const std::string& name);

/// The rules that tables of tests under tests/rules are for, sorted.
std::vector<std::string> tested_rule_names(const Workspace& workspace);

}  // namespace tallymill
