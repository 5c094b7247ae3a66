#include "rules/wide_statistic.h"

#include <algorithm>
#include <cmath>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/statistic.h"

namespace tallymill {
namespace {

constexpr const char* kFunction = "tm_lies_between";

WideInt power_of_ten(int digits) {
  return boost::multiprecision::pow(WideInt(10), static_cast<unsigned>(digits));
}

int powers_of(std::string_view name) {
  if (name == "stdev") return 2;
  if (name == "skewness") return 3;
  return name == "kurtosis" ? 4 : 0;
}

/// How many values occur how often: "1:20 3:2" says twenty once and two three times.
struct Occurrences {
  std::vector<std::pair<std::int64_t, std::int64_t>> times;  ///< often, values; ascending
  std::int64_t rows = 0;
};

Occurrences read_occurrences(std::string_view evidence) {
  Occurrences read;
  for (const std::string& entry : split(evidence, ' ')) {
    const std::size_t colon = entry.find(':');
    read.times.emplace_back(std::stoll(entry.substr(0, colon)),
                            std::stoll(entry.substr(colon + 1)));
    read.rows += read.times.back().first * read.times.back().second;
  }
  return read;
}

/// These are counts of rows, never money: a double is what logarithms are made of. Added up in the
/// order of the counts, so the sum is the same each time.
WideInt entropy_units(const Occurrences& read, int scale) {
  const auto rows = static_cast<double>(read.rows);
  double sum = 0;
  for (const auto& [often, values] : read.times) {
    const double share = static_cast<double>(often) / rows;
    sum -= static_cast<double>(values) * share * std::log(share);
  }
  return WideInt(std::llround(sum * std::pow(10.0, scale)));
}

std::optional<Int128> read_limit(const std::string& text) {
  if (text == "-") return std::nullopt;
  return parse_decimal(text, 38, 0).value;
}
std::string limit_text(const std::optional<Int128>& limit) {
  return limit ? format_decimal(*limit, 0) : "-";
}

WideInt wide(Int128 value) { return WideInt(value); }

}  // namespace

bool WideStatistic::has(std::string_view name) {
  return powers_of(name) > 0 || counts_values(name);
}

bool WideStatistic::counts_values(std::string_view name) {
  return name == "entropy" || name == "unique_ratio";
}

WideStatistic::WideStatistic(Engine& engine, std::string name, const std::string& column,
                             const Type& type, int scale)
    : name_(std::move(name)),
      cell_(quote_identifier(column)),
      column_scale_(type.scale),
      scale_(scale) {
  if (powers_of(name_) > 0) value_ = "(" + as_units(engine, column, type, type.scale) + ")::BIGINT";
}

std::string WideStatistic::evidence() const {
  const int powers = powers_of(name_);
  return powers == 0 ? "" : numbers_sql(power_sums_sql(value_, powers));
}

std::string WideStatistic::select(const std::string& rows,
                                  const std::vector<std::string>& groups) const {
  const std::string listed = groups.empty() ? "" : join(groups, ", ") + ", ";
  const std::string by = groups.empty() ? "" : " group by " + join(groups, ", ");
  if (powers_of(name_) > 0)
    return "select " + listed + "count(*) as n, " + without_filter(evidence()) +
           " as evidence from " + rows + by;
  const std::string often = "(select " + listed + "count(" + cell_ + ") as \"tm:often\" from " +
                            rows + " where " + cell_ + " is not null group by " + listed + cell_ +
                            ")";
  const std::string times = "(select " + listed + "\"tm:often\", count(*) as \"tm:values\" from " +
                            often + " group by " + listed + "\"tm:often\")";
  return "select " + listed +
         "sum(\"tm:often\" * \"tm:values\")::BIGINT as n, "
         "string_agg(\"tm:often\" || ':' || \"tm:values\", ' ' order by \"tm:often\") as evidence "
         "from " +
         times + by;
}

std::optional<WideStatistic::Fraction> WideStatistic::fraction(std::string_view name,
                                                               std::string_view evidence,
                                                               int column_scale, int scale) {
  if (evidence.empty()) return std::nullopt;
  if (counts_values(name)) {
    const Occurrences read = read_occurrences(evidence);
    if (read.rows == 0) return std::nullopt;
    if (name == "entropy") return Fraction{entropy_units(read, scale), 1};
    const bool some_once = read.times.front().first == 1;
    return Fraction{WideInt(some_once ? read.times.front().second : 0) * power_of_ten(scale),
                    read.rows};
  }
  std::size_t at = 0;
  const PowerSums s = read_power_sums(read_numbers(evidence), powers_of(name), at);
  const WideInt& n = s[0];
  // n^k times the central moments; the units of the column cancel out but in stdev.
  const WideInt second = n * s[2] - s[1] * s[1];
  if (name == "stdev") {
    if (n < 2) return std::nullopt;
    return Fraction{second * power_of_ten(2 * (scale - column_scale)), n * (n - 1), true};
  }
  if (second == 0) return std::nullopt;
  const WideInt unit = power_of_ten(scale);
  const WideInt third = n * n * s[3] - 3 * n * s[1] * s[2] + 2 * s[1] * s[1] * s[1];
  if (name == "skewness")
    return Fraction{third * abs(third) * unit * unit, second * second * second, true};
  const WideInt fourth = n * n * n * s[4] - 4 * n * n * s[1] * s[3] + 6 * n * s[1] * s[1] * s[2] -
                         3 * s[1] * s[1] * s[1] * s[1];
  return Fraction{(fourth - 3 * second * second) * unit, second * second};
}

std::optional<bool> WideStatistic::compare(const std::optional<Fraction>& fraction,
                                           const Limits& limits) {
  if (!fraction) return std::nullopt;
  const auto bound = [&](Int128 limit) {
    WideInt value = wide(limit);
    if (fraction->is_squared) value *= abs(value);
    return WideInt(value * fraction->denominator);
  };
  return (!limits.low || fraction->numerator >= bound(*limits.low)) &&
         (!limits.high || fraction->numerator <= bound(*limits.high));
}

std::optional<bool> WideStatistic::lies_between(std::string_view evidence,
                                                const Limits& limits) const {
  return compare(fraction(name_, evidence, column_scale_, scale_), limits);
}

std::string WideStatistic::text(std::string_view evidence) const {
  const auto value = fraction(name_, evidence, column_scale_, scale_);
  if (!value) return "none";
  const WideInt size = abs(value->numerator);
  WideInt units = size / value->denominator;
  if (value->is_squared) {
    units = sqrt(units);
  } else {
    const WideInt twice = size % value->denominator * 2;
    if (twice > value->denominator || (twice == value->denominator && units % 2 != 0)) ++units;
  }
  if (value->numerator < 0) units = -units;
  return format_decimal(static_cast<Int128>(units), scale_);
}

void WideStatistic::evaluate(std::span<const ColumnView> arguments, std::size_t rows,
                             ColumnWriter& result) {
  for (std::size_t row = 0; row < rows; ++row) {
    std::optional<bool> holds;
    if (!arguments[1].is_null(row)) {
      const auto asked = split(arguments[0].as<StringRef>()[row].view(), ' ');
      holds = compare(fraction(asked[0], arguments[1].as<StringRef>()[row].view(),
                               std::stoi(asked[1]), std::stoi(asked[2])),
                      {read_limit(asked[3]), read_limit(asked[4])});
    }
    if (holds)
      result.as<bool>()[row] = *holds;
    else
      result.set_null(row);
  }
}

std::string WideStatistic::lies_between_sql(Engine& engine, const std::string& evidence,
                                            const Limits& limits) const {
  if (!engine.has_function(kFunction))
    engine.add_function({.name = kFunction,
                         .parameters = {Type::text(), Type::text()},
                         .result = {{.name = "holds", .type = Type::boolean()}},
                         .evaluate = evaluate});
  const std::vector<std::string> asked{name_, std::to_string(column_scale_), std::to_string(scale_),
                                       limit_text(limits.low), limit_text(limits.high)};
  return join(std::vector<std::string>{kFunction, "(", quote_literal(join(asked, " ")), ", ",
                                       evidence, ")"},
              "");
}

}  // namespace tallymill
