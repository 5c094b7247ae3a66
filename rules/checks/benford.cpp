#include <cmath>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/distances.h"
#include "rules/statistic.h"

namespace tallymill {
namespace {

constexpr int kLimitScale = 9;
constexpr std::int64_t kMinRows = 300;

/// Amounts that grew over several powers of ten begin with 1 far more often than with 9; made-up
/// ones do not. Digits are those of whole minor units; what is compared is counts of rows.
class Benford final : public Check {
 public:
  explicit Benford(const Options& options)
      : options_(options),
        column_(options.text("column")),
        is_test_(options.text("method", "mad") == "chi_square"),
        digits_(options.text("digits", "first") == "first" ? 1 : 2) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr) return plan;
    if (!is_number(column->type)) {
      context.diagnostics().error(
          options_.position("column"),
          "column '" + column_ + "' is " + column->type.name() + "; benford takes numbers");
      return plan;
    }
    const char* other = is_test_ ? "max" : "min_p";
    if (options_.has(other)) {
      context.diagnostics().error(options_.position(other), "option '" + std::string(other) +
                                                                "' is not for method " +
                                                                options_.text("method", "mad"));
      return plan;
    }
    const auto limit = check_amount(context, options_, is_test_ ? "min_p" : "max",
                                    options_.text(is_test_ ? "min_p" : "max", default_limit()),
                                    kLimitScale, false);
    if (!limit) return plan;
    limit_ = *limit;
    const std::string leading =
        "rpad(left(abs(" + as_units(context.engine(), column_, column->type, column->type.scale) +
        ")::VARCHAR, " + std::to_string(digits_) + "), " + std::to_string(digits_) + ", '0')";
    plan.columns = {column_};
    plan.needs = {column_};
    plan.applies = quote_identifier(column_) + " <> 0";
    plan.pass = [leading](const std::string& rows) {
      return "select string_agg(digits || ':' || n, ' ' order by digits) from (select " + leading +
             " as digits, count(*) as n from " + rows + " group by digits)";
    };
    plan.expected = std::string(digits_ == 1 ? "first digits" : "first two digits") +
                    " as of Benford's law: " +
                    (is_test_ ? "chi-square p at least " : "mean deviation at most ") +
                    format_decimal(limit_, kLimitScale);
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    const int first = digits_ == 1 ? 1 : 10;
    std::vector<std::int64_t> counts(static_cast<std::size_t>(digits_ == 1 ? 9 : 90), 0);
    std::vector<double> shares;
    for (std::size_t i = 0; i < counts.size(); ++i)
      shares.push_back(std::log10(1 + 1 / static_cast<double>(first + static_cast<int>(i))));
    for (const std::string& entry : split(measures.aggregates.at(0).value_or(""), ' '))
      if (const std::size_t colon = entry.find(':'); colon != std::string::npos)
        counts.at(static_cast<std::size_t>(std::stoi(entry.substr(0, colon)) - first)) =
            std::stoll(entry.substr(colon + 1));
    if (measures.rows_checked < options_.integer("min_rows", kMinRows))
      return {CheckVerdict::not_applicable,
              group_digits(measures.rows_checked) + " rows are too few to judge",
              {}};
    const double value =
        is_test_ ? goodness_p(counts, shares) : deviation(counts, shares, measures.rows_checked);
    // What is printed is what is compared.
    const auto units = static_cast<Int128>(std::llround(value * 1e9));
    return {
        (is_test_ ? units >= limit_ : units <= limit_) ? CheckVerdict::pass : CheckVerdict::fail,
        (is_test_ ? "p " : "mean deviation ") + format_decimal(units, kLimitScale),
        {}};
  }

 private:
  std::string default_limit() const {
    if (is_test_) return "0.01";
    return digits_ == 1 ? "0.015" : "0.0022";
  }

  static double deviation(const std::vector<std::int64_t>& counts,
                          const std::vector<double>& shares, std::int64_t rows) {
    double sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
      sum += std::abs(static_cast<double>(counts[i]) / static_cast<double>(rows) - shares[i]);
    return sum / static_cast<double>(counts.size());
  }

  Options options_;
  std::string column_;
  bool is_test_;
  int digits_;
  Int128 limit_ = 0;
};

}  // namespace

void register_benford(Registry<CheckType>& checks) {
  checks.add({
      .name = "benford",
      .summary = "The first digits of a number are as frequent as Benford's law says.",
      .options = {{"column", OptionKind::column, "Number to look at.", true},
                  {"digits",
                   OptionKind::choice,
                   "Which digits: the first, or the first two together.",
                   false,
                   "first",
                   {"first", "first_two"}},
                  {"method",
                   OptionKind::choice,
                   "How the distance is measured: mean absolute deviation of the shares, or the "
                   "chi-square test.",
                   false,
                   "mad",
                   {"mad", "chi_square"}},
                  {"max", OptionKind::decimal, "Greatest mean deviation allowed (mad).", false,
                   "0.015 for first, 0.0022 for first_two"},
                  {"min_p", OptionKind::ratio, "Least p-value allowed (chi_square).", false,
                   "0.01"},
                  {"min_rows", OptionKind::integer, "Fewer rows are not judged.", false, "300"}},
      .main = "column",
      .judges_rows = false,
      .make = [](const Options& options) { return std::make_unique<Benford>(options); },
  });
}

}  // namespace tallymill
