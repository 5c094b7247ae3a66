#pragma once

#include <string>
#include <vector>

#include "scheduler/events.h"
#include "scheduler/graph.h"
#include "scheduler/pinned_files.h"
#include "scheduler/state_folder.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What a job run depends on now, beside what its visible result was made of.
struct JobNow {
  const Workspace& workspace;
  const JobNode& job;
  const RunRecord& run;
  const PinnedFiles& files;
  const std::vector<PinnedVersion>& inputs;
};

/// Why the fingerprint of a result is another one now, input by input; empty if the earlier run is
/// not known any more. Order: inputs, parameters, files, the job's own text, settings.
std::vector<JobChange> changes_since(const JobNow& now, const ResultRecord& previous,
                                     StoreView& view, const StateFolder& state);

/// "'gl' of 2026-01 is another (4fa1b2c3d4e5, now 9c02..., made by run gl.2026-01.2)".
std::string change_sentence(const JobChange& change);

json::array changes_json(const std::vector<JobChange>& changes);
/// Throws Error(data) for what is not of that form.
std::vector<JobChange> changes_from(const json::array& list);

}  // namespace tallymill
