#include "rules/statistic.h"

#include <algorithm>

#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/wide_statistic.h"

namespace tallymill {
namespace {

constexpr int kRatioScale = 9;
constexpr int kSmallDigits = 18;  ///< of a decimal that is 64 bits

std::string power_of_ten(int digits) {
  return "1" + std::string(static_cast<std::size_t>(digits), '0');
}

std::string call(const char* function, const std::string& arguments) {
  return std::string(function) + "(" + arguments + ")" + std::string(kFilter);
}

/// Of an aggregate's value: its digits without the point, which is exact at any size.
std::string units_of(const std::string& aggregate, const Type& type, int scale) {
  const std::string finer = " * " + power_of_ten(scale - type.scale);
  if (type.kind == TypeKind::integer || type.scale == 0)
    return "(" + aggregate + ")::HUGEINT" + finer;
  return "replace((" + aggregate + ")::VARCHAR, '.', '')::HUGEINT" + finer;
}

void copy_units(std::span<const ColumnView> arguments, std::size_t rows, ColumnWriter& result) {
  const auto* units = arguments[0].as<std::int64_t>();
  std::copy(units, units + rows, result.as<std::int64_t>());
  for (std::size_t row = 0; row < rows; ++row)
    if (arguments[0].is_null(row)) result.set_null(row);
}

std::string units_text(Int128 units) { return format_decimal(units, 0) + "::HUGEINT"; }

}  // namespace

const std::vector<std::string>& statistic_names() {
  static const std::vector<std::string> names{
      "count", "distinct_count", "distinct_ratio", "entropy", "kurtosis",
      "max",   "mean",           "median",         "min",     "quantile",
      "range", "skewness",       "stdev",          "sum",     "unique_ratio"};
  return names;
}

bool takes_type(std::string_view name, const Type& type) {
  if (name == "count" || name == "distinct_count" || name == "distinct_ratio" ||
      WideStatistic::counts_values(name))
    return true;
  return is_number(type) || ((name == "min" || name == "max") && has_order(type));
}

std::string without_filter(std::string sql) {
  for (std::size_t at = sql.find(kFilter); at != std::string::npos; at = sql.find(kFilter))
    sql.erase(at, kFilter.size());
  return sql;
}

std::string as_units(Engine& engine, const std::string& column, const Type& type, int scale) {
  const std::string cell = quote_identifier(column);
  const std::string finer = " * " + power_of_ten(scale - type.scale);
  if (type.kind == TypeKind::integer) return "(" + cell + "::HUGEINT" + finer + ")";
  if (type.precision > kSmallDigits)
    return "(" + as_exact(cell, type.scale) + " * " + power_of_ten(type.scale) + ")::HUGEINT" +
           finer;
  // A decimal of up to 18 digits is a whole number inside; the engine's own way to it, through 128
  // bits and a division, takes fifty times as long.
  const std::string function = "tm_units" + std::to_string(type.scale);
  if (!engine.has_function(function))
    engine.add_function({.name = function,
                         .parameters = {Type::decimal(kSmallDigits, type.scale)},
                         .result = {{.name = "units", .type = Type::integer()}},
                         .evaluate = copy_units});
  return "(" + function + "(" + cell + ")::HUGEINT" + finer + ")";
}

Statistic statistic(std::string_view name, const std::string& column, const Type& type, int scale,
                    const std::string& quantile) {
  const std::string cell = quote_identifier(column);
  const std::string count = call("count", cell);
  if (name == "count") return {count, "1", 0};
  if (name == "distinct_count") return {call("count", "distinct " + cell), "1", 0};
  if (name == "distinct_ratio")
    return {call("count", "distinct " + cell) + "::HUGEINT * " + power_of_ten(kRatioScale), count,
            kRatioScale};
  const auto of = [&](const char* function, const std::string& arguments) {
    return units_of(call(function, arguments), type, scale);
  };
  if (name == "sum") return {of("sum", cell), "1", scale};
  if (name == "mean") return {of("sum", cell), count, scale};
  if (name == "min") return {of("min", cell), "1", scale};
  if (name == "max") return {of("max", cell), "1", scale};
  if (name == "range") return {of("max", cell) + " - " + of("min", cell), "1", scale};
  if (name == "quantile") return {of("quantile_disc", cell + ", " + quantile), "1", scale};
  // median: the two middle values, the upper one as the lower of the negated
  const std::string negated =
      type.kind == TypeKind::integer ? "-(" + cell + "::HUGEINT)" : "-" + cell;
  return {of("quantile_disc", cell + ", 0.5") + " - " + of("quantile_disc", negated + ", 0.5"), "2",
          scale};
}

std::string lies_between(const Statistic& statistic, const std::optional<Int128>& low,
                         const std::optional<Int128>& high) {
  const auto bound = [&](Int128 units) {
    return units_text(units) + " * (" + statistic.denominator + ")";
  };
  std::vector<std::string> conditions;
  if (low) conditions.push_back("(" + statistic.numerator + ") >= " + bound(*low));
  if (high) conditions.push_back("(" + statistic.numerator + ") <= " + bound(*high));
  return "case when (" + statistic.denominator + ") > 0 then " + join(conditions, " and ") + " end";
}

std::string statistic_text(const Statistic& statistic, const std::optional<std::string>& numerator,
                           const std::optional<std::string>& denominator) {
  if (!numerator || !denominator) return "none";
  const Int128 part = parse_decimal(*numerator, 38, 0).value;
  const Int128 whole = parse_decimal(*denominator, 38, 0).value;
  if (whole == 0) return "none";
  const Int128 size = part < 0 ? -part : part;
  Int128 units = size / whole;
  const Int128 twice = (size % whole) * 2;
  if (twice > whole || (twice == whole && units % 2 != 0)) ++units;
  return format_decimal(part < 0 ? -units : units, statistic.scale);
}

}  // namespace tallymill
