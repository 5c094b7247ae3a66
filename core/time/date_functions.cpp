#include <array>

#include "core/error.h"
#include "core/time/date_language.h"

namespace tallymill {

namespace {

using Arguments = std::span<const DateValue>;

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorClass::config, message); }

[[noreturn]] void wrong_kind(const DateValue& value, const char* expected) {
  fail(std::string(expected) + " is expected, got " + std::string(kind_name(value)) + ", '" +
       to_text(value) + "'");
}

/// A count of anything: beyond it no date of the years 1 to 9999 can be reached.
int count_of(const DateValue& value) {
  constexpr std::int64_t kMost = 400'000'000;
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) wrong_kind(value, "a whole number");
  if (*number > kMost || *number < -kMost) fail(std::to_string(*number) + " is beyond all dates");
  return static_cast<int>(*number);
}

/// Dates, times, the first day of a period, and texts that are dates or times.
LocalTime time_of(const DateValue& value) {
  if (const auto* time = std::get_if<LocalTime>(&value)) return *time;
  if (const auto* date = std::get_if<Date>(&value)) return LocalTime::at(*date);
  if (const auto* period = std::get_if<Period>(&value)) return LocalTime::at(period->first_day());
  if (const auto* text = std::get_if<std::string>(&value))
    if (const auto time = parse_local_time(*text)) return *time;
  wrong_kind(value, "a date");
}

Date date_of(const DateValue& value) { return time_of(value).day(); }

Date checked(std::int64_t days) {
  static const Date kFirst = Date::from_civil(1, 1, 1);
  static const Date kLast = Date::from_civil(9999, 12, 31);
  if (days < kFirst.days || days > kLast.days) fail("the result leaves the years 1 to 9999");
  return {static_cast<std::int32_t>(days)};
}

/// `base` moved by `move`, of the kind it had: a time keeps its time of day, a period must become
/// one of its kind.
template <class Move>
DateValue moved(const DateValue& base, Move move) {
  if (const auto* period = std::get_if<Period>(&base)) {
    const Date day = move(period->first_day());
    const Period result = Period::containing(period->kind(), day);
    if (result.first_day() != day)
      fail("that leads from " + period->text() + " into the middle of " + result.text() +
           "; write period + n for the n-th " + std::string(to_string(period->kind())) + " after");
    return result;
  }
  const LocalTime time = time_of(base);
  const Date day = move(time.day());
  if (time.second_of_day() == 0 && !std::holds_alternative<LocalTime>(base)) return day;
  return LocalTime::at(day, time.second_of_day());
}

template <int kDays>
DateValue add_days_of(Arguments arguments, const DateScope&) {
  const int count = count_of(arguments[1]);
  return moved(arguments[0],
               [&](Date day) { return checked(day.days + std::int64_t{count} * kDays); });
}

template <int kMonths>
DateValue add_months_of(Arguments arguments, const DateScope&) {
  const std::int64_t months = std::int64_t{count_of(arguments[1])} * kMonths;
  if (months > 120'000 || months < -120'000) fail("the result leaves the years 1 to 9999");
  return moved(arguments[0], [&](Date day) { return add_months(day, static_cast<int>(months)); });
}

template <int kSeconds>
DateValue add_seconds_of(Arguments arguments, const DateScope&) {
  const LocalTime time = time_of(arguments[0]);
  const std::int64_t seconds = time.seconds + std::int64_t{count_of(arguments[1])} * kSeconds;
  const std::int64_t rest = ((seconds % kSecondsPerDay) + kSecondsPerDay) % kSecondsPerDay;
  return LocalTime::at(checked((seconds - rest) / kSecondsPerDay), rest);
}

/// The unit `arguments[1]` units after the one that holds the date.
template <PeriodKind kKind>
Period unit_of(Arguments arguments) {
  const Period unit = Period::containing(kKind, date_of(arguments[0]));
  return arguments.size() > 1 ? unit.next(count_of(arguments[1])) : unit;
}

template <PeriodKind kKind>
DateValue first_day(Arguments arguments, const DateScope&) {
  return unit_of<kKind>(arguments).first_day();
}

template <PeriodKind kKind>
DateValue last_day(Arguments arguments, const DateScope&) {
  return unit_of<kKind>(arguments).last_day();
}

DateValue month_end(Arguments arguments, const DateScope& scope) {
  const Date day = arguments.empty() ? scope.period.last_day() : date_of(arguments[0]);
  return Period::containing(PeriodKind::month, day).last_day();
}

DateValue format(Arguments arguments, const DateScope&) {
  const auto* pattern = std::get_if<std::string>(&arguments[1]);
  if (pattern == nullptr) wrong_kind(arguments[1], "a pattern such as 'yyyyMMdd'");
  return format_time(time_of(arguments[0]), *pattern);
}

/// A week belongs to the year that holds four of its days.
DateValue year_week(Arguments arguments, const DateScope&) {
  const Date day = date_of(arguments[0]);
  const int begins = arguments.size() > 1 ? count_of(arguments[1]) : 1;
  if (begins < 1 || begins > 7)
    fail("a week begins on 1 (Monday) to 7 (Sunday), got " + std::to_string(begins));
  const int into_week = (static_cast<int>(day.iso_weekday()) - begins + 7) % 7;
  const Date middle = checked(std::int64_t{day.days} - into_week + 3);
  const int week = (middle.days - Date::from_civil(middle.year(), 1, 1).days) / 7 + 1;
  return format_time(LocalTime::at(middle), "yyyy") + (week < 10 ? "-0" : "-") +
         std::to_string(week);
}

DateValue timestamp(Arguments arguments, const DateScope& scope) {
  const LocalTime time = time_of(arguments[0]);
  const std::vector<Instant> instants = scope.zone.instants(time);
  if (instants.empty())
    fail("no clock of " + scope.zone.name() + " shows " + time.text() + "; name a time it shows");
  return instants.front().seconds;
}

const Calendar& calendar_of(const DateScope& scope) {
  if (scope.calendar) return *scope.calendar;
  fail("work days need a calendar; add 'calendar: name' to the graph's schedule or tallymill.yaml");
}

DateValue add_workdays(Arguments arguments, const DateScope& scope) {
  const Date day = date_of(arguments[0]);
  const int count = count_of(arguments[1]);
  return scope.is_open ? day : calendar_of(scope).add_workdays(day, count);
}

DateValue workday(Arguments arguments, const DateScope& scope) {
  const std::array<DateValue, 2> whole{scope.period.last_day(), arguments[0]};
  return add_workdays(whole, scope);
}

DateValue nth_in(const Period& unit, int n, const DateScope& scope) {
  if (scope.is_open) return unit.first_day();
  const auto day = calendar_of(scope).nth_workday(unit.first_day(), unit.last_day(), n);
  if (!day) fail(unit.text() + " has no work day number " + std::to_string(n));
  return *day;
}

/// A period, or the month of a date; without argument the run's period.
Period span_of(Arguments arguments, std::size_t index, const DateScope& scope) {
  if (arguments.size() <= index) return scope.period;
  if (const auto* period = std::get_if<Period>(&arguments[index])) return *period;
  return Period::containing(PeriodKind::month, date_of(arguments[index]));
}

DateValue nth_workday(Arguments arguments, const DateScope& scope) {
  return nth_in(span_of(arguments, 1, scope), count_of(arguments[0]), scope);
}

DateValue last_workday(Arguments arguments, const DateScope& scope) {
  return nth_in(span_of(arguments, 0, scope), -1, scope);
}

DateValue roll_forward(Arguments arguments, const DateScope& scope) {
  const Date day = date_of(arguments[0]);
  return scope.is_open ? day : calendar_of(scope).roll_forward(day);
}

DateValue roll_back(Arguments arguments, const DateScope& scope) {
  const Date day = date_of(arguments[0]);
  return scope.is_open ? day : calendar_of(scope).roll_back(day);
}

DateValue workdays_between(Arguments arguments, const DateScope& scope) {
  const Date from = date_of(arguments[0]);
  const Date to = date_of(arguments[1]);
  return std::int64_t{scope.is_open ? 0 : calendar_of(scope).workdays_between(from, to)};
}

constexpr std::array kFunctions{
    DateFunction{"format", "date, 'pattern'", 2, 2, format},
    DateFunction{"add_seconds", "time, n", 2, 2, add_seconds_of<1>},
    DateFunction{"add_minutes", "time, n", 2, 2, add_seconds_of<60>},
    DateFunction{"add_hours", "time, n", 2, 2, add_seconds_of<3600>},
    DateFunction{"add_days", "date, n", 2, 2, add_days_of<1>},
    DateFunction{"add_weeks", "date, n", 2, 2, add_days_of<7>},
    DateFunction{"add_months", "date, n", 2, 2, add_months_of<1>},
    DateFunction{"add_quarters", "date, n", 2, 2, add_months_of<3>},
    DateFunction{"add_years", "date, n", 2, 2, add_months_of<12>},
    DateFunction{"week_first_day", "date[, n]", 1, 2, first_day<PeriodKind::week>},
    DateFunction{"week_last_day", "date[, n]", 1, 2, last_day<PeriodKind::week>},
    DateFunction{"month_first_day", "date[, n]", 1, 2, first_day<PeriodKind::month>},
    DateFunction{"month_last_day", "date[, n]", 1, 2, last_day<PeriodKind::month>},
    DateFunction{"quarter_first_day", "date[, n]", 1, 2, first_day<PeriodKind::quarter>},
    DateFunction{"quarter_last_day", "date[, n]", 1, 2, last_day<PeriodKind::quarter>},
    DateFunction{"year_first_day", "date[, n]", 1, 2, first_day<PeriodKind::year>},
    DateFunction{"year_last_day", "date[, n]", 1, 2, last_day<PeriodKind::year>},
    DateFunction{"month_end", "[date]", 0, 1, month_end},
    DateFunction{"year_week", "date[, weekday]", 1, 2, year_week},
    DateFunction{"timestamp", "time", 1, 1, timestamp, false, true},
    DateFunction{"workday", "n", 1, 1, workday, true},
    DateFunction{"add_workdays", "date, n", 2, 2, add_workdays, true},
    DateFunction{"nth_workday", "n[, period]", 1, 2, nth_workday, true},
    DateFunction{"last_workday", "[period]", 0, 1, last_workday, true},
    DateFunction{"roll_forward", "date", 1, 1, roll_forward, true},
    DateFunction{"roll_back", "date", 1, 1, roll_back, true},
    DateFunction{"workdays_between", "date, date", 2, 2, workdays_between, true},
};

}  // namespace

std::span<const DateFunction> date_functions() { return kFunctions; }

}  // namespace tallymill
