#include <algorithm>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/power_sums.h"
#include "rules/statistic.h"

namespace tallymill {
namespace {

constexpr int kFactorScale = 9;
constexpr std::int64_t kMinRows = 10;
constexpr const char* kFunction = "tm_outlier_bounds";

/// The least and the greatest value that is no outlier, in units of the column.
struct Bounds {
  WideInt low;
  WideInt high;
};

/// a / b for a positive b, down or up to a whole number.
WideInt floor_of(const WideInt& a, const WideInt& b) {
  return a >= 0 ? WideInt(a / b) : WideInt(-((b - 1 - a) / b));
}
WideInt ceiling_of(const WideInt& a, const WideInt& b) { return -floor_of(-a, b); }

/// `factor` in units of 10^-9. Empty where all values are alike: nothing says then how far is far.
/// Of whole numbers throughout: a bound that is irrational has no whole number on it, so the next
/// one inside is as good.
std::optional<Bounds> bounds(std::string_view method, const WideInt& factor,
                             const std::vector<WideInt>& numbers) {
  const WideInt one = boost::multiprecision::pow(WideInt(10), kFactorScale);
  if (method == "iqr") {  // the first and the third quartile
    const WideInt& first = numbers.at(0);
    const WideInt& third = numbers.at(1);
    const WideInt reach = (third - first) * factor;
    if (third <= first) return std::nullopt;
    return Bounds{ceiling_of(first * one - reach, one), floor_of(third * one + reach, one)};
  }
  if (method == "mad") {  // twice the median, and four times the deviations' median
    const WideInt middle = numbers.at(0) * 2 * one;
    const WideInt reach = numbers.at(1) * factor;
    if (numbers.at(1) <= 0) return std::nullopt;
    return Bounds{ceiling_of(middle - reach, 4 * one), floor_of(middle + reach, 4 * one)};
  }
  std::size_t at = 0;
  const PowerSums s = read_power_sums(numbers, 2, at);
  const WideInt& n = s[0];
  const WideInt spread = n * s[2] - s[1] * s[1];
  if (n < 2 || spread <= 0) return std::nullopt;
  // |u - s/n| > k d is |n u - s| > root of k^2 n (n ss - s^2) / (n - 1), the left side being whole.
  const WideInt reach = sqrt(WideInt(factor * factor * n * spread / (one * one * (n - 1))));
  return Bounds{ceiling_of(s[1] - reach, n), floor_of(s[1] + reach, n)};
}

void evaluate_bounds(std::span<const ColumnView> arguments, std::size_t rows,
                     ColumnWriter& result) {
  static const WideInt kMost = boost::multiprecision::pow(WideInt(10), 38) - 1;
  ColumnWriter low = result.field(0);
  ColumnWriter high = result.field(1);
  for (std::size_t row = 0; row < rows; ++row) {
    std::optional<Bounds> found;
    // Of no values at all there are no numbers: the text is empty, not null.
    if (!arguments[1].is_null(row) && !arguments[1].as<StringRef>()[row].view().empty()) {
      const auto asked = split(arguments[0].as<StringRef>()[row].view(), ' ');
      found = bounds(asked[0], WideInt(asked[1]),
                     read_numbers(arguments[1].as<StringRef>()[row].view()));
    }
    if (!found) {
      low.set_null(row);
      high.set_null(row);
      continue;
    }
    low.as<Int128>()[row] = static_cast<Int128>(std::max(WideInt(-kMost), found->low));
    high.as<Int128>()[row] = static_cast<Int128>(std::min(kMost, found->high));
  }
}

/// SQL of a struct of low and high, in units of the column; both null where there is no spread.
std::string bounds_sql(Engine& engine, const std::string& method, Int128 factor,
                       const std::vector<std::string>& numbers) {
  if (!engine.has_function(kFunction))
    engine.add_function({.name = kFunction,
                         .parameters = {Type::text(), Type::text()},
                         .result = {{.name = "low", .type = Type::decimal(38, 0)},
                                    {.name = "high", .type = Type::decimal(38, 0)}},
                         .result_is_struct = true,
                         .evaluate = evaluate_bounds});
  const std::string asked = quote_literal(method + " " + format_decimal(factor, 0));
  return std::string(kFunction) + "(" + asked + ", " + without_filter(numbers_sql(numbers)) + ")";
}

/// No double, in no method: what is far is worked out once for each group, from exact sums, and
/// rows are compared with whole numbers.
class Outliers final : public Check {
 public:
  explicit Outliers(const Options& options)
      : options_(options),
        column_(options.text("column")),
        method_(options.text("method")),
        factor_(options.text("factor", method_ == "iqr" ? "1.5" : "3")),
        within_(options.columns("within")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !check_columns(context, within_, options_.position("within")))
      return plan;
    if (!is_number(column->type)) {
      context.diagnostics().error(
          options_.position("column"),
          "column '" + column_ + "' is " + column->type.name() + "; outliers takes numbers");
      return plan;
    }
    const auto factor = check_amount(context, options_, "factor", factor_, kFactorScale, false);
    if (!factor) return plan;
    const std::int64_t min_rows = options_.integer("min_rows", kMinRows);
    if (min_rows < 3) {
      context.diagnostics().error(options_.position("min_rows"),
                                  "option 'min_rows' must be at least 3",
                                  "two values are always equally far from their middle");
      return plan;
    }
    plan.columns = within_;
    plan.columns.push_back(column_);
    plan.needs = {column_};
    plan.fails =
        FailingKeys{plan.columns, select(context.engine(), *column, *factor, min_rows), ""};
    plan.expected = column_ + " within " + factor_ + " " + distance() + "s of " + middle();
    if (!within_.empty()) plan.expected += " of its " + join(within_, ", ");
    return plan;
  }

 private:
  std::string distance() const {
    if (method_ == "iqr") return "interquartile range";
    return method_ == "mad" ? "median absolute deviation" : "standard deviation";
  }
  std::string middle() const {
    if (method_ == "iqr") return "the middle half";
    return method_ == "mad" ? "the median" : "the mean";
  }

  /// Of a group's values u, beside m (twice the median) and d (twice the deviation from it).
  std::vector<std::string> numbers() const {
    if (method_ == "iqr") return {"quantile_disc(u, 0.25)", "quantile_disc(u, 0.75)"};
    if (method_ == "mad") return {"any_value(m)", "quantile_disc(d, 0.5) - quantile_disc(-d, 0.5)"};
    return power_sums_sql("u::BIGINT", 2);
  }

  std::function<std::string(const std::string&)> select(Engine& engine, const Column& column,
                                                        Int128 factor,
                                                        std::int64_t min_rows) const {
    const std::string limits = bounds_sql(engine, method_, factor, numbers());
    const std::string units = as_units(engine, column_, column.type, column.type.scale);
    const std::vector<std::string> names = key_names(within_.size() + 1);
    const std::vector<std::string> groups(names.begin(), names.end() - 1);
    std::vector<std::string> keys = quoted(within_);
    keys.push_back(quote_identifier(column_));
    std::vector<std::string> same{"true"};
    for (const std::string& name : groups)
      same.push_back("v." + name + " is not distinct from g." + name);
    const std::string by = groups.empty() ? "" : " group by " + join(groups, ", ");
    const std::string part = groups.empty() ? "" : "partition by " + join(groups, ", ");
    const std::string listed = groups.empty() ? "" : join(groups, ", ") + ", ";
    const bool is_mad = method_ == "mad";
    const std::string middle =
        "quantile_disc(u, 0.5) over (" + part + ") - quantile_disc(-u, 0.5) over (" + part + ")";
    return [=](const std::string& rows) {
      std::string values = "(select " + as_keys(keys) + ", " + units + " as u from " + rows + ")";
      if (is_mad)
        values = "(select *, abs(2 * u - m) as d from (select *, " + middle + " as m from " +
                 values + "))";
      return "select " + join(names, ", ") +
             ", n, fails from (select v.*, case when size >= " + std::to_string(min_rows) +
             " and b.low is not null then u < b.low or u > b.high end as fails from (select " +
             join(names, ", ") + ", any_value(u)::DECIMAL(38,0) as u, count(*) as n from " +
             values + " group by " + join(names, ", ") + ") v join (select " + listed +
             "count(*) as size, " + limits + " as b from " + values + by + ") g on " +
             join(same, " and ") + ") where fails is not false";
    };
  }

  Options options_;
  std::string column_;
  std::string method_;
  std::string factor_;
  std::vector<std::string> within_;
};

}  // namespace

void register_outliers(Registry<CheckType>& checks) {
  checks.add({
      .name = "outliers",
      .summary = "No value of a column lies far from the others, measured by their spread.",
      .options = {{"column", OptionKind::column, "Number to look at.", true},
                  {"method",
                   OptionKind::choice,
                   "How far is measured: from the middle half in interquartile ranges, from the "
                   "median in median absolute deviations, from the mean in standard deviations.",
                   true,
                   "",
                   {"iqr", "mad", "z"}},
                  {"factor", OptionKind::text, "So many of these are allowed.", false,
                   "1.5 for iqr, else 3"},
                  {"within", OptionKind::columns,
                   "Columns of groups that have a spread of their own."},
                  {"min_rows", OptionKind::integer, "Groups of fewer rows are not judged.", false,
                   "10"}},
      .make = [](const Options& options) { return std::make_unique<Outliers>(options); },
  });
}

}  // namespace tallymill
