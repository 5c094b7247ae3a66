#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/engine.h"
#include "rules/power_sums.h"

namespace tallymill {

/// A statistic that no SQL number holds: its sums need more than 38 digits, or it is made of
/// logarithms. SQL gives exact whole numbers as one text (its evidence); what follows from them is
/// compared here, so neither threads nor the order of rows can change a verdict.
///
/// stdev: of a sample. skewness, kurtosis: of the population (third and fourth standardised moment,
/// the latter less 3, so that both are 0 for a normal distribution). entropy: in nats, of the
/// shares of the distinct values. unique_ratio: share of the values that occur once.
class WideStatistic {
 public:
  /// What it is compared with, in units of 10^-scale.
  struct Limits {
    std::optional<Int128> low;
    std::optional<Int128> high;
  };

  static bool has(std::string_view name);
  /// Whether it is a number without a unit and takes values of every type.
  static bool counts_values(std::string_view name);

  WideStatistic() = default;
  /// `scale` is at least the column's.
  WideStatistic(Engine& engine, std::string name, const std::string& column, const Type& type,
                int scale);

  /// SELECT over `rows` of `groups` (columns; empty: all rows are one), n (rows) and evidence.
  std::string select(const std::string& rows, const std::vector<std::string>& groups) const;
  /// SQL text over aggregates, each followed by kFilter; empty where only select() can tell.
  std::string evidence() const;

  /// Empty: there is no such value, as of the deviation of one row.
  std::optional<bool> lies_between(std::string_view evidence, const Limits& limits) const;
  /// For people, with the statistic's scale; "none" without a value.
  std::string text(std::string_view evidence) const;
  /// SQL boolean: lies_between() of the SQL text `evidence`.
  std::string lies_between_sql(Engine& engine, const std::string& evidence,
                               const Limits& limits) const;

 private:
  /// In units of 10^-scale; the square of it, with its sign, where `is_squared`.
  struct Fraction {
    WideInt numerator;
    WideInt denominator;
    bool is_squared = false;
  };
  static std::optional<Fraction> fraction(std::string_view name, std::string_view evidence,
                                          int column_scale, int scale);
  static std::optional<bool> compare(const std::optional<Fraction>& fraction, const Limits& limits);
  static void evaluate(std::span<const ColumnView> arguments, std::size_t rows,
                       ColumnWriter& result);

  std::string name_;
  std::string cell_;
  std::string value_;  ///< SQL of a BIGINT in units of the column's scale
  int column_scale_ = 0;
  int scale_ = 0;
};

}  // namespace tallymill
