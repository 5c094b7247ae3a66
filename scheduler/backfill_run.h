#pragma once

#include <string>

#include "scheduler/backfill.h"
#include "scheduler/scheduler.h"

namespace tallymill {

/// Hears how a backfill goes.
class BackfillObserver {
 public:
  virtual ~BackfillObserver() = default;
  virtual void note(const std::string& text) = 0;
  /// After the commit that ended the period's run, or left it waiting.
  virtual void ended(const Period& period, const RunEnd& end) = 0;
};

/// Runs what is left of a planned backfill and records its beginning and its end. A period that
/// fails does not keep others from running, unless it was asked to; one that waits for input stays
/// open. Whatever stops this on the way, the next call with the same name goes on. The worst that
/// came of a period, those of earlier calls counted.
RunVerdict run_backfill(Scheduler& scheduler, const BackfillPlan& plan, BackfillObserver& observer);

}  // namespace tallymill
