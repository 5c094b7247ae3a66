#pragma once

#include <filesystem>

namespace tallymill {

/// Does the task of an attempt's folder: reads task.json, writes result.json last, by temp file
/// and rename, whatever happened. Returns the exit code: 0 done, 1 failed, 2 bad task, 3 findings.
int run_worker(const std::filesystem::path& folder);

}  // namespace tallymill
