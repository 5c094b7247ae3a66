#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "scheduler/scheduler.h"
#include "scheduler/service_log.h"

namespace tallymill {

/// Deadlines of what the schedules name, whether or not a run of it is there: one that is not due
/// yet, was skipped, waits behind another run, or has ended without what was wanted. What is at
/// work watches its own (ActiveRun). What passed while nobody looked is told at the next look.
class DeadlineWatch {
 public:
  DeadlineWatch(Scheduler& scheduler, ServiceLog& log) : scheduler_(scheduler), log_(log) {}

  /// Graphs were read anew.
  void reread() { must_look_ = true; }
  /// When the wall clock makes something late; empty: never.
  std::optional<Instant> next() const;
  /// Records everything that is late by now.
  void look(Instant now);

 private:
  /// One deadline of one period.
  struct Due {
    Instant at;
    Period period;
    JobIndex job = 0;
    const Deadline* deadline = nullptr;
  };

  void look(const Graph& graph, Instant now);
  std::vector<Due> dues(const Graph& graph, Instant now);
  std::set<Period> periods(const Graph& graph, Instant now) const;
  bool is_watched_by_its_run(const Graph& graph, const Period& period);
  bool is_met(const Graph& graph, const Due& due);
  void miss(const Graph& graph, const Due& due);

  Scheduler& scheduler_;
  ServiceLog& log_;
  std::multimap<Instant, std::string> next_;  ///< graphs by their next deadline
  std::set<std::string> stuck_;               ///< graphs whose trouble was told
  bool must_look_ = true;
};

}  // namespace tallymill
