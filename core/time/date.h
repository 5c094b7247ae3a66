#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"

namespace tallymill {

/// A day of the proleptic Gregorian calendar, as days since 1970-01-01 (DuckDB's DATE).
struct Date {
  std::int32_t days = 0;

  /// Throws Error(config) if there is no such day in the years 1 to 9999.
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
/// Throws Error(config) if the result leaves the years 1 to 9999.
Date add_months(Date date, int months);

/// YYYY-MM-DD only, and only days that exist.
Parsed<Date> parse_date(std::string_view text);
/// By a strptime-like pattern of %Y %m %d %H %M %S, %% and literal text; nothing may be left over.
/// %Y is four digits; the others are one or two, exactly two beside another directive ("%Y%m%d").
/// An empty pattern means ISO: "YYYY-MM-DD[T ]HH:MM:SS[.ffffff][Z|+hh:mm]"; only it reads fractions
/// and zones. Result in microseconds since 1970-01-01T00:00:00, UTC where a zone is given.
/// A pattern that timestamp_pattern_problem() objects to is a bug: std::logic_error.
Parsed<std::int64_t> parse_timestamp(std::string_view text, std::string_view pattern = {});
/// The day of a text of that pattern; a time of day in it must be valid and is dropped.
Parsed<Date> parse_date(std::string_view text, std::string_view pattern);

/// A pattern of parse_timestamp() that is not empty, taken apart once for many texts.
class TimestampPattern {
 public:
  explicit TimestampPattern(std::string_view pattern);

  Parsed<Date> date_of(std::string_view text) const;
  Parsed<std::int64_t> timestamp_of(std::string_view text) const;

 private:
  friend struct PatternReading;
  /// A character, or a number of so many digits.
  struct Part {
    char directive = 0;  ///< of the pattern; 0: the character
    char literal = 0;
    std::size_t least = 1;
    std::size_t most = 1;
  };

  std::vector<Part> parts_;
  std::size_t least_ = 0;  ///< bytes of a text
  std::size_t most_ = 0;
};

/// What is wrong with a pattern a user wrote: an unknown directive, or year, month or day missing.
/// Empty if nothing is. For loaders, to be asked before the first row.
std::string timestamp_pattern_problem(std::string_view pattern);
std::string format_timestamp(std::int64_t micros);  ///< 2026-01-31T08:05:00Z, fraction if any

}  // namespace tallymill
