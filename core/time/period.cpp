#include "core/time/period.h"

#include <array>
#include <cstdio>
#include <utility>

#include "core/error.h"

namespace tallymill {

namespace {

constexpr std::array kKindNames{
    std::pair{PeriodKind::day, std::string_view("day")},
    std::pair{PeriodKind::week, std::string_view("week")},
    std::pair{PeriodKind::month, std::string_view("month")},
    std::pair{PeriodKind::quarter, std::string_view("quarter")},
    std::pair{PeriodKind::year, std::string_view("year")},
};

/// The day that decides to which year, quarter and month an ISO week belongs.
Date thursday_of(Date monday) { return {monday.days + 3}; }

/// The Monday of ISO week 1: the week that holds 4 January.
Date first_monday(int year) {
  const Date fourth = Date::from_civil(year, 1, 4);
  return {fourth.days - static_cast<std::int32_t>(fourth.iso_weekday()) + 1};
}

/// The value of `digits` digits at `offset`, or -1.
int number_at(std::string_view text, std::size_t offset, std::size_t digits) {
  if (text.size() < offset + digits) return -1;
  int value = 0;
  for (char c : text.substr(offset, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::string formatted(const char* format, int year, unsigned number) {
  char buffer[32];
  const int size = std::snprintf(buffer, sizeof buffer, format, year, number);
  return {buffer, static_cast<std::size_t>(size)};
}

}  // namespace

std::string_view to_string(PeriodKind kind) {
  for (const auto& [value, name] : kKindNames)
    if (value == kind) return name;
  return "day";
}

std::optional<PeriodKind> period_kind_from(std::string_view text) {
  for (const auto& [value, name] : kKindNames)
    if (name == text) return value;
  return std::nullopt;
}

Period Period::containing(PeriodKind kind, Date day) {
  switch (kind) {
    case PeriodKind::day:
      return {kind, day};
    case PeriodKind::week:
      return {kind, {day.days - static_cast<std::int32_t>(day.iso_weekday()) + 1}};
    case PeriodKind::month:
      return {kind, Date::from_civil(day.year(), day.month(), 1)};
    case PeriodKind::quarter:
      return {kind, Date::from_civil(day.year(), (day.month() - 1) / 3 * 3 + 1, 1)};
    case PeriodKind::year:
      break;
  }
  return {kind, Date::from_civil(day.year(), 1, 1)};
}

std::optional<Period> Period::parse(std::string_view text) {
  const int year = number_at(text, 0, 4);
  if (year < 1 || (text.size() > 4 && text[4] != '-')) return std::nullopt;
  switch (text.size()) {
    case 4:  // 2026
      return containing(PeriodKind::year, Date::from_civil(year, 1, 1));
    case 7: {  // 2026-01, 2026-Q1
      const bool is_quarter = text[5] == 'Q';
      const int number = is_quarter ? number_at(text, 6, 1) : number_at(text, 5, 2);
      if (number < 1 || number > (is_quarter ? 4 : 12)) return std::nullopt;
      const auto month = static_cast<unsigned>(is_quarter ? 3 * number - 2 : number);
      return containing(is_quarter ? PeriodKind::quarter : PeriodKind::month,
                        Date::from_civil(year, month, 1));
    }
    case 8: {  // 2026-W05
      const int number = number_at(text, 6, 2);
      if (text[5] != 'W' || number < 1) return std::nullopt;
      const Date monday{first_monday(year).days + 7 * (number - 1)};
      if (thursday_of(monday).year() != year) return std::nullopt;  // no week 53 this year
      return containing(PeriodKind::week, monday);
    }
    case 10: {  // 2026-01-31
      const Parsed<Date> date = parse_date(text);
      return date ? std::optional(containing(PeriodKind::day, date.value)) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

Date Period::last_day() const {
  switch (kind_) {
    case PeriodKind::day:
      return first_;
    case PeriodKind::week:
      return {first_.days + 6};
    case PeriodKind::month:
      return Date::from_civil(first_.year(), first_.month(),
                              days_in_month(first_.year(), first_.month()));
    case PeriodKind::quarter:
      return Date::from_civil(first_.year(), first_.month() + 2,
                              days_in_month(first_.year(), first_.month() + 2));
    case PeriodKind::year:
      break;
  }
  return Date::from_civil(first_.year(), 12, 31);
}

Period Period::next(int count) const {
  const auto by_months = [&](int months) {
    std::int32_t total = 0;
    if (__builtin_mul_overflow(count, months, &total)) total = count < 0 ? INT32_MIN : INT32_MAX;
    return Period(kind_, add_months(first_, total));
  };
  const auto by_days = [&](int days) {
    const std::int64_t target = first_.days + std::int64_t{count} * days;
    static const Date kFirst = Date::from_civil(1, 1, 1);
    static const Date kLast = Date::from_civil(9999, 12, 31);
    if (target < kFirst.days || target + days - 1 > kLast.days)
      throw Error(ErrorClass::config, std::to_string(count) + " " + std::string(to_string(kind_)) +
                                          "s from " + text() + " leave the years 1 to 9999");
    return Period(kind_, {static_cast<std::int32_t>(target)});
  };
  switch (kind_) {
    case PeriodKind::day:
      return by_days(1);
    case PeriodKind::week:
      return by_days(7);
    case PeriodKind::month:
      return by_months(1);
    case PeriodKind::quarter:
      return by_months(3);
    case PeriodKind::year:
      break;
  }
  return by_months(12);
}

std::string Period::text() const {
  switch (kind_) {
    case PeriodKind::day:
      return first_.text();
    case PeriodKind::week: {
      const int year = thursday_of(first_).year();
      const int weeks = (first_.days - first_monday(year).days) / 7;
      return formatted("%04d-W%02u", year, static_cast<unsigned>(weeks) + 1);
    }
    case PeriodKind::month:
      return formatted("%04d-%02u", first_.year(), first_.month());
    case PeriodKind::quarter:
      return formatted("%04d-Q%u", first_.year(), (first_.month() - 1) / 3 + 1);
    case PeriodKind::year:
      break;
  }
  return formatted("%04d", first_.year(), 0);
}

std::vector<Period> periods_within(PeriodKind kind, const Period& outer) {
  std::vector<Period> periods;
  if (kind > outer.kind()) return periods;
  if (kind == outer.kind()) return {outer};
  const auto deciding_day = [kind](const Period& period) {
    return kind == PeriodKind::week ? thursday_of(period.first_day()) : period.first_day();
  };
  Period period = Period::containing(kind, outer.first_day());
  if (!outer.contains(deciding_day(period))) period = period.next();
  while (true) {
    periods.push_back(period);
    if (period.last_day() >= outer.last_day()) break;
    period = period.next();
    if (!outer.contains(deciding_day(period))) break;
  }
  return periods;
}

}  // namespace tallymill
