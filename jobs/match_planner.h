#pragma once

#include <string>
#include <vector>

#include "books/matching.h"
#include "jobs/job.h"

namespace tallymill {

/// `left:` or `right:` of a reconcile job.
struct SideOptions {
  Options options;

  std::vector<std::string> datasets() const;
  SourcePosition where() const;  ///< of the datasets' names
};

/// A comparison as YAML declares it, bound to the datasets at hand.
struct PlannedMatch {
  books::MatchPlan books;
  Schema breaks;  ///< of `<job>.breaks`, without their cause
};

/// Checks the options of reconcile job `job` against the schemas. Reports everything that does not
/// fit; the plan is not to be used then.
PlannedMatch plan_match(JobContext& context, const Options& options, const std::string& job);

}  // namespace tallymill
