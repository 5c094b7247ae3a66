#pragma once

#include <optional>

#include "core/time/period.h"
#include "core/time/schedule.h"

namespace tallymill {

/// One time a schedule is due.
struct Fire {
  Instant at;
  LocalTime local;  ///< what the clock of the schedule's zone shows then
  LocalTime named;  ///< what the cron asked for: other than `local` only where the clock skipped it
  Period period;    ///< what a run of this fire is for

  friend bool operator==(const Fire&, const Fire&) = default;
};

/// The last period of `kind` that had ended when the clock showed `named`, plus the schedule's
/// offset: a month graph that fires on 2026-02-04 is for 2026-01. A fire that the clock skipped and
/// that is late by that is still for the period its cron meant, so no period is lost or repeated.
Period period_of(LocalTime named, PeriodKind kind, int period_offset);

/// The first fire after `after`; empty if there is none up to the year Zone::kLastYear. Fires are
/// strictly ordered; of several that the end of a gap makes due at once, the earliest named counts.
/// Throws Error(config) at the place of `days:` if its calendar has no data for a day in question.
std::optional<Fire> next_fire(const Schedule& schedule, PeriodKind kind, Instant after);

/// What the clock shows when `period` is first due, by the schedule alone; empty if it never is.
/// Throws as next_fire() does.
std::optional<LocalTime> first_due(const Schedule& schedule, const Period& period);

}  // namespace tallymill
