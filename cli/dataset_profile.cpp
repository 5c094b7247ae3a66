#include "cli/dataset_profile.h"

#include <filesystem>

#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/sensitive_log.h"
#include "core/error.h"
#include "core/files.h"
#include "core/yaml.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConnector = "file";

/// What names a file to people who see its path, also where it is no dataset's name.
bool is_file(const std::string& name) {
  std::error_code ignored;
  return fs::is_regular_file(name, ignored);
}

json::value from_of(const Invocation& invocation, const fs::path& file) {
  json::object from{{"connector", kConnector}, {"path", file.filename().string()}};
  for (const char* option : {"encoding", "delimiter"})
    if (invocation.has(option)) from[option] = invocation.text(option);
  return task_subtree(from);
}

json::object file_profile(const Invocation& invocation, const Workspace& workspace) {
  const fs::path file = fs::absolute(invocation.text("DATASET")).lexically_normal();
  Task task;
  task.mode = TaskMode::query;
  task.spec =
      json::object{{"query", "profile"}, {"reveal", true}, {"from", from_of(invocation, file)}};
  add_file_connector(file, kConnector, task);
  json::object profile = run_query(workspace, std::move(task)).answer.as_object();
  profile["file"] = invocation.text("DATASET");
  return profile;
}

json::object version_profile(const Invocation& invocation, const Workspace& workspace) {
  StoreView store = open_store(workspace);
  const auto partition = partition_of(invocation);
  const std::string dataset = invocation.text("DATASET");
  const std::vector<VersionRecord> versions = visible_versions(
      store, dataset, invocation.text("period"), partition ? partition->value : "");
  SensitiveShown shown{.dataset = dataset, .period = versions.front().period};
  for (const VersionRecord& version : versions) shown.versions.push_back(version.id);
  record_reveal(invocation, workspace, shown);
  Task task;
  task.mode = TaskMode::query;
  task.period = versions.front().period;
  task.spec = json::object{
      {"query", "profile"}, {"reveal", invocation.has("reveal")}, {"dataset", dataset}};
  pin_versions(workspace, versions, dataset, task);
  json::object profile = run_query(workspace, std::move(task)).answer.as_object();
  profile["dataset"] = dataset;
  profile["period"] = versions.front().period;
  return profile;
}

}  // namespace

std::vector<Flag> profile_flags() {
  std::vector<Flag> flags{
      {.name = "period", .value = "PERIOD", .summary = "The period; default: the newest."},
      partition_flag("One partition, e.g. city=beijing; default: all together."),
      {.name = "encoding",
       .value = "NAME",
       .summary = "Of a file: utf-8, gb18030 or gbk; default: what it looks like."},
      {.name = "delimiter", .value = "CHAR", .summary = "Of a file; default: a comma."}};
  for (Flag& flag : reveal_flags()) flags.push_back(std::move(flag));
  return flags;
}

json::object profile_of(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  return is_file(invocation.text("DATASET")) ? file_profile(invocation, workspace)
                                             : version_profile(invocation, workspace);
}

}  // namespace tallymill
