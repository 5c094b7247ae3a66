#pragma once

#include <string>
#include <vector>

#include "scheduler/plan.h"
#include "scheduler/scheduler.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Which jobs of a run somebody wants again.
struct RerunSelection {
  bool failed = false;     ///< those that failed, were cancelled or blocked, and gates that refused
  std::string job = {};    ///< this one, which runs even if up to date
  bool downstream = true;  ///< with `job`: also all that come after it
  // Neither: all jobs of the run; what is up to date is reused.
};

/// A rerun before it happens: what would run and why, with a digest over everything it depends on,
/// so that --apply does exactly this or refuses because the world has changed.
struct RerunPlan {
  RunRecord of;
  Plan plan;  ///< entries of the selected jobs; reasons are "failed (data)", "after clean", ...
  RunRequest request;
  std::string digest;  ///< 12 hex digits
};

/// Throws Error(config) if the selection names no job, or nothing.
RerunPlan plan_rerun(const Workspace& workspace, StoreView& view, const RunRecord& of,
                     const RerunSelection& selection);

}  // namespace tallymill
