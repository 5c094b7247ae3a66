#pragma once

#include <map>
#include <string>

#include "scheduler/events.h"
#include "scheduler/live_run.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// Versions a job made visible, by dataset.
using MadeVersions = std::map<std::string, VersionRecord>;

/// What an ended attempt came to; `made`: what of the job is visible now.
JobSummary summary_of(const AttemptEnded& ended, const MadeVersions& made = {});
/// What a reused result came to.
JobSummary summary_of(const ResultRecord& result, const MadeVersions& made);

/// The version that publishing `version` with this event makes visible.
VersionRecord version_record(const RunRecord& run, const AttemptEnded& ended,
                             const PublishedVersion& version);

}  // namespace tallymill
