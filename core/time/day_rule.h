#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text_problem.h"
#include "core/time/calendar.h"
#include "core/time/period.h"

namespace tallymill {

/// Which days of a schedule count (`days:`), beside what its cron says:
///   every_day, workdays, days_off, month_end,
///   nth_workday(n), nth_workday(n, week|month|quarter|year): the n-th work day of the month (or of
///     the ISO week, quarter, year), from the end if n is negative,
///   last_workday, last_workday(unit): nth_workday(-1),
///   roll_forward(d), roll_back(d): day d of each month (1 to 31, or month_end; the month's last
///     where it has no such day), moved to the nearest work day after, before it.
class DayRule {
 public:
  DayRule() = default;  ///< every day
  /// Empty with exactly one problem.
  static std::optional<DayRule> parse(std::string_view text, std::vector<TextProblem>& problems);

  bool needs_calendar() const;
  /// The first day that fits, from `day` on; empty if none does within kPatienceYears.
  /// `calendar` may be null only if none is needed. Throws Error(config) if it has no data.
  std::optional<Date> next(Date day, const Calendar* calendar) const;

  static constexpr int kPatienceYears = 10;

 private:
  enum class Kind {
    every_day,
    workdays,
    days_off,
    month_end,
    nth_workday,
    roll_forward,
    roll_back
  };
  struct Name;
  class Reader;

  /// The day the rule names in a unit; empty if the unit has none.
  std::optional<Date> day_in(const Period& unit, const Calendar* calendar) const;

  Kind kind_ = Kind::every_day;
  PeriodKind unit_ = PeriodKind::month;
  int number_ = 0;  ///< nth_workday: which one; roll: day of the month, 31 for its end
};

}  // namespace tallymill
