#pragma once

#include <string>

#include "scheduler/events.h"

namespace tallymill {

// Events of what people ask of runs. Who asked stands with the event.

struct RunPaused {
  std::string run;
  bool paused = true;  ///< false: it goes on
  std::string why;
};

/// A person's word about an approval job.
struct JobDecided {
  std::string run;
  std::string job;
  bool approved = true;
  std::string why;
};

/// A person says what state a job is in.
struct JobMarked {
  std::string run;
  std::string job;
  JobRunState from = JobRunState::waiting;
  JobRunState to = JobRunState::skipped;
  std::string why;
};

Event to_event(const RunPaused& change);
Event to_event(const JobDecided& change);
Event to_event(const JobMarked& change);

}  // namespace tallymill
