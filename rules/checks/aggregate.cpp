#include <algorithm>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/statistic.h"
#include "rules/wide_statistic.h"

namespace tallymill {
namespace {

constexpr int kMostFraction = 9;  ///< digits of a bound behind the point

/// Without `by`, about the whole dataset; with it, about each group, whose rows then fail together.
class Aggregate final : public Check {
 public:
  explicit Aggregate(const Options& options)
      : options_(options),
        column_(options.text("column")),
        name_(options.text("function")),
        by_(options.columns("by")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !is_sound(context, *column)) return plan;
    if (!check_columns(context, by_, options_.position("by"))) return plan;
    const auto verdict = is_number(column->type) || counts() ? numbers(context, *column)
                                                             : instants(context, *column);
    if (!verdict) return plan;
    plan.columns = by_;
    plan.columns.push_back(column_);
    plan.needs = {column_};
    plan.expected = subject() + " " + words_;
    if (by_.empty()) plan.claims = claims();
    if (!by_.empty()) {
      plan.fails = is_wide() ? wide_groups(*verdict) : groups(*verdict);
      plan.expected += " in each group of " + join(by_, ", ");
    } else if (!is_wide()) {
      plan.aggregates = {{"", statistic_.numerator}, {"", statistic_.denominator}, {"", *verdict}};
    } else if (const std::string evidence = wide_.evidence(); !evidence.empty()) {
      plan.aggregates = {{"", evidence}};
    } else {
      plan.pass = [wide = wide_](const std::string& rows) {
        return "select evidence from (" + wide.select(rows, {}) + ")";
      };
    }
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    CheckJudgement judgement;
    if (is_wide()) {
      const std::string evidence = measures.aggregates.at(0).value_or("");
      judgement.observed = subject() + " " + wide_.text(evidence);
      if (const auto holds = wide_.lies_between(evidence, limits_); holds)
        judgement.verdict = *holds ? CheckVerdict::pass : CheckVerdict::fail;
      return judgement;
    }
    const auto& holds = measures.aggregates.at(2);
    judgement.observed =
        subject() + " " +
        (is_instant_ ? measures.aggregates[0].value_or("none")
                     : statistic_text(statistic_, measures.aggregates[0], measures.aggregates[1]));
    if (measures.rows_checked == 0 || !holds) return judgement;
    judgement.verdict = *holds == "true" ? CheckVerdict::pass : CheckVerdict::fail;
    return judgement;
  }

 private:
  bool counts() const {
    return name_.find("count") != std::string::npos || name_ == "distinct_ratio" ||
           WideStatistic::counts_values(name_);
  }
  bool is_wide() const { return WideStatistic::has(name_); }
  /// Whether it has no unit and is told with nine digits.
  bool is_plain_number() const {
    return name_ == "distinct_ratio" || (is_wide() && name_ != "stdev");
  }

  std::string subject() const {
    const std::string quantile = name_ == "quantile" ? " " + options_.text("quantile") : "";
    return name_ + quantile + " of " + column_;
  }

  bool is_sound(CheckContext& context, const Column& column) const {
    const auto report = [&](const char* option, std::string message, std::string hint) {
      context.diagnostics().error(options_.position(option), std::move(message), std::move(hint));
      return false;
    };
    if (!takes_type(name_, column.type))
      return report(
          "column", "column '" + column_ + "' is " + column.type.name() + ", which has no " + name_,
          "count, distinct_count, distinct_ratio, unique_ratio and entropy take any column");
    const bool has_end = options_.has("min") || options_.has("max");
    if (options_.has("equals") == has_end)
      return report("function",
                    "check 'aggregate' must have either 'equals', or 'min', 'max' or both",
                    "for example { min: 1 }");
    if (options_.has("quantile") != (name_ == "quantile"))
      return report("quantile", "option 'quantile' goes with function quantile, and only with it",
                    "quantile: 0.95");
    return true;
  }

  /// SQL of the verdict where the statistic is a number; empty after a report.
  std::optional<std::string> numbers(CheckContext& context, const Column& column) {
    int scale = is_plain_number() ? kMostFraction : counts() ? 0 : column.type.scale;
    if (!counts() && !is_plain_number())
      for (const char* option : {"equals", "min", "max"}) {
        const std::string text = options_.text(option);
        const std::size_t point = text.find('.');
        if (point != std::string::npos)
          scale =
              std::max(scale, std::min(kMostFraction, static_cast<int>(text.size() - point - 1)));
      }
    std::optional<Int128>& low = limits_.low;
    std::optional<Int128>& high = limits_.high;
    const bool may_be_negative = !counts() && name_ != "stdev" && name_ != "range";
    for (const char* option : {"equals", "min", "max"}) {
      if (!options_.has(option)) continue;
      const auto bound =
          check_amount(context, options_, option, options_.text(option), scale, may_be_negative);
      if (!bound) return std::nullopt;
      if (option != std::string("max")) low = *bound;
      if (option != std::string("min")) high = *bound;
      add_words(option, format_decimal(*bound, scale));
    }
    if (low && high && *low > *high) return report_order(context);
    if (low) claim_.low = format_decimal(*low, scale);
    if (high) claim_.high = format_decimal(*high, scale);
    if (is_wide()) {
      wide_ = WideStatistic(context.engine(), name_, column_, column.type, scale);
      return wide_.lies_between_sql(context.engine(), "evidence", limits_);
    }
    statistic_ = statistic(name_, column_, column.type, scale, options_.text("quantile"));
    return lies_between(statistic_, low, high);
  }

  /// The same for the first or last date or timestamp.
  std::optional<std::string> instants(CheckContext& context, const Column& column) {
    is_instant_ = true;
    statistic_.numerator = name_ + "(" + quote_identifier(column_) + ")" + std::string(kFilter);
    std::vector<std::string> conditions;
    for (const char* option : {"equals", "min", "max"}) {
      if (!options_.has(option)) continue;
      const auto bound = check_value(context, options_.node(option), column,
                                     "option '" + std::string(option) + "'");
      if (!bound) return std::nullopt;
      const std::string op = option == std::string("equals") ? " = "
                             : option == std::string("min")  ? " >= "
                                                             : " <= ";
      conditions.push_back(statistic_.numerator + op + bound->sql);
      add_words(option, bound->shown);
      if (option != std::string("max")) claim_.low = bound->sql;
      if (option != std::string("min")) claim_.high = bound->sql;
      if (option == std::string("max") && !claim_.low.empty() &&
          context.engine().query("select " + claim_.low + " <= " + bound->sql).text(0, 0) != "true")
        return report_order(context);
    }
    return join(conditions, " and ");
  }

  /// About the statistic; of the least and the greatest value also about every value.
  std::vector<CheckClaim> claims() const {
    std::vector<CheckClaim> claims{claim_};
    claims[0].kind = CheckClaim::Kind::range;
    claims[0].number = subject();
    CheckClaim values{.column = column_, .kind = CheckClaim::Kind::range};
    if (name_ == "min") values.low = claim_.low;
    if (name_ == "max") values.high = claim_.high;
    if (!values.low.empty() || !values.high.empty()) claims.push_back(std::move(values));
    return claims;
  }

  std::optional<std::string> report_order(CheckContext& context) const {
    context.diagnostics().error(options_.position("max"),
                                "'max' is less than 'min': nothing could pass");
    return std::nullopt;
  }

  void add_words(const std::string& option, const std::string& bound) {
    if (!words_.empty()) words_ += " and ";
    words_ += (option == "equals" ? "" : option == "min" ? "at least " : "at most ") + bound;
  }

  FailingKeys groups(const std::string& verdict) const {
    const std::string holds = without_filter(verdict);
    const std::vector<std::string> cells = quoted(by_);
    return {by_,
            [cells, holds](const std::string& rows) {
              return "select " + as_keys(cells) + ", count(*) as n, not (" + holds +
                     ") as fails from " + rows + " group by " + join(cells, ", ") + " having (" +
                     holds + ") is not true";
            },
            "group"};
  }

  FailingKeys wide_groups(const std::string& holds) const {
    return {by_,
            [cells = quoted(by_), wide = wide_, holds](const std::string& rows) {
              return "select " + as_keys(cells) + ", n, not " + holds + " as fails from (" +
                     wide.select(rows, cells) + ") where " + holds + " is not true";
            },
            "group"};
  }

  Options options_;
  std::string column_;
  std::string name_;
  std::vector<std::string> by_;
  std::string words_;
  WideStatistic wide_;
  WideStatistic::Limits limits_;
  CheckClaim claim_;  ///< its ends
  Statistic statistic_;
  bool is_instant_ = false;
};

}  // namespace

void register_aggregate(Registry<CheckType>& checks) {
  checks.add({
      .name = "aggregate",
      .summary =
          "A statistic of a column, of the whole dataset or of each group, lies within limits.",
      .options =
          {{"column", OptionKind::column, "Column to look at.", true},
           {"function", OptionKind::choice, "The statistic.", true, "", statistic_names()},
           {"quantile", OptionKind::ratio,
            "Which quantile: the smallest value that this share of the values does not "
            "exceed."},
           {"min", OptionKind::text, "Least value allowed."},
           {"max", OptionKind::text, "Greatest value allowed."},
           {"equals", OptionKind::text, "The one value allowed."},
           {"by", OptionKind::columns,
            "Columns of groups, each of which is judged on its own; its rows fail together."}},
      .make = [](const Options& options) { return std::make_unique<Aggregate>(options); },
  });
}

}  // namespace tallymill
