#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/catalog.h"
#include "cli/invocation.h"
#include "core/task.h"
#include "scheduler/imagined_job.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// The job that GRAPH, JOB, --period, --partition and --param of a command name, in a run that is
/// not started. Throws Error(config) with the nearest name if there is none.
class ImaginedJob {
 public:
  ImaginedJob(const Invocation& invocation, const UnitCatalog& catalog);
  ImaginedJob(const ImaginedJob&) = delete;
  ImaginedJob& operator=(const ImaginedJob&) = delete;

  const Workspace& workspace() const { return workspace_; }
  StoreView& store() { return store_; }
  const Period& period() const { return period_; }
  const JobNode& job() const { return run_.run().node(index_); }

  /// Throws Error(config) unless the job is of this type: "job 'x' is of type y; <what_it_is_for>".
  void require_type(const std::string& type, const std::string& what_it_is_for) const;
  /// Its task over the versions that are visible now. Throws Error(config) "there are no rows to
  /// <verb>: ..." if its inputs are not there.
  /// `without`: an input that the asker brings along itself.
  Task task(const std::string& verb, const std::string& without = {});
  /// Runs a query that does what the job would, and adds its answer to `preview`.
  void answer(Task query, json::object& preview) const;

 private:
  JobIndex find(const Invocation& invocation) const;

  Period period_;
  Workspace workspace_;
  StoreView store_;
  ImaginedRun run_;
  JobIndex index_;
};

/// The task of a job with other options. `changes`: texts "option=value", values as in YAML. Throws
/// Error(config) with all that does not fit: options that are no options, and such that would
/// have the job read or write other datasets.
Task changed_task(const Workspace& workspace, const UnitCatalog& catalog, const JobSpec& spec,
                  const JobShape& shape, Task task, const std::vector<std::string>& changes);

}  // namespace tallymill
