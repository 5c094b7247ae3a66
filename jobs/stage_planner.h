#pragma once

#include <string>
#include <vector>

#include "books/stage_matching.h"
#include "jobs/job.h"

namespace tallymill {

/// A cascade as YAML declares it, bound to the datasets at hand.
struct PlannedStages {
  books::StagePlan books;
  Schema breaks;   ///< of `<job>.breaks`, without their cause
  Schema matches;  ///< of `<job>.matches`
};

/// The option `stages:`.
OptionSpec stages_option();
/// The keys of a side that only a cascade uses.
std::vector<OptionSpec> staged_side_options();

/// Checks the options of reconcile job `job` against the schemas. Reports everything that does not
/// fit; the plan is not to be used then.
PlannedStages plan_stages(JobContext& context, const Options& options, const std::string& job);

}  // namespace tallymill
