#include "scheduler/publish.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <set>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/sync_all.h"
#include "scheduler/crash_point.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kReadOnlyFile = 0444;
constexpr mode_t kReadOnlyFolder = 0555;

[[noreturn]] void fail(const std::string& doing, const fs::path& path) {
  throw file_problem(doing, path, errno);
}

/// Makes `folder` and what is missing above it; every folder that got a new entry is remembered.
void make_folders(const fs::path& folder, std::set<fs::path>& changed) {
  if (fs::exists(folder)) return;
  make_folders(folder.parent_path(), changed);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("make the folder", folder);
  changed.insert(folder.parent_path());
}

void protect_files(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && ::chmod(entry.path().c_str(), kReadOnlyFile) != 0)
      fail("protect", entry.path());
}

void protect_folders(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_directory()) ::chmod(entry.path().c_str(), kReadOnlyFolder);
  if (::chmod(folder.c_str(), kReadOnlyFolder) != 0) fail("protect", folder);
}

void publish_one(const StagedVersion& version, std::set<fs::path>& changed) {
  if (!fs::exists(version.target)) {
    make_folders(version.target.parent_path(), changed);
    protect_files(version.staged);
    if (::rename(version.staged.c_str(), version.target.c_str()) != 0)
      fail("publish", version.target);
    crash_point();
  }
  // After the rename: a folder one may not write cannot move to another parent.
  protect_folders(version.target);
  changed.insert(version.target.parent_path());
}

}  // namespace

std::vector<StagedVersion> staged_versions(const StateFolder& state, const fs::path& attempt_folder,
                                           const std::string& attempt, const std::string& period,
                                           const std::string& partition,
                                           const std::vector<TaskOutput>& outputs) {
  std::vector<StagedVersion> versions;
  for (const TaskOutput& output : outputs)
    versions.push_back({attempt_folder / "staging" / output.dataset,
                        state.version(output.dataset, period, partition, attempt)});
  return versions;
}

void publish(const std::vector<StagedVersion>& versions) {
  std::set<fs::path> changed;
  try {
    for (const StagedVersion& version : versions) publish_one(version, changed);
  } catch (const fs::filesystem_error& error) {
    throw file_problem(error);
  }
  sync_all(std::vector<fs::path>(changed.begin(), changed.end()));
}

void withdraw(const std::vector<StagedVersion>& versions) {
  std::error_code problem;
  for (const StagedVersion& version : versions) {
    if (!fs::exists(version.target, problem)) continue;
    fs::permissions(version.target, fs::perms::owner_all, problem);
    for (const auto& entry : fs::recursive_directory_iterator(version.target, problem))
      if (entry.is_directory(problem)) fs::permissions(entry.path(), fs::perms::owner_all, problem);
    fs::remove_all(version.target, problem);
  }
}

}  // namespace tallymill
