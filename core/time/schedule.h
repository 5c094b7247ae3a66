#pragma once

#include <memory>

#include "core/source_position.h"
#include "core/time/calendar.h"
#include "core/time/cron.h"
#include "core/time/day_rule.h"
#include "core/time/zone.h"

namespace tallymill {

/// What becomes of a time the clocks skip.
enum class GapPolicy {
  shift,  ///< it is due the moment the clocks have jumped
  skip,   ///< it is not due
};
/// What becomes of a time the clocks show twice.
enum class OverlapPolicy {
  first,  ///< it is due when they first show it
  both,   ///< it is due each time
};
/// What to do about fires that were missed.
enum class CatchUp { all, latest, none };
/// What to do about a fire while an earlier run is active.
enum class WhileActive { queue, skip, cancel_oldest };

/// When a graph runs by itself: its `schedule:`, read and checked. Immutable.
struct Schedule {
  Cron cron;
  DayRule days = {};
  Zone zone = {};
  std::shared_ptr<const Calendar> calendar = nullptr;  ///< null: none named
  GapPolicy gap = GapPolicy::shift;
  OverlapPolicy overlap = OverlapPolicy::first;
  int period_offset = 0;  ///< periods to add to the one that just ended
  CatchUp catch_up = CatchUp::all;
  WhileActive while_active = WhileActive::queue;
  SourcePosition days_place = {};  ///< of `days:`, for what its calendar does not know
};

}  // namespace tallymill
