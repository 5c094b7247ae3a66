#include "core/time/cron.h"

#include <algorithm>
#include <bit>

namespace tallymill {

namespace {

using Mask = std::uint64_t;

constexpr int kFirstYear = 1;
constexpr int kLastYear = 9999;
constexpr int kMonthsPerYear = 12;
/// Dates and weekdays repeat after 400 years: 146,097 days are 20,871 weeks.
constexpr int kCycleYears = 400;

constexpr Mask bit(unsigned n) { return Mask{1} << n; }
constexpr bool has(Mask mask, unsigned n) { return (mask & bit(n)) != 0; }
constexpr Mask from(unsigned n) { return n >= 64 ? 0 : ~Mask{0} << n; }
constexpr Mask up_to(unsigned n) { return n >= 63 ? ~Mask{0} : bit(n + 1) - 1; }
unsigned lowest(Mask mask) { return static_cast<unsigned>(std::countr_zero(mask)); }
unsigned highest(Mask mask) { return 63U - static_cast<unsigned>(std::countl_zero(mask)); }

/// One step of a search through ordered sets: upwards, or downwards, from a bound inclusive.
struct Upwards {
  static Mask beyond(Mask mask, unsigned bound) { return mask & from(bound); }
  static unsigned nearest(Mask mask) { return lowest(mask); }
  static Mask strictly_beyond(Mask mask, unsigned bound) { return mask & from(bound + 1); }
};
struct Downwards {
  static Mask beyond(Mask mask, unsigned bound) { return mask & up_to(bound); }
  static unsigned nearest(Mask mask) { return highest(mask); }
  static Mask strictly_beyond(Mask mask, unsigned bound) {
    return bound == 0 ? 0 : mask & up_to(bound - 1);
  }
};

/// A time of day as its fields.
struct Clock {
  unsigned hour;
  unsigned minute;
  unsigned second;

  static Clock of(int second_of_day) {
    const auto value = static_cast<unsigned>(second_of_day);
    return {value / 3600, value / 60 % 60, value % 60};
  }
  std::int64_t second_of_day() const {
    return static_cast<std::int64_t>(hour) * 3600 + minute * 60 + second;
  }
};

/// The nearest of the day's fires from `bound` on, inclusive; empty if the day has none left.
template <class Direction>
std::optional<Clock> nearest_time(const CronFields& fields, Clock bound) {
  const unsigned minute = Direction::nearest(fields.minutes);
  const unsigned second = Direction::nearest(fields.seconds);
  if (has(fields.hours, bound.hour)) {
    if (has(fields.minutes, bound.minute))
      if (const Mask seconds = Direction::beyond(fields.seconds, bound.second))
        return Clock{bound.hour, bound.minute, Direction::nearest(seconds)};
    if (const Mask minutes = Direction::strictly_beyond(fields.minutes, bound.minute))
      return Clock{bound.hour, Direction::nearest(minutes), second};
  }
  if (const Mask hours = Direction::strictly_beyond(fields.hours, bound.hour))
    return Clock{Direction::nearest(hours), minute, second};
  return std::nullopt;
}

template <class Direction>
Clock nearest_time(const CronFields& fields) {
  return {Direction::nearest(fields.hours), Direction::nearest(fields.minutes),
          Direction::nearest(fields.seconds)};
}

/// 0 Sunday .. 6 Saturday.
unsigned weekday(Date day) { return day.iso_weekday() % 7; }

/// The Monday to Friday nearest to day `wanted` within its month; 0 if the month has no such day.
unsigned nearest_workday(unsigned wanted, unsigned first_weekday, unsigned last) {
  if (wanted > last) return 0;
  const unsigned day = (first_weekday + wanted - 1) % 7;
  if (day == 6) return wanted > 1 ? wanted - 1 : wanted + 2;
  if (day == 0) return wanted < last ? wanted + 1 : wanted - 2;
  return wanted;
}

Mask days_by_number(const CronFields& fields, unsigned first_weekday, unsigned last) {
  Mask days = fields.days;
  for (unsigned back = 0; back < last; ++back)
    if (has(fields.days_before_last, back)) days |= bit(last - back);
  for (unsigned wanted = 1; wanted <= last; ++wanted)
    if (has(fields.nearest_workdays, wanted))
      days |= bit(nearest_workday(wanted, first_weekday, last));
  if (fields.last_workday) days |= bit(nearest_workday(last, first_weekday, last));
  return days & from(1) & up_to(last);
}

Mask days_by_weekday(const CronFields& fields, unsigned first_weekday, unsigned last) {
  Mask days = 0;
  for (unsigned day = 1; day <= last; ++day) {
    const unsigned weekday_of_day = (first_weekday + day - 1) % 7;
    if (has(fields.weekdays, weekday_of_day) ||
        (day + 7 > last && has(fields.last_weekdays, weekday_of_day)) ||
        has(fields.nth_weekdays[weekday_of_day], (day + 6) / 7))
      days |= bit(day);
  }
  return days;
}

/// The first and the last second a fire can have.
LocalTime begin_of_time() { return LocalTime::at(Date::from_civil(kFirstYear, 1, 1)); }
LocalTime end_of_time() {
  return LocalTime::at(Date::from_civil(kLastYear, 12, 31), kSecondsPerDay - 1);
}

/// Months in one row, so that a year's end is no special case.
int month_number(Date day) {
  return day.year() * kMonthsPerYear + static_cast<int>(day.month()) - 1;
}
int year_of(int number) { return number / kMonthsPerYear; }
unsigned month_of(int number) { return static_cast<unsigned>(number % kMonthsPerYear) + 1; }

LocalTime assemble(int number, unsigned day, Clock clock) {
  return LocalTime::at(Date::from_civil(year_of(number), month_of(number), day),
                       clock.second_of_day());
}

}  // namespace

std::uint64_t Cron::days_of(int year, unsigned month) const {
  if (!has(fields_.months, month)) return 0;
  const unsigned last = days_in_month(year, month);
  const unsigned first_weekday = weekday(Date::from_civil(year, month, 1));
  if (fields_.any_day && fields_.any_weekday) return from(1) & up_to(last);
  Mask days = 0;
  if (!fields_.any_day) days |= days_by_number(fields_, first_weekday, last);
  if (!fields_.any_weekday) days |= days_by_weekday(fields_, first_weekday, last);
  return days;
}

bool Cron::fires_ever() const {
  for (int year = 2000; year < 2000 + kCycleYears; ++year)
    for (unsigned month = 1; month <= kMonthsPerYear; ++month)
      if (days_of(year, month) != 0) return true;
  return false;
}

std::optional<LocalTime> Cron::next(LocalTime time) const {
  if (time >= end_of_time()) return std::nullopt;
  const LocalTime bound = std::max(LocalTime{time.seconds + 1}, begin_of_time());
  const Date start = bound.day();
  const auto left_today = nearest_time<Upwards>(fields_, Clock::of(bound.second_of_day()));
  const unsigned first_day = left_today ? start.day() : start.day() + 1;
  for (int number = month_number(start), first = number; year_of(number) <= kLastYear; ++number) {
    Mask days = days_of(year_of(number), month_of(number));
    if (number == first) days &= from(first_day);
    if (days == 0) continue;
    const unsigned day = lowest(days);
    const bool is_today = number == first && left_today && day == start.day();
    return assemble(number, day, is_today ? *left_today : nearest_time<Upwards>(fields_));
  }
  return std::nullopt;
}

std::optional<LocalTime> Cron::previous(LocalTime time) const {
  if (time <= begin_of_time()) return std::nullopt;
  const LocalTime bound = std::min(LocalTime{time.seconds - 1}, end_of_time());
  const Date start = bound.day();
  const auto left_today = nearest_time<Downwards>(fields_, Clock::of(bound.second_of_day()));
  const unsigned last_day = left_today ? start.day() : start.day() - 1;
  for (int number = month_number(start), first = number; year_of(number) >= kFirstYear; --number) {
    Mask days = days_of(year_of(number), month_of(number));
    if (number == first) days &= up_to(last_day);
    if (days == 0) continue;
    const unsigned day = highest(days);
    const bool is_today = number == first && left_today && day == start.day();
    return assemble(number, day, is_today ? *left_today : nearest_time<Downwards>(fields_));
  }
  return std::nullopt;
}

bool Cron::fires_at(LocalTime time) const {
  const Clock clock = Clock::of(time.second_of_day());
  return has(fields_.hours, clock.hour) && has(fields_.minutes, clock.minute) &&
         has(fields_.seconds, clock.second) && fires_on(time.day());
}

bool Cron::fires_on(Date day) const { return has(days_of(day.year(), day.month()), day.day()); }

}  // namespace tallymill
