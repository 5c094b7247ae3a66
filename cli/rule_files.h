#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/job_shape.h"
#include "core/task.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Files of the workspace as they stand.
FileReader reader_of(const Workspace& workspace);

/// The names of all rules of a workspace: the stems of the files of rules/, sorted.
std::vector<std::string> rule_names(const Workspace& workspace);

/// The file rule `name` stands in, and behind it those it depends on, as they are now, to travel in
/// a query task; of "params/<name>" those of the parameter table. Throws Error(config) naming the
/// nearest rule if there is none, InvalidInput if it stands in two files or what it depends on is
/// missing.
std::vector<PinnedFile> rule_files(const Workspace& workspace, const std::string& name);

/// What another text of a rule's or parameter table's file depends on, as it is now. Throws
/// InvalidInput if something is missing.
std::vector<PinnedFile> files_behind(const Workspace& workspace, const std::string& file,
                                     const std::string& text);

/// tests/rules/<name>_test.yaml, the table of a rule's tests; empty if the rule has none.
std::optional<PinnedFile> rule_test_table(const Workspace& workspace, const std::string& name);

/// The rules that tables of tests under tests/rules are for, sorted.
std::vector<std::string> tested_rule_names(const Workspace& workspace);

}  // namespace tallymill
