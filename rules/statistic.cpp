#include "rules/statistic.h"

#include <algorithm>

#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

constexpr int kRatioScale = 9;

std::string power_of_ten(int digits) {
  return "1" + std::string(static_cast<std::size_t>(digits), '0');
}

std::string call(const char* function, const std::string& arguments) {
  return std::string(function) + "(" + arguments + ")" + std::string(kFilter);
}

std::string units_text(Int128 units) { return format_decimal(units, 0) + "::HUGEINT"; }

Int128 whole_root(Int128 value) {
  Int128 low = 0;
  Int128 high = Int128{1} << 63;
  while (low < high) {
    const Int128 middle = (low + high + 1) / 2;
    if (middle <= value / middle)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

}  // namespace

const std::vector<std::string>& statistic_names() {
  static const std::vector<std::string> names{
      "count", "distinct_count", "distinct_ratio", "max",   "mean", "median",
      "min",   "quantile",       "range",          "stdev", "sum"};
  return names;
}

bool takes_type(std::string_view name, const Type& type) {
  if (name == "count" || name == "distinct_count" || name == "distinct_ratio") return true;
  return is_number(type) || ((name == "min" || name == "max") && has_order(type));
}

std::string as_units(const std::string& column, const Type& type, int scale) {
  const std::string cell = quote_identifier(column);
  if (type.kind == TypeKind::integer)
    return "(" + cell + "::HUGEINT * " + power_of_ten(scale) + ")";
  return "(" + as_exact(cell, type.scale) + " * " + power_of_ten(type.scale) + ")::HUGEINT * " +
         power_of_ten(scale - type.scale);
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
  const std::string units = as_units(column, type, scale);
  const std::string sum = call("sum", units);
  if (name == "sum") return {sum, "1", scale};
  if (name == "mean") return {sum, count, scale};
  if (name == "min") return {call("min", units), "1", scale};
  if (name == "max") return {call("max", units), "1", scale};
  if (name == "range") return {call("max", units) + " - " + call("min", units), "1", scale};
  if (name == "quantile") return {call("quantile_disc", units + ", " + quantile), "1", scale};
  if (name == "median")  // the two middle values, the upper one as the lower of the negated
    return {call("quantile_disc", units + ", 0.5") + " - " +
                call("quantile_disc", "-(" + units + "), 0.5"),
            "2", scale};
  const std::string squares = call("sum", "(" + units + ") * (" + units + ")");
  return {count + "::HUGEINT * " + squares + " - " + sum + " * " + sum,
          count + "::HUGEINT * (" + count + " - 1)", scale, true};
}

std::string lies_between(const Statistic& statistic, const std::optional<Int128>& low,
                         const std::optional<Int128>& high) {
  const auto bound = [&](Int128 units) {
    const Int128 value = statistic.is_squared ? units * units : units;
    return units_text(value) + " * (" + statistic.denominator + ")";
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
  if (statistic.is_squared) return format_decimal(whole_root(part / whole), statistic.scale);
  const Int128 size = part < 0 ? -part : part;
  Int128 units = size / whole;
  const Int128 twice = (size % whole) * 2;
  if (twice > whole || (twice == whole && units % 2 != 0)) ++units;
  return format_decimal(part < 0 ? -units : units, statistic.scale);
}

}  // namespace tallymill
