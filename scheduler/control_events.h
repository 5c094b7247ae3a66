#pragma once

#include <string>
#include <vector>

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

/// Somebody is about to see cells of columns that are masked for everyone else. Not which rows: the
/// journal is no second place where a sensitive text may stand.
struct SensitiveShown {
  std::string command = {};  ///< that shows them
  std::string run = {};      ///< whose evidence it is; empty: visible versions are shown
  std::string dataset = {};
  std::string period = {};
  std::vector<std::string> versions = {};
  std::vector<std::string> columns = {};  ///< as asked for; empty: all
  std::string why = {};                   ///< in their words; may be empty
};

Event to_event(const RunPaused& change);
Event to_event(const JobDecided& change);
Event to_event(const JobMarked& change);
Event to_event(const SensitiveShown& change);

}  // namespace tallymill
