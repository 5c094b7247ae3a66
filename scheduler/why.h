#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/live_run.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// One step of an answer to "why is this job where it is".
struct WhyLink {
  std::string job;
  std::string code;                     ///< stable, one of why_codes()
  std::string sentence;                 ///< for people, without the job's name
  std::vector<JobChange> changes = {};  ///< of code "changed": what has, if it was recorded
};

/// A code and what it means; the table of docs/flow.md.
struct WhyCode {
  std::string_view code;
  std::string_view meaning;
};
/// All of them. `failed_` and `cancelled_` are followed by a class or a reason.
const std::vector<WhyCode>& why_codes();

/// Who is at work on the workspace: why a ready job has not started.
struct Occupancy {
  bool at_work = false;  ///< a process holds the workspace
  int slots = 0;
  int running = 0;                                   ///< attempts of all runs
  std::map<std::string, std::pair<int, int>> pools;  ///< running and size, by resource pool
};
Occupancy occupancy_of(const Workspace& workspace, StoreView& view, bool at_work);

/// From job `index` to the root of its state, each link caused by the next. A job that waits leads
/// to what it waits for; one that ran leads to why it had to.
std::vector<WhyLink> explain_job(const LiveRun& run, JobIndex index, const Occupancy& occupancy);

}  // namespace tallymill
