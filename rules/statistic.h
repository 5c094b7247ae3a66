#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// A statistic of a column as an exact fraction: SQL expressions over aggregates, whole numbers
/// (HUGEINT) of units of 10^-scale, so that comparing it with a number never rounds. A sum that
/// leaves HUGEINT is an error of the query.
struct Statistic {
  std::string numerator;
  std::string denominator = "1";  ///< 0: there is no value, as of the deviation of one row
  int scale = 0;                  ///< of what a bound is given in
};

/// Names of the statistics: count, distinct_count, distinct_ratio, max, mean, median, min,
/// quantile, range, sum, and those of WideStatistic.
const std::vector<std::string>& statistic_names();
/// Whether the statistic takes values that are no numbers: counts of any, ends of dates.
bool takes_type(std::string_view statistic, const Type& type);

/// `scale` is at least the column's. Each aggregate is followed by kFilter. `quantile` is an SQL
/// decimal such as "0.95". Not for min and max of dates, whose values are no numbers, nor for what
/// WideStatistic has.
Statistic statistic(std::string_view name, const std::string& column, const Type& type, int scale,
                    const std::string& quantile);

/// SQL: the statistic lies in [low, high], in units of its scale; null where it has no value.
std::string lies_between(const Statistic& statistic, const std::optional<Int128>& low,
                         const std::optional<Int128>& high);

/// For people: the fraction to the statistic's scale, rounded half to even; "none" without a value.
std::string statistic_text(const Statistic& statistic, const std::optional<std::string>& numerator,
                           const std::optional<std::string>& denominator);

/// SQL over aggregates of all rows: without the places of a condition on them.
std::string without_filter(std::string sql);

/// SQL of a column's number in whole units of 10^-scale, a HUGEINT. For aggregates of it: where the
/// aggregate itself is exact, statistic() scales what it came to, once.
std::string as_units(Engine& engine, const std::string& column, const Type& type, int scale);

}  // namespace tallymill
