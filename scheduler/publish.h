#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/task.h"
#include "scheduler/state_folder.h"

namespace tallymill {

/// A staged dataset folder and the version folder it becomes.
struct StagedVersion {
  std::filesystem::path staged;
  std::filesystem::path target;
};

std::vector<StagedVersion> staged_versions(const StateFolder& state,
                                           const std::filesystem::path& attempt_folder,
                                           const std::string& attempt, const std::string& period,
                                           const std::string& partition,
                                           const std::vector<TaskOutput>& outputs);

/// Renames every staged folder to its version, read-only (files 0444, folders 0555), and makes the
/// renames durable. A version that stands already is left as it is: its name is the attempt's, so
/// doing this again after a crash is the same work. Readers see none of it before the store says
/// so. Throws Error(transient); then withdraw() what was renamed.
void publish(const std::vector<StagedVersion>& versions);

/// Removes version folders that no event will ever name.
void withdraw(const std::vector<StagedVersion>& versions);

}  // namespace tallymill
