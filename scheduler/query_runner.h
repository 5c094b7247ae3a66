#pragma once

#include <filesystem>

#include "core/task.h"
#include "scheduler/executors/local.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// A file whose content travels with a query, because nothing stands in a folder yet.
PinnedFile file_of_query(std::string path, std::string text);

/// Runs a query or bind task in a worker and waits for it: makes <state>/queries/<id>/, writes
/// task.json there, spawns, reads result.json, removes the folder. The store is not touched.
///
/// The runner fills attempt, folder, workspace, currency_scale, epoch.nonce and, where they are
/// zero or less, threads and memory. Throws the worker's own Error if the outcome is `failed`, and
/// Error(bug) with the end of its stderr if it ended without an answer.
/// `worker`: the program to run; by default tallymill-worker beside this executable.
TaskResult run_query(const Workspace& workspace, Task task,
                     const std::filesystem::path& worker = LocalExecutor::default_program());

}  // namespace tallymill
