#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/task.h"
#include "scheduler/events.h"
#include "scheduler/graph.h"
#include "scheduler/pinned_files.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Raised when the same job and inputs would give other results: by a new meaning of a job type,
/// of the rule language or of a digest. Every job then runs once more.
inline constexpr int kResultAbi = 1;

/// Digest of everything a job run depends on, source state apart (only the worker knows it): type,
/// spec (layout and comments do not count), period, the parameters it uses, the rules and tables it
/// names, inputs by content digest, connector settings, currency scale.
std::string job_fingerprint(const Workspace& workspace, const JobNode& job,
                            const std::string& period,
                            const std::map<std::string, TaskParam>& params,
                            const PinnedFiles& files, const std::vector<PinnedVersion>& inputs,
                            const std::string& as_of);

}  // namespace tallymill
