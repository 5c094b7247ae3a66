#pragma once

#include <filesystem>
#include <string>

#include "core/digest.h"
#include "core/files.h"
#include "core/task.h"
#include "datasets/version.h"

namespace tallymill {

/// The task of job j in graph g for 2026-01, as the scheduler would write it; the caller sets the
/// folder and what the job is.
inline Task hand_made_task(const std::filesystem::path& workspace) {
  Task task;
  task.attempt = "a1";
  task.epoch = {.number = 1, .nonce = std::string(32, '1'), .store_id = std::string(32, '2')};
  task.workspace = workspace;
  task.graph = "g";
  task.job = "j";
  task.period = "2026-01";
  task.threads = 2;
  return task;
}

inline InputVersion version_in(const std::filesystem::path& folder, const std::string& digest) {
  return {
      .version = "v1", .folder = folder, .period = "2026-01", .partition = "", .digest = digest};
}

/// Publishes `select` as a version of `dataset` in the new folder `maker`.
inline InputVersion make_version(const std::filesystem::path& maker, const std::string& dataset,
                                 const std::string& select, const Schema& schema) {
  Task task;
  task.folder = maker;
  std::filesystem::create_directories(maker / "staging");
  Engine engine({.threads = 1, .writable = {maker / "staging"}});
  const TaskOutput output =
      stage_dataset(engine, task, {.dataset = dataset, .select = select, .schema = schema}).output;
  return version_in(maker / output.folder, output.digest);
}

/// Gives the task a pinned file of the workspace, kept below `root`.
inline void pin_file(Task& task, const std::filesystem::path& root, const std::string& path,
                     const std::string& text) {
  const std::filesystem::path blob = root / "blobs" / sha256_hex(text);
  std::filesystem::create_directories(blob.parent_path());
  write_file_durably(blob, text);
  task.files[path] = {.path = path, .sha256 = sha256_hex(text), .blob = blob};
}

}  // namespace tallymill
