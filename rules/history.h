#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/money.h"
#include "core/time/period.h"

namespace tallymill {

/// What a check measured, exactly, as decimal text; by period. That of the period judged is not
/// among its own past.
using MeasureHistory = std::map<Period, std::string>;

/// What a value is compared with, and how far from it it may be. All of it is exact: values of up
/// to 9 fraction digits, medians and quartiles of them as whole numbers, no averages.
struct HistoryBand {
  enum class Method {
    change,  ///< limit: share of the median of the past
    mad,     ///< limit: so many times the median absolute deviation from the median
    iqr,     ///< limit: so many times the distance of the quartiles beyond them
    range,   ///< limit: share of the past's spread beyond its least and greatest value
  };
  /// Which earlier periods are like the one judged.
  enum class Season {
    none,
    week,   ///< days: of the same weekday
    month,  ///< days: of the same day of the month; the last one compares with last ones
    year,   ///< months, quarters, weeks: of the same number in the year; days: of the same date
  };
  enum class Side { both, above, below };
  Method method = Method::mad;
  Season season = Season::none;
  Side side = Side::both;
  int periods = 12;      ///< so many of the newest like it
  int least = 4;         ///< with fewer there is no judgement
  Int128 limit = 0;      ///< in units of 10^-9
  Int128 tolerance = 0;  ///< in units of 10^-9: a difference that is never one
};

/// Whether periods of this kind have such a season.
bool has_season(PeriodKind kind, HistoryBand::Season season);

/// The newest values before `period` that are like it, oldest first; at most `band.periods`.
MeasureHistory alike(const MeasureHistory& history, const Period& period, const HistoryBand& band);

/// What values may be, given the past.
struct HistoryVerdict {
  bool is_judged = false;  ///< false: there is too little past
  bool passes = false;
  std::string expected;  ///< "from 80.00 to 130.00 (median 105.00 of 12 periods)"
};
/// `past`: alike(). `scale`: fraction digits in which bounds are shown. Throws Error(data) if a
/// value is too large to be judged exactly.
HistoryVerdict judge_by_history(const MeasureHistory& past, const std::string& value,
                                const HistoryBand& band, int scale);

}  // namespace tallymill
