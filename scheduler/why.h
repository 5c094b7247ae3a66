#pragma once

#include <string>
#include <vector>

#include "scheduler/live_run.h"

namespace tallymill {

/// One step of an answer to "why is this job where it is".
struct WhyLink {
  std::string job;
  std::string code;      ///< stable, see docs/guides/operator.md
  std::string sentence;  ///< for people, without the job's name
};

/// From job `index` to the root of its state, each link caused by the next. A job that waits leads
/// to what it waits for; one that ran, was reused, failed or was cancelled is its own root.
std::vector<WhyLink> explain_job(const LiveRun& run, JobIndex index);

}  // namespace tallymill
