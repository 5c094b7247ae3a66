// Laws of cron, over random expressions and instants. The rival is a scan that asks each second or
// minute in turn, from the same choices the expression was written from.

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>

#include "core/time/cron.h"

using namespace tallymill;

namespace {

/// A field as text, and the question it asks.
template <class... Facts>
struct Choice {
  std::string text;
  std::function<bool(Facts...)> holds;
};
using NumberChoice = Choice<int>;
using DayChoice = Choice<Date>;

int pick(int least, int most) { return *rc::gen::inRange(least, most + 1); }

/// One item: a value, a range, a step over everything, over a range, or from a value on.
NumberChoice number_item(int least, int most) {
  const int first = pick(least, most);
  const int last = pick(first, most);
  const int step = pick(1, most - least);
  const auto in = [](int a, int b, int by) {
    return [=](int value) { return value >= a && value <= b && (value - a) % by == 0; };
  };
  const std::string a = std::to_string(first);
  const std::string range = a + "-" + std::to_string(last);
  const std::string by = "/" + std::to_string(step);
  switch (pick(0, 4)) {
    case 0:
      return {a, in(first, first, 1)};
    case 1:
      return {range, in(first, last, 1)};
    case 2:
      return {"*" + by, in(least, most, step)};
    case 3:
      return {range + by, in(first, last, step)};
    default:
      return {a + by, in(first, most, step)};
  }
}

template <class Item>
Item either(Item a, const Item& b) {
  a.text += "," + b.text;
  a.holds = [one = a.holds, other = b.holds](auto value) { return one(value) || other(value); };
  return a;
}

NumberChoice number_field(int least, int most) {
  if (pick(0, 2) == 0) return {"*", [](int) { return true; }};
  NumberChoice field = number_item(least, most);
  for (int i = pick(0, 2); i > 0; --i) field = either(field, number_item(least, most));
  return field;
}

unsigned last_of(Date day) { return days_in_month(day.year(), day.month()); }
bool is_weekend(Date day) { return day.iso_weekday() > 5; }

/// The definition told day by day: the weekday of the month with the smallest distance.
bool is_nearest_weekday(Date day, unsigned wanted) {
  if (wanted > last_of(day) || is_weekend(day)) return false;
  const Date target = Date::from_civil(day.year(), day.month(), wanted);
  for (int distance = 0; distance < 3; ++distance)
    for (const int sign : {-1, 1}) {
      const Date candidate{target.days + sign * distance};
      if (candidate.month() == day.month() && candidate.year() == day.year() &&
          !is_weekend(candidate))
        return candidate == day;
    }
  return false;
}

DayChoice day_item() {
  const int number = pick(1, 31);
  const auto wanted = static_cast<unsigned>(number);
  switch (pick(0, 5)) {
    case 0:
      return {"L", [](Date day) { return day.day() == last_of(day); }};
    case 1:
      return {"LW", [](Date day) { return is_nearest_weekday(day, last_of(day)); }};
    case 2: {
      const auto back = static_cast<unsigned>(pick(1, 30));
      return {"L-" + std::to_string(back),
              [back](Date day) { return day.day() + back == last_of(day); }};
    }
    case 3:
      return {std::to_string(number) + "W",
              [wanted](Date day) { return is_nearest_weekday(day, wanted); }};
    default: {
      const NumberChoice item = number_item(1, 31);
      return {item.text,
              [holds = item.holds](Date day) { return holds(static_cast<int>(day.day())); }};
    }
  }
}

DayChoice weekday_item() {
  const int number = pick(0, 6);
  const auto is_it = [number](Date day) {
    return static_cast<int>(day.iso_weekday() % 7) == number;
  };
  const std::string text = *rc::gen::element(
      std::to_string(number), std::vector<std::string>{"SUN", "mon", "Tue", "WED", "thu", "FRI",
                                                       "sat"}[static_cast<std::size_t>(number)]);
  switch (pick(0, 3)) {
    case 0:
      return {text + "L", [is_it](Date day) { return is_it(day) && day.day() + 7 > last_of(day); }};
    case 1: {
      const auto nth = static_cast<unsigned>(pick(1, 5));
      return {text + "#" + std::to_string(nth), [is_it, nth](Date day) {
                return is_it(day) && day.day() > 7 * (nth - 1) && day.day() <= 7 * nth;
              }};
    }
    default: {
      const int last = pick(number, 6);
      return {std::to_string(number) + "-" + std::to_string(last), [number, last](Date day) {
                const auto weekday = static_cast<int>(day.iso_weekday() % 7);
                return weekday >= number && weekday <= last;
              }};
    }
  }
}

DayChoice day_field(const std::function<DayChoice()>& item) {
  DayChoice field = item();
  if (pick(0, 2) == 0) field = either(field, item());
  return field;
}

struct Expression {
  std::string text;
  std::function<bool(LocalTime)> holds;
};

/// Five fields, or six, then with a `?` in one of the day fields.
Expression expression(bool with_seconds) {
  const NumberChoice second =
      with_seconds ? number_field(0, 59) : NumberChoice{"", [](int value) { return value == 0; }};
  const NumberChoice minute = number_field(0, 59);
  const NumberChoice hour = number_field(0, 23);
  const NumberChoice month = number_field(1, 12);
  const bool asks_day = pick(0, 2) > 0;
  const bool asks_weekday = pick(0, 2) > 0 && !(with_seconds && asks_day);
  const DayChoice any{"", [](Date) { return true; }};
  const DayChoice day = asks_day ? day_field(day_item) : any;
  const DayChoice weekday = asks_weekday ? day_field(weekday_item) : any;
  Expression result;
  result.text = (with_seconds ? second.text + " " : "") + minute.text + " " + hour.text + " " +
                (asks_day       ? day.text
                 : with_seconds ? "?"
                                : "*") +
                " " + month.text + " " +
                (asks_weekday               ? weekday.text
                 : asks_day && with_seconds ? "?"
                                            : "*");
  const bool is_any_day = !asks_day || day.text == "*/1";  // as docs/time.md has it
  result.holds = [=](LocalTime time) {
    const int of_day = time.second_of_day();
    const Date date = time.day();
    const bool fits = is_any_day     ? weekday.holds(date)
                      : asks_weekday ? day.holds(date) || weekday.holds(date)
                                     : day.holds(date);
    return fits && second.holds(of_day % 60) && minute.holds(of_day / 60 % 60) &&
           hour.holds(of_day / 3600) && month.holds(static_cast<int>(date.month()));
  };
  return result;
}

LocalTime any_time() {
  const Date day = Date::from_civil(pick(1970, 2120), static_cast<unsigned>(pick(1, 12)), 1);
  return LocalTime::at({day.days + pick(0, 30)}, pick(0, 86399));
}

std::optional<Cron> parsed(const Expression& expression) {
  std::vector<TextProblem> problems;
  auto cron = Cron::parse(expression.text, problems);
  if (!cron) RC_ASSERT(problems.at(0).message.starts_with("cron never fires"));
  return cron;
}

/// The first time within `steps` steps that holds.
std::optional<LocalTime> scan(const Expression& expression, LocalTime time, int step, int steps) {
  for (int i = 0; i < steps; ++i) {
    time.seconds += step;
    if (expression.holds(time)) return time;
  }
  return std::nullopt;
}

/// No step of the scan may come earlier, and where it ends the cron may not have fired yet.
void agree(std::optional<LocalTime> answer, std::optional<LocalTime> scanned, LocalTime end,
           bool upwards) {
  if (scanned)
    RC_ASSERT(answer == scanned);
  else
    RC_ASSERT(!answer || (upwards ? *answer > end : *answer < end));
}

constexpr int kMinutes = 60 * 24 * 40;  // beyond a month's end

}  // namespace

TEST_CASE("cron laws: next and previous agree with a scan minute by minute") {
  CHECK(rc::check("five fields", [] {
    const Expression wanted = expression(false);
    RC_LOG() << wanted.text << '\n';
    const auto cron = parsed(wanted);
    if (!cron) return;
    const LocalTime from = any_time();
    const LocalTime minute{from.seconds - from.second_of_day() % 60};
    agree(cron->next(minute), scan(wanted, minute, 60, kMinutes), {minute.seconds + 60 * kMinutes},
          true);
    agree(cron->previous(minute), scan(wanted, minute, -60, kMinutes),
          {minute.seconds - 60 * kMinutes}, false);
  }));
}

TEST_CASE("cron laws: next and previous agree with a scan second by second") {
  CHECK(rc::check("six fields", [] {
    const Expression wanted = expression(true);
    RC_LOG() << wanted.text << '\n';
    const auto cron = parsed(wanted);
    if (!cron) return;
    const LocalTime from = any_time();
    constexpr int kSeconds = 86400 * 2;
    agree(cron->next(from), scan(wanted, from, 1, kSeconds), {from.seconds + kSeconds}, true);
    agree(cron->previous(from), scan(wanted, from, -1, kSeconds), {from.seconds - kSeconds}, false);
  }));
}

TEST_CASE("cron laws: next is strictly after, fits the expression, and previous leads back") {
  CHECK(rc::check("round trip", [] {
    const Expression wanted = expression(*rc::gen::arbitrary<bool>());
    RC_LOG() << wanted.text << '\n';
    const auto cron = parsed(wanted);
    if (!cron) return;
    const LocalTime from = any_time();
    const auto next = cron->next(from);
    RC_ASSERT(next.has_value());
    RC_ASSERT(*next > from);
    RC_ASSERT(wanted.holds(*next));
    RC_ASSERT(cron->fires_at(*next));
    RC_ASSERT(cron->previous({next->seconds + 1}) == next);
    const auto before = cron->previous(*next);
    RC_ASSERT(before && *before <= from);
    RC_ASSERT(cron->next(*before) == next);
  }));
}
