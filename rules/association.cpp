#include "rules/association.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "rules/power_sums.h"
#include "rules/statistic.h"

namespace tallymill {
namespace {

std::optional<Int128> pearson(std::string_view evidence) {
  const std::vector<WideInt> numbers = read_numbers(evidence);
  std::size_t at = 0;
  const PowerSums a = read_power_sums(numbers, 2, at);
  const PowerSums b = read_power_sums(numbers, 2, at);
  const WideInt products = read_product_sum(numbers, at);
  const WideInt& n = a[0];
  const WideInt spread_a = n * a[2] - a[1] * a[1];
  const WideInt spread_b = n * b[2] - b[1] * b[1];
  if (spread_a <= 0 || spread_b <= 0) return std::nullopt;
  const WideInt together = n * products - a[1] * b[1];
  const WideInt unit = boost::multiprecision::pow(WideInt(10), kAssociationScale);
  const WideInt root = sqrt(WideInt(together * together * unit * unit / (spread_a * spread_b)));
  return static_cast<Int128>(together < 0 ? WideInt(-root) : root);
}

/// Cells of the table of two columns that have the same counts: "in the cell:in its line:in its
/// column:how many such cells".
struct Cells {
  double both = 0;
  double first = 0;
  double second = 0;
  double times = 0;
};

double number(const std::string& text) { return static_cast<double>(std::stoll(text)); }

std::optional<Int128> of_counts(std::string_view name, std::string_view evidence) {
  const std::vector<std::string> parts = split(evidence, ' ');
  if (parts.size() < 4) return std::nullopt;
  const double rows = number(parts[0]);
  const double fewer = std::min(number(parts[1]), number(parts[2]));
  if (fewer < 2) return std::nullopt;
  double square = -1;
  double information = 0;
  for (std::size_t i = 3; i < parts.size(); ++i) {
    const std::vector<std::string> counts = split(parts[i], ':');
    const Cells cells{number(counts[0]), number(counts[1]), number(counts[2]), number(counts[3])};
    square += cells.times * cells.both * cells.both / (cells.first * cells.second);
    information += cells.times * cells.both / rows *
                   std::log(rows * cells.both / (cells.first * cells.second));
  }
  const double value = name == "cramers_v" ? std::sqrt(std::max(square, 0.0) / (fewer - 1))
                                           : std::max(information, 0.0);
  return static_cast<Int128>(std::llround(value * 1e9));
}

}  // namespace

const std::vector<std::string>& association_names() {
  static const std::vector<std::string> names{"pearson", "spearman", "cramers_v",
                                              "mutual_information"};
  return names;
}

std::string pearson_evidence(const std::string& a, const std::string& b) {
  const std::string first = "(case when " + b + " is not null then " + a + " end)";
  const std::string second = "(case when " + a + " is not null then " + b + " end)";
  std::vector<std::string> numbers = power_sums_sql(first, 2);
  for (const auto& more : {power_sums_sql(second, 2), product_sum_sql(first, second)})
    numbers.insert(numbers.end(), more.begin(), more.end());
  return numbers_sql(numbers);
}

std::string association_pass(std::string_view name, const std::string& a, const std::string& b,
                             const std::string& rows) {
  if (name == "spearman") {  // twice the mean rank of values that are alike
    const auto rank = [](const std::string& cell) {
      return "(rank() over (order by " + cell + ") * 2 + count(*) over (partition by " + cell +
             ") - 1)::BIGINT";
    };
    return "select " + without_filter(pearson_evidence("x", "y")) + " from (select " + rank(a) +
           " as x, " + rank(b) + " as y from " + rows + ")";
  }
  const std::string cells =
      "(select " + a + " as x, " + b + " as y, count(*) as n from " + rows + " group by all)";
  const std::string sums =
      "(select n, sum(n) over (partition by x) as nx, sum(n) over (partition by y) as ny from "
      "tm_cells)";
  return "with tm_cells as materialized " + cells +
         " select (select sum(n) || ' ' || count(distinct x) || ' ' || count(distinct y) from "
         "tm_cells) || ' ' || string_agg(n || ':' || nx || ':' || ny || ':' || times, ' ' order by "
         "n, nx, ny) from (select n, nx, ny, count(*) as times from " +
         sums + " group by n, nx, ny)";
}

std::optional<Int128> association_units(std::string_view name, std::string_view evidence) {
  if (evidence.empty()) return std::nullopt;
  return name == "pearson" || name == "spearman" ? pearson(evidence) : of_counts(name, evidence);
}

}  // namespace tallymill
