#pragma once

#include "scheduler/daily_gc.h"
#include "scheduler/deadline_watch.h"
#include "scheduler/due_queue.h"
#include "scheduler/schedule_fires.h"
#include "scheduler/scheduler.h"
#include "scheduler/service_log.h"
#include "scheduler/trigger_watch.h"
#include "scheduler/workspace_watch.h"

namespace tallymill {

/// A scheduler that goes on until it is told to end: `tallymill scheduler`. It takes up every open
/// run, makes runs due by schedules and triggers, and follows edits of the workspace. Idle, it
/// sleeps: there is no tick.
class Service {
 public:
  /// `scheduler` was made with the whole workspace, and listens.
  Service(Scheduler& scheduler, std::shared_ptr<const Workspace> workspace,
          const JobCatalog& catalog, ServiceLog& log);

  /// Until the process is interrupted. What runs then is asked to end, and killed at the second
  /// interrupt; the next scheduler goes on with it.
  void run();

 private:
  /// A view of the service for the loop: its descriptors and instants.
  class Watches;
  class Triggers;

  void adopt_open_runs();
  void adopt_backfills();
  void adopt_cascades();
  void take_in();

  Scheduler& scheduler_;
  Clock& clock_;
  ServiceLog& log_;
  DueQueue queue_;
  ScheduleFires fires_;
  TriggerWatch triggers_;
  DeadlineWatch deadlines_;
  DailyGc gc_;
  WorkspaceWatch watch_;
};

}  // namespace tallymill
