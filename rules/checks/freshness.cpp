#include "core/money.h"
#include "core/text.h"
#include "core/time/date.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

constexpr std::int64_t kMicrosPerMilli = 1'000;
constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

/// Age is measured to the instant the run pinned, so that a rerun of last month's books gives last
/// month's answer. A date lasts until its day ends (UTC).
class Freshness final : public Check {
 public:
  explicit Freshness(const Options& options)
      : column_(options.text("column")),
        where_(options.position("column")),
        max_age_(options.duration("max_age")),
        by_(options.columns("by")),
        by_position_(options.position("by")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, where_);
    if (column == nullptr || !check_columns(context, by_, by_position_)) return plan;
    is_date_ = column->type.kind == TypeKind::date;
    if (!is_date_ && column->type.kind != TypeKind::timestamp) {
      context.diagnostics().error(where_,
                                  "column '" + column_ + "' is " + column->type.name() +
                                      "; freshness takes a date or a timestamp",
                                  "name the column that says when the row was written or happened");
      return plan;
    }
    as_of_ = context.as_of();
    plan.columns = by_;
    plan.columns.push_back(column_);
    plan.needs = {column_};
    plan.expected =
        "the newest at most " + format_duration(max_age_) + " before " + format_timestamp(as_of_);
    if (by_.empty()) {
      plan.aggregates = {{"max", quote_identifier(column_)}};
      return plan;
    }
    plan.expected += " in each group of " + join(by_, ", ");
    plan.fails = groups();
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    const auto& newest = measures.aggregates.at(0);
    if (!newest) return {CheckVerdict::not_applicable, "no value", {}};
    const bool is_fresh = end_of(*newest) >= limit();
    const std::string shown = is_date_ ? *newest : format_timestamp(parse_timestamp(*newest).value);
    return {is_fresh ? CheckVerdict::pass : CheckVerdict::fail, "newest " + shown, {}};
  }

 private:
  Int128 limit() const { return Int128{as_of_} - Int128{max_age_.count()} * kMicrosPerMilli; }

  /// All rows of a group whose newest one is too old fail together.
  FailingKeys groups() const {
    const std::string newest = "max(" + quote_identifier(column_) + ")";
    const std::string end = is_date_ ? "(datediff('day', DATE '1970-01-01', " + newest +
                                           ")::HUGEINT + 1) * " + std::to_string(kMicrosPerDay)
                                     : "epoch_us(" + newest + ")::HUGEINT";
    const std::string too_old = end + " < " + format_decimal(limit(), 0) + "::HUGEINT";
    return {by_,
            [cells = quoted(by_), too_old](const std::string& rows) {
              return "select " + as_keys(cells) + ", count(*) as n, true as fails from " + rows +
                     " group by " + join(cells, ", ") + " having " + too_old;
            },
            "group"};
  }

  std::int64_t end_of(const std::string& newest) const {
    if (!is_date_) return parse_timestamp(newest).value;
    return (parse_date(newest).value.days + std::int64_t{1}) * kMicrosPerDay;
  }

  std::string column_;
  SourcePosition where_;
  std::chrono::milliseconds max_age_;
  std::vector<std::string> by_;
  SourcePosition by_position_;
  std::int64_t as_of_ = 0;
  bool is_date_ = false;
};

}  // namespace

void register_freshness(Registry<CheckType>& checks) {
  checks.add({
      .name = "freshness",
      .summary = "The newest row, of all or of each group, is not older than an age.",
      .options = {{"column", OptionKind::column, "Date or timestamp to look at.", true},
                  {"max_age", OptionKind::duration, "Greatest age allowed, such as 36h or 2d.",
                   true},
                  {"by", OptionKind::columns,
                   "Columns of groups, each of which is judged on its own; its rows fail "
                   "together."}},
      .make = [](const Options& options) { return std::make_unique<Freshness>(options); },
  });
}

}  // namespace tallymill
