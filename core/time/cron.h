#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text_problem.h"
#include "core/time/local_time.h"

namespace tallymill {

/// The sets a cron expression names. Bit n of a mask stands for the value n.
struct CronFields {
  std::uint64_t seconds = 1;  ///< 0..59; five fields fire in second 0
  std::uint64_t minutes = 0;  ///< 0..59
  std::uint64_t hours = 0;    ///< 0..23
  std::uint64_t months = 0;   ///< 1..12

  bool any_day = false;                ///< the day field is `*` or `?`: it asks for nothing
  std::uint64_t days = 0;              ///< 1..31
  std::uint64_t days_before_last = 0;  ///< bit 0 `L`, bit 3 `L-3`
  std::uint64_t nearest_workdays = 0;  ///< bit 15 `15W`
  bool last_workday = false;           ///< `LW`

  bool any_weekday = false;
  std::uint64_t weekdays = 0;                      ///< 0 Sunday .. 6 Saturday
  std::uint64_t last_weekdays = 0;                 ///< bit 5 `5L`: the last Friday of the month
  std::array<std::uint64_t, 7> nth_weekdays = {};  ///< by weekday; bit 3 of [6] `6#3`
};

/// When something is due, by a wall clock: `minute hour day month weekday`, or six fields with
/// seconds in front. Values, lists, ranges, steps, names, `?`, L, L-3, 15W, LW, 5L, 6#3, and the
/// aliases @yearly (@annually), @monthly, @weekly, @daily (@midnight), @hourly.
///
/// Sunday is 0 or 7. Where both day fields ask for something, a day that fits either will do
/// (Vixie's rule); with six fields this is refused, because its dialects disagree about it.
/// Knows nothing of zones or calendars: docs/time.md.
class Cron {
 public:
  /// Empty with at least one problem; an expression that no day of any year fits is one too.
  static std::optional<Cron> parse(std::string_view text, std::vector<TextProblem>& problems);

  /// The first fire after `time`, the last one before it; empty outside the years 1 to 9999.
  /// Costs steps over months and days, whatever lies between.
  std::optional<LocalTime> next(LocalTime time) const;
  std::optional<LocalTime> previous(LocalTime time) const;

  bool fires_at(LocalTime time) const;
  bool fires_on(Date day) const;
  const std::string& text() const { return text_; }

 private:
  Cron(std::string text, const CronFields& fields) : text_(std::move(text)), fields_(fields) {}

  /// The days of a month that fit, bit n for day n.
  std::uint64_t days_of(int year, unsigned month) const;
  bool fires_ever() const;

  std::string text_;
  CronFields fields_;
};

}  // namespace tallymill
