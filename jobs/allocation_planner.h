#pragma once

#include <map>
#include <string>

#include "books/allocation.h"
#include "jobs/job.h"

namespace tallymill {

/// An allocation as YAML declares it, bound to the datasets at hand.
struct PlannedAllocation {
  books::AllocationPlan books;
  /// Of the parts, `<job>.parked`, `<job>.residual` and `<job>.trace`.
  std::map<std::string, Schema> schemas;
};

/// Checks the options of allocate job `job` against the schemas, its driver rule included. Reports
/// everything that does not fit; the plan is not to be used then.
PlannedAllocation plan_allocation(JobContext& context, const Options& options,
                                  const std::string& job);

}  // namespace tallymill
