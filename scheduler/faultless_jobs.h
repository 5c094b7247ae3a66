#pragma once

#include <set>

#include "core/diagnostics.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Jobs of a workspace that loading found no fault with: what is wrong with the others is known,
/// and a closer look at them would only find echoes. Where entries stand each for itself
/// (JobShape::independent_entries), a fault within one is none of the job. A fault outside of a
/// graph's jobs (a parameter) concerns all of them, one of tallymill.yaml every graph.
std::set<const JobNode*> faultless_jobs(const Workspace& workspace, const Diagnostics& found);

}  // namespace tallymill
