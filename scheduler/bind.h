#pragma once

#include <filesystem>
#include <set>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/task.h"
#include "scheduler/executors/local.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What only a worker can know of a workspace: whether its SQL binds and its rules load.
struct BindResult {
  Diagnostics diagnostics;
  json::object schemas;  ///< by dataset, of what could be bound
};

/// Binds every job of a workspace that loading found no fault with, in one worker; `found` is what
/// it did find. What reads from a job with a fault is passed over. The answer is kept
/// under <state>/cache by the hash of all it depends on (graphs, rules, tables, connectors, the
/// worker program), so asking again for the same files spawns nothing; nor does a workspace whose
/// jobs need no engine and name no files.
BindResult bind_workspace(const Workspace& workspace, const Diagnostics& found,
                          const std::filesystem::path& worker = LocalExecutor::default_program());

/// Diagnostics of workers and of tables carry places only; the lines they quote come from the
/// workspace's files, which this adds.
void add_sources(const Workspace& workspace, Diagnostics& diagnostics);

/// The task bind_workspace() gives to the worker: these jobs, each after those that make what it
/// reads. Fields that run_query() fills are empty.
Task bind_task(const Workspace& workspace, const std::set<const JobNode*>& jobs);

}  // namespace tallymill
