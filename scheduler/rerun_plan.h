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

/// A person's yes in an earlier run that holds for a rerun, too.
struct CarriedApproval {
  std::string job;
  std::string run;     ///< where it was given
  std::string reason;  ///< "approved by ann: seen"
};

/// One run of a rerun.
struct RerunStep {
  RunRecord of;
  Plan plan;  ///< entries of the selected jobs: code "failed", reason "failed (data)"
  RunRequest request;
  std::vector<PinnedVersion> reused;          ///< read by what runs, made by none of it
  std::vector<PinnedVersion> superseded;      ///< visible now; replaced if other data comes out
  std::vector<CarriedApproval> carried = {};  ///< approvals.h says when
};

/// A rerun before it happens: what would run and why, with a digest over everything it depends on,
/// so that --apply does exactly this or refuses because the world has changed. Codes of its jobs:
///
///     chosen       named by --from or --job; or all, with --force
///     failed, cancelled, refused   by --failed; `refused`: a gate that found something
///     behind       by --failed: waits behind one of them in a run that is still open
///     after        comes after a chosen job
///     stale_input  by --cascade: its result was made from what an earlier step may replace
///     asked_again  an approval before chosen jobs: what it was about has changed, or may
///     approval_missing   the same: nobody has approved it yet
///
/// and those of plan_judge.h where the whole run is repeated.
struct RerunPlan : RerunStep {
  std::vector<RerunStep> cascade;  ///< what follows in other graphs and periods, in this order
  std::string digest;              ///< 12 hex digits
};

/// Throws Error(config) if the selection names no job, or nothing.
RerunPlan plan_rerun(const Workspace& workspace, StoreView& view, const RunRecord& of,
                     const RerunSelection& selection);

}  // namespace tallymill
