#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/statistic.h"

namespace tallymill {
namespace {

constexpr int kFactorScale = 9;
constexpr std::int64_t kMinRows = 10;

/// iqr and mad compare whole numbers. z takes a root: of sums that are exact, in one expression,
/// so neither threads nor row order change it.
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
    plan.fails = FailingKeys{plan.columns, select(*column, *factor, min_rows), ""};
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

  /// SQL of the group's numbers and, over them and the value u, whether it lies outside; null
  /// where all values are alike, since nothing says then how far is far.
  struct Method {
    std::string numbers;
    std::string fails;
  };
  Method method(const std::string& factor) const {
    const std::string one = "1" + std::string(kFactorScale, '0');
    if (method_ == "iqr")
      return {"quantile_disc(u, 0.25) as q1, quantile_disc(u, 0.75) as q3",
              "case when q3 > q1 then (q1 - u) * " + one + " > (q3 - q1) * " + factor +
                  " or (u - q3) * " + one + " > (q3 - q1) * " + factor + " end"};
    if (method_ == "mad")  // m is twice the median, d twice a deviation, mad four times theirs
      return {"any_value(m) as m, quantile_disc(d, 0.5) - quantile_disc(-d, 0.5) as mad",
              "case when mad > 0 then abs(2 * u - m) * 2 * " + one + " > mad * " + factor + " end"};
    return {"count(*)::HUGEINT as c, sum(u) as s, sum(u * u) as ss",
            "case when c * ss > s * s then abs(u::DOUBLE - s::DOUBLE / c::DOUBLE) > " + factor +
                "::DOUBLE / " + one +
                "::DOUBLE * sqrt((c * ss - s * s)::DOUBLE / (c * (c - 1))::DOUBLE) end"};
  }

  std::function<std::string(const std::string&)> select(const Column& column, Int128 factor,
                                                        std::int64_t min_rows) const {
    const Method how = method("'" + format_decimal(factor, 0) + "'::HUGEINT");
    const std::string units = as_units(column_, column.type, column.type.scale);
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
             " then " + how.fails + " end as fails from (select " + join(names, ", ") +
             ", any_value(u) as u, count(*) as n from " + values + " group by " +
             join(names, ", ") + ") v join (select " + listed + "count(*) as size, " + how.numbers +
             " from " + values + by + ") g on " + join(same, " and ") +
             ") where fails is not false";
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
