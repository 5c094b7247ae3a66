#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/time/period.h"
#include "scheduler/partition_axis.h"

namespace tallymill {

/// By which time it is decided which version of a rule counts; see rules_in_effect().
enum class RulesOf { period, now };

/// What somebody asks to run.
struct RunRequest {
  std::string graph;
  Period period;
  std::map<std::string, std::string> params = {};  ///< over the graph's defaults
  bool force = false;                              ///< every job runs, up to date or not
  bool fresh = false;        ///< give up an open run of the same period and start a new one
  bool allow_stale = false;  ///< exports may read stale versions
  std::optional<PartitionChoice> partition = {};  ///< only this one, and what it comes after
  std::string cause = {};     ///< what made it due by itself; empty: somebody asks
  std::string due = {};       ///< since when
  std::string reason = {};    ///< why somebody wants it, for the journal
  std::string backfill = {};  ///< the backfill it belongs to; empty: none
  RulesOf rules = RulesOf::period;

  // A rerun.
  std::string of = {};                                               ///< the run it repeats
  std::vector<std::string> jobs = {};                                ///< empty: all of the graph
  std::vector<std::string> forced = {};                              ///< run even if up to date
  std::vector<std::pair<std::string, std::string>> takes_over = {};  ///< run, job
};

/// Which jobs of a run somebody wants again.
struct RerunSelection {
  bool failed = false;     ///< those that failed, were cancelled or blocked, and gates that refused
  std::string job = {};    ///< this one, which runs even if up to date
  bool downstream = true;  ///< with `job`: also all that come after it
  std::optional<PartitionChoice> partition = {};  ///< of those, only job runs of this one
  // Neither: all jobs of the run; what is up to date is reused.
  bool force = false;       ///< all of these run, up to date or not
  bool cascade = false;     ///< also results elsewhere that were made from theirs
  std::string reason = {};  ///< why somebody wants it, for the journal
  RulesOf rules = RulesOf::period;
};

/// The rerun somebody has seen as a plan and wants done, if it still is the plan.
struct RerunRequest {
  std::string of;  ///< the run's id
  RerunSelection selection;
  std::string digest;
};

}  // namespace tallymill
