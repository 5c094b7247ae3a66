#include "core/time/fire.h"

#include "core/error.h"

namespace tallymill {

namespace {

/// The first time after `time` that cron and days both name.
std::optional<LocalTime> next_named(const Schedule& schedule, LocalTime time) {
  try {
    while (const auto named = schedule.cron.next(time)) {
      const auto day = schedule.days.next(named->day(), schedule.calendar.get());
      if (!day) return std::nullopt;
      if (*day == named->day()) return named;
      time = {LocalTime::at(*day).seconds - 1};
    }
    return std::nullopt;
  } catch (const Error& error) {
    throw Error(error.error_class(), error.message(), schedule.days_place);
  }
}

/// Walks from one change of the clocks to the next; between two of them local time and the time
/// axis differ by a constant.
class FireSearch {
 public:
  FireSearch(const Schedule& schedule, Instant after)
      : schedule_(schedule), now_(after), shown_(schedule.zone.local(after)) {}

  /// Without its period.
  std::optional<Fire> next() {
    while (true) {
      const auto named = next_named(schedule_, shown_);
      if (named && named->day().year() > Zone::kLastYear) return std::nullopt;
      const auto change = schedule_.zone.next_change(now_);
      if (named) {
        const Instant at{named->seconds - offset_};
        if (!change || at < change->at) {
          if (is_repetition(*named, at)) {
            shown_ = *named;
            continue;
          }
          return Fire{at, *named, *named, {}};
        }
        if (change->is_gap() && *named < change->to && schedule_.gap == GapPolicy::shift)
          return Fire{change->at, change->to, *named, {}};
      }
      if (!change) return std::nullopt;
      pass(*change);
    }
  }

 private:
  /// True at the second of two instants that show `named`, where only the first counts.
  bool is_repetition(LocalTime named, Instant at) const {
    if (schedule_.overlap == OverlapPolicy::both) return false;
    const std::vector<Instant> shown = schedule_.zone.instants(named);
    return shown.size() == 2 && shown[1] == at;
  }

  /// Goes on at the change itself, past the times that count no more.
  void pass(const ClockChange& change) {
    const bool only_first = schedule_.overlap == OverlapPolicy::first;
    const LocalTime first = change.is_overlap() && only_first ? change.from : change.to;
    now_ = change.at;
    offset_ = change.to.seconds - change.at.seconds;
    shown_ = {first.seconds - 1};
  }

  const Schedule& schedule_;
  Instant now_;
  LocalTime shown_;
  std::int64_t offset_ = shown_.seconds - now_.seconds;  ///< since the last change
};

}  // namespace

Period period_of(LocalTime named, PeriodKind kind, int period_offset) {
  return Period::containing(kind, named.day()).next(period_offset - 1);
}

std::optional<Fire> next_fire(const Schedule& schedule, PeriodKind kind, Instant after) {
  auto fire = FireSearch(schedule, after).next();
  if (fire) fire->period = period_of(fire->named, kind, schedule.period_offset);
  return fire;
}

std::optional<LocalTime> first_due(const Schedule& schedule, const Period& period) {
  const Period due_in = period.next(1 - schedule.period_offset);
  const LocalTime end = LocalTime::at(due_in.last_day(), kSecondsPerDay);
  LocalTime time{LocalTime::at(due_in.first_day()).seconds - 1};
  while (const auto named = next_named(schedule, time)) {
    if (*named >= end) return std::nullopt;
    const bool is_skipped = schedule.zone.instants(*named).empty();
    if (!is_skipped || schedule.gap == GapPolicy::shift) return named;
    time = *named;
  }
  return std::nullopt;
}

}  // namespace tallymill
