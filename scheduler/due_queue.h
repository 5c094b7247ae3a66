#pragma once

#include <string>

#include "core/time/period.h"
#include "core/time/schedule.h"
#include "scheduler/due_runs.h"
#include "scheduler/scheduler.h"
#include "scheduler/service_log.h"

namespace tallymill {

/// The runs that schedules and triggers make due, from the event that says so to their start. One
/// at a time of a graph: what is due while an earlier run is active waits for its end, in the
/// store, so that neither a restart nor a crash loses or repeats it.
class DueQueue {
 public:
  DueQueue(Scheduler& scheduler, ServiceLog& log) : scheduler_(scheduler), log_(log) {}

  /// `seen` and the due run are one event.
  void add(const TriggerSeen& seen, const DueRun& run, WhileActive while_active);
  void skip(const TriggerSeen& seen, const DueRun& run, const std::string& why);
  /// Starts what may start; cheap if nothing has changed since the last call.
  void start_due();
  /// A run has ended, or graphs were read anew.
  void look_again() { dirty_ = true; }
  bool is_dirty() const { return dirty_; }

 private:
  bool is_active(const std::string& graph);
  bool is_waiting(const std::string& graph);
  void cancel_oldest(const std::string& graph);
  void start(const DueRun& run);

  Scheduler& scheduler_;
  ServiceLog& log_;
  bool dirty_ = true;
};

}  // namespace tallymill
