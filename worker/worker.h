#pragma once

#include <filesystem>

namespace tallymill {

/// The worker's exit code where it could not leave a result.json; stderr says why, if it could.
inline constexpr int kExitNoResult = 4;

/// Does the task of an attempt's folder: reads task.json, writes result.json last, by temp file
/// and rename, whatever happened. Returns the exit code: 0 done, 1 failed, 2 bad task, 3 findings.
/// Throws Error if there is no room even for a result that only says so.
int run_worker(const std::filesystem::path& folder);

}  // namespace tallymill
