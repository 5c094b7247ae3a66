#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scheduler/partition_axis.h"
#include "scheduler/plan.h"
#include "scheduler/run_request.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

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
