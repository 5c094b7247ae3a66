#pragma once

#include <memory>

#include "scheduler/job_catalog.h"
#include "scheduler/live_run.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// A run as the store tells it, with what is computed (blocked, held) computed: for people who look
/// at it from outside. `graph` is the run's own, see pinned_workspace().
std::unique_ptr<LiveRun> recorded_run(StoreView& view, std::shared_ptr<const Graph> graph,
                                      const RunRecord& record);

/// The workspace with the text of its graph that the run has pinned: `current` itself if that has
/// not changed. Throws Error(config) if the pinned text no longer loads.
std::shared_ptr<const Workspace> pinned_workspace(std::shared_ptr<const Workspace> current,
                                                  const JobCatalog& catalog, StoreView& view,
                                                  const RunRecord& record);

/// What an active or ended run amounts to: its stored verdict, or `waiting` while it is open.
RunVerdict recorded_verdict(const RunRecord& record);

}  // namespace tallymill
