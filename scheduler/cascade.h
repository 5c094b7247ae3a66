#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Results of one graph and period that were made from what other jobs are about to replace.
struct CascadeStep {
  std::string graph;
  std::string period;
  std::vector<std::pair<std::string, std::string>> jobs;  ///< name, what it read: "gl of 2026-01"
};

/// A job of a graph for a period, by its name within a run (job_name.h).
struct JobOfPeriod {
  std::string graph;
  std::string period;
  std::string job;
  friend auto operator<=>(const JobOfPeriod&, const JobOfPeriod&) = default;
};

/// Everything beyond `origins` whose visible result would become stale if the origins made other
/// data, directly or through others: what the store remembers each result to have read, not what
/// graphs say today. In an order in which every step comes after those it reads from; a graph comes
/// twice where its jobs read from a graph that reads from it. Results of jobs that the workspace no
/// longer has are left out: nothing could make them again.
std::vector<CascadeStep> cascade_of(const Workspace& workspace, StoreView& view,
                                    const std::vector<JobOfPeriod>& origins);

}  // namespace tallymill
