#include <algorithm>
#include <array>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/history.h"
#include "rules/statistic.h"

namespace tallymill {
namespace {

constexpr const char* kRowCount = "row_count";
constexpr int kRatioScale = 9;
/// A mean has more digits than what it is the mean of.
constexpr int kMeanDigits = 4;

using Band = HistoryBand;

struct MethodWord {
  const char* word;
  Band::Method method;
  const char* limit;  ///< by default
};
constexpr std::array kMethods{
    MethodWord{"mad", Band::Method::mad, "5"}, MethodWord{"change", Band::Method::change, "0.5"},
    MethodWord{"iqr", Band::Method::iqr, "3"}, MethodWord{"range", Band::Method::range, "0"}};

Band::Season season_of(const std::string& word) {
  if (word == "week") return Band::Season::week;
  if (word == "month") return Band::Season::month;
  return word == "year" ? Band::Season::year : Band::Season::none;
}

Band::Side side_of(const std::string& word) {
  if (word == "above") return Band::Side::above;
  return word == "below" ? Band::Side::below : Band::Side::both;
}

/// Those that are exact fractions.
std::vector<std::string> functions() {
  return {kRowCount, "count", "distinct_count", "distinct_ratio", "max", "mean", "median", "min",
          "range",   "sum"};
}

/// A number about the whole dataset, compared with what it was in earlier periods. The check
/// measures also where it cannot judge yet: that is how a history begins.
class Anomaly final : public Check {
 public:
  explicit Anomaly(const Options& options)
      : options_(options),
        column_(options.text("column")),
        function_(options.text("function", kRowCount)) {}

  bool reads_history() const override { return true; }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    read_band(context);
    if (const auto kind = context.period_kind(); kind && !has_season(*kind, band_.season))
      context.diagnostics().error(
          options_.position("season"),
          "periods that are " + std::string(to_string(*kind)) + "s have no season '" +
              options_.text("season") + "'",
          "week and month are for days, year is for days, weeks, months and quarters");
    if (!plan_measure(context, plan)) return plan;
    // Other rows are another number.
    measure_ = subject() + (options_.has("where") ? " where " + options_.text("where") : "");
    past_ = context.past(measure_);
    period_ = context.period();
    plan.expected = subject() + " as in earlier periods";
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    CheckJudgement judgement;
    const std::string value =
        function_ == kRowCount
            ? std::to_string(measures.rows_checked)
            : statistic_text(statistic_, measures.aggregates.at(0), measures.aggregates.at(1));
    judgement.observed = subject() + " " + value;
    if (value == "none") return judgement;
    judgement.measured = {{measure_, value}};
    if (!period_) return judgement;
    const HistoryVerdict verdict =
        judge_by_history(alike(past_, *period_, band_), value, band_, scale_);
    judgement.expected = verdict.expected;
    if (verdict.is_judged)
      judgement.verdict = verdict.passes ? CheckVerdict::pass : CheckVerdict::fail;
    return judgement;
  }

 private:
  std::string subject() const {
    return function_ == kRowCount ? function_ : function_ + "(" + column_ + ")";
  }

  void read_band(CheckContext& context) {
    const std::string word = options_.text("method", kMethods.front().word);
    const auto method = std::find_if(kMethods.begin(), kMethods.end(),
                                     [&](const MethodWord& known) { return word == known.word; });
    band_.method = method->method;
    band_.season = season_of(options_.text("season"));
    band_.side = side_of(options_.text("side"));
    band_.periods = static_cast<int>(options_.integer("periods", band_.periods));
    band_.least = static_cast<int>(options_.integer("min_history", band_.least));
    band_.limit = number(context, "limit", method->limit);
    band_.tolerance = number(context, "tolerance", "0");
    if (band_.periods < 1 || band_.periods > 10'000)
      context.diagnostics().error(options_.position("periods"),
                                  "option 'periods' must be from 1 to 10,000");
    if (band_.least < 1 || band_.least > band_.periods)
      context.diagnostics().error(options_.position("min_history"),
                                  "option 'min_history' must be from 1 to 'periods', which is " +
                                      std::to_string(band_.periods));
  }

  Int128 number(CheckContext& context, const char* option, const char* fallback) const {
    const std::string text = options_.text(option, fallback);
    const auto value = parse_decimal(text, 18, kRatioScale, true);
    if (value && value.value >= 0) return value.value;
    context.diagnostics().error(
        options_.position(option),
        "option '" + std::string(option) + "' must be a number from 0 on, got '" + text + "'");
    return 0;
  }

  bool plan_measure(CheckContext& context, CheckPlan& plan) {
    if ((function_ == kRowCount) != column_.empty()) {
      context.diagnostics().error(
          options_.position(column_.empty() ? "function" : "column"),
          column_.empty() ? "function " + function_ + " needs a column" : "row_count has no column",
          "write e.g. { function: sum, column: amount }");
      return false;
    }
    if (function_ == kRowCount) return true;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr) return false;
    const bool counts = function_.find("count") != std::string::npos;
    const bool is_ratio = function_ == "distinct_ratio";
    if (!takes_type(function_, column->type) || !(counts || is_ratio || is_number(column->type))) {
      context.diagnostics().error(options_.position("column"),
                                  "column '" + column_ + "' is " + column->type.name() +
                                      ", which has no " + function_ + " that could be compared",
                                  "count, distinct_count and distinct_ratio take any column");
      return false;
    }
    if (column->sensitive && !counts && !is_ratio) {
      context.diagnostics().error(options_.position("column"),
                                  "column '" + column_ +
                                      "' is sensitive: of its values only counts "
                                      "are kept as history",
                                  "measure count, distinct_count or distinct_ratio");
      return false;
    }
    scale_ = is_ratio ? kRatioScale : counts ? 0 : column->type.scale;
    if (function_ == "mean" || function_ == "median")
      scale_ = std::min(kRatioScale, scale_ + kMeanDigits);
    statistic_ = statistic(function_, column_, column->type, scale_, {});
    plan.columns = {column_};
    plan.needs = {column_};
    plan.aggregates = {{"", statistic_.numerator}, {"", statistic_.denominator}};
    return true;
  }

  Options options_;
  std::string column_;
  std::string function_;
  Band band_;
  Statistic statistic_;
  int scale_ = 0;
  std::string measure_;
  MeasureHistory past_;
  std::optional<Period> period_;
};

}  // namespace

void register_anomaly(Registry<CheckType>& checks) {
  std::vector<std::string> methods;
  for (const MethodWord& method : kMethods) methods.emplace_back(method.word);
  checks.add({
      .name = "anomaly",
      .summary = "A number about the dataset is as it was in earlier periods.",
      .options =
          {{"function", OptionKind::choice, "What is measured.", false, kRowCount, functions()},
           {"column", OptionKind::column, "Of which column; row_count has none."},
           {"method", OptionKind::choice,
            "What the past allows: so many median absolute deviations around its median, a share "
            "of the median, so many quartile distances beyond the quartiles, or its range.",
            false, kMethods.front().word, methods},
           {"limit", OptionKind::decimal, "How many, or which share; see below.", false,
            "mad 5, change 0.5, iqr 3, range 0"},
           {"season",
            OptionKind::choice,
            "Which earlier periods count: all, days of the same weekday, of the same day of the "
            "month, or periods of the same number in the year.",
            false,
            "none",
            {"none", "week", "month", "year"}},
           {"periods", OptionKind::integer, "So many of the newest of them.", false, "12"},
           {"min_history", OptionKind::integer, "With fewer the check is not applicable.", false,
            "4"},
           {"tolerance", OptionKind::decimal, "A difference from the median that is never one.",
            false, "0"},
           {"side",
            OptionKind::choice,
            "Which side of the past is out of it.",
            false,
            "both",
            {"both", "above", "below"}}},
      .main = "function",
      .judges_rows = false,
      .make = [](const Options& options) -> std::unique_ptr<Check> {
        return std::make_unique<Anomaly>(options);
      },
  });
}

}  // namespace tallymill
