#include "cli/break_rows.h"

#include <algorithm>

#include "cli/attempt_results.h"
#include "cli/common_flags.h"
#include "core/break_word.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/break_words.h"
#include "scheduler/job_name.h"
#include "scheduler/query_runner.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

[[noreturn]] void throw_no_breaks(const Workspace& workspace, const std::string& job,
                                  const std::string& dataset) {
  std::vector<std::string> carriers;
  for (const auto& [name, info] : workspace.datasets)
    if (name == open_breaks_dataset(info.job)) carriers.push_back(info.job);
  if (workspace.datasets.contains(dataset))
    throw Error(ErrorClass::config, "job '" + job + "' has not carried any breaks forward yet");
  const std::string meant = did_you_mean(job, carriers);
  throw Error(ErrorClass::config,
              "no job '" + job + "' carries breaks forward; " +
                  (!meant.empty()     ? meant
                   : carriers.empty() ? "a reconcile job does so with 'life:'"
                                      : "those that do are " + join(carriers, ", ")));
}

}  // namespace

Evidence find_open_breaks(const Workspace& workspace, StoreView& store, const std::string& job,
                          const std::string& period) {
  const JobName name = split_job_name(job);
  const std::string dataset = open_breaks_dataset(std::string(name.job));
  std::vector<VersionRecord> versions = store.visible_versions(dataset);
  if (versions.empty()) throw_no_breaks(workspace, job, dataset);
  std::vector<std::string> partitions;
  for (const VersionRecord& version : versions)
    if (!version.partition.empty()) partitions.push_back(job_name(name.job, version.partition));
  require_partition(job, partitions);
  std::erase_if(versions, [&](const VersionRecord& version) {
    return version.partition != name.partition || (!period.empty() && version.period != period);
  });
  if (versions.empty())
    throw Error(ErrorClass::config, "job '" + job + "' has carried no breaks forward" +
                                        (period.empty() ? "" : " for " + period));
  const VersionRecord& newest = *std::max_element(
      versions.begin(), versions.end(),
      [](const VersionRecord& a, const VersionRecord& b) { return a.period < b.period; });
  return {
      .folder =
          StateFolder(workspace.state).version(dataset, newest.period, newest.partition, newest.id),
      .dataset = dataset,
      .version = newest.id,
      .made_by = newest.run,
      .run = store.find_run(newest.run)};
}

void add_statement(const Workspace& workspace, StoreView& store, const std::string& job,
                   const Evidence& breaks, Task& task) {
  const JobName name = split_job_name(job);
  const std::string dataset = break_statement_dataset(std::string(name.job));
  const StateFolder state(workspace.state);
  const std::string& period = breaks.run.period;
  task.inputs[dataset] = {version_in(
      state.version(dataset, period, std::string(name.partition), breaks.version), period)};
  json::object& question = task.spec.as_object();
  question["statement"] = dataset;
  for (const AttemptRecord& attempt : store.attempts(breaks.made_by, job)) {
    if (attempt.id != breaks.version) continue;
    const auto result = result_left_by(state, attempt);
    if (!result) continue;
    const json::object& report = json_at(*result, "report").as_object();
    if (const json::value* statement = report.if_contains("statement"))
      if (const json::value* classes = statement->as_object().if_contains("classes"))
        question["classes"] = *classes;
  }
}

Task break_task(StoreView& store, const std::string& job, const Evidence& breaks,
                const std::string& query) {
  const std::string base(split_job_name(job).job);
  Task task;
  task.mode = TaskMode::query;
  task.graph = breaks.run.graph;
  task.job = base;
  task.period = breaks.run.period;
  task.spec = json::object{{"query", query},
                           {"job", base},
                           {"type", "reconcile"},
                           {"rejects", breaks.dataset},
                           {"version", break_stamp(store, breaks.run.graph, job, breaks.version)}};
  task.inputs[breaks.dataset] = {version_in(breaks.folder, breaks.run.period)};
  const BreakWords words = words_about(store, breaks.run.graph, job, breaks.version);
  if (!words.empty())
    task.files[corrections_path(base)] =
        file_of_query(corrections_path(base), corrections_text(words.standing()));
  return task;
}

}  // namespace tallymill
