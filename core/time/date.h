#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/money.h"

namespace tallymill {

/// A day of the proleptic Gregorian calendar, as days since 1970-01-01 (DuckDB's DATE).
struct Date {
  std::int32_t days = 0;

  static Date from_civil(int year, unsigned month, unsigned day);
  int year() const;
  unsigned month() const;
  unsigned day() const;
  unsigned iso_weekday() const;  ///< Monday 1 .. Sunday 7
  std::string text() const;      ///< 2026-01-31

  friend auto operator<=>(const Date&, const Date&) = default;
};

unsigned days_in_month(int year, unsigned month);
/// Same day `months` later; the last day of the month where that day does not exist.
Date add_months(Date date, int months);

/// YYYY-MM-DD only, and only days that exist.
Parsed<Date> parse_date(std::string_view text);
/// By a strptime-like pattern of %Y %m %d %H %M %S and literal text; nothing may be left over.
/// Result in microseconds since 1970-01-01T00:00:00 (a zone suffix only where the pattern is ISO:
/// empty pattern = "YYYY-MM-DD[T ]HH:MM:SS[.ffffff][Z|+hh:mm]").
Parsed<std::int64_t> parse_timestamp(std::string_view text, std::string_view pattern = {});
Parsed<Date> parse_date(std::string_view text, std::string_view pattern);
std::string format_timestamp(std::int64_t micros);  ///< 2026-01-31T08:05:00Z, fraction if any

}  // namespace tallymill
