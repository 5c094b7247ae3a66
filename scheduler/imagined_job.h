#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/task.h"
#include "core/time/period.h"
#include "scheduler/input_resolver.h"
#include "scheduler/live_run.h"
#include "scheduler/pinned_files.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// The jobs of a run that is not started, for those who ask what one would do with the versions
/// that are visible now. Keeps workspace and view by reference.
class ImaginedRun {
 public:
  /// A partitioned job has the partitions it had in the graph's newest run of the period.
  ImaginedRun(const Workspace& workspace, StoreView& view,
              const std::shared_ptr<const Graph>& graph, const Period& period,
              const std::map<std::string, TaskParam>& params = {});
  ImaginedRun(const ImaginedRun&) = delete;
  ImaginedRun& operator=(const ImaginedRun&) = delete;

  const LiveRun& run() const { return run_; }

  struct Answer {
    /// A task of mode query that carries every file its job names, rules as they count for the
    /// period. Fields that run_query() fills are empty.
    std::optional<Task> task;
    std::string why;  ///< its inputs are not there
  };
  /// `without`: a dataset that the asker brings along itself, and that is not looked for.
  Answer ask(JobIndex job, const std::string& without = {});

 private:
  Task task_of(const JobNode& node, const std::vector<PinnedVersion>& versions);
  void add_file(const std::string& path, const Period& period, Task& task);

  const Workspace& workspace_;
  StoreView& view_;
  std::shared_ptr<const Graph> graph_;
  PinnedFiles stored_;  ///< see stored_texts()
  LiveRun run_;
  InputResolver resolver_;
};

/// One task that carries `tasks`, and may read what they read.
Task query_about(std::vector<Task> tasks, json::object question);

}  // namespace tallymill
