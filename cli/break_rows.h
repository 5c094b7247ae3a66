#pragma once

#include <string>

#include "cli/left_rows.h"
#include "core/task.h"

namespace tallymill {

/// The state of the breaks that `job` (with its partition) carries forward, of that period or else
/// of the newest. Throws Error(config) that says what there is.
Evidence find_open_breaks(const Workspace& workspace, StoreView& store, const std::string& job,
                          const std::string& period);

/// A question to a worker about breaks on which people may have a word: what was said of this very
/// state is among its files. Its "version" is the break_stamp() of what people see.
Task break_task(StoreView& store, const std::string& job, const Evidence& breaks,
                const std::string& query);

/// Gives such a question what the job stated: movements of breaks, and both sides by class.
void add_statement(const Workspace& workspace, StoreView& store, const std::string& job,
                   const Evidence& breaks, Task& task);

}  // namespace tallymill
