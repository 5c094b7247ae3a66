#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/other_dataset.h"

namespace tallymill {
namespace {

constexpr int kFactorScale = 9;
constexpr Int128 kWhole = 1'000'000'000;

/// Also the change against an earlier period: the other dataset may be the same one of last month.
class RowCountMatches final : public Check {
 public:
  explicit RowCountMatches(const Options& options)
      : options_(options), other_(options.text("dataset")) {}

  std::vector<FileUse> files() const override {
    return table_file(other_, options_.position("dataset"));
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const auto reference = context.reference(other_, options_.position("dataset"));
    const auto factor = check_amount(context, options_, "factor", options_.text("factor", "1"),
                                     kFactorScale, false);
    const std::int64_t tolerance = options_.integer("tolerance", 0);
    if (tolerance < 0)
      context.diagnostics().error(options_.position("tolerance"),
                                  "option 'tolerance' must not be negative");
    if (!reference || !factor) return plan;
    factor_ = *factor;
    ratio_ = parse_decimal(options_.text("tolerance_ratio", "0"), 18, kFactorScale, true).value;
    plan.outside = {"select count(*) from " + reference->relation};
    plan.expected = "the number of rows of " + other_ + limits();
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    const Int128 there = parse_integer(measures.outside.at(0).value_or("0")).value;
    const Int128 wanted = there * factor_;
    const Int128 here = Int128{measures.rows_checked} * kWhole;
    const Int128 off = here > wanted ? here - wanted : wanted - here;
    CheckJudgement judgement;
    judgement.observed = group_digits(measures.rows_checked) +
                         (measures.rows_checked == 1 ? " row" : " rows") + " against " +
                         group_digits(static_cast<std::int64_t>(there));
    const bool holds =
        off <= Int128{options_.integer("tolerance", 0)} * kWhole || off * kWhole <= wanted * ratio_;
    judgement.verdict = holds ? CheckVerdict::pass : CheckVerdict::fail;
    return judgement;
  }

 private:
  std::string limits() const {
    std::string text;
    if (options_.has("factor")) text += " times " + options_.text("factor");
    if (options_.has("tolerance"))
      text += " within " + group_digits(options_.integer("tolerance")) + " rows";
    if (options_.has("tolerance_ratio"))
      text += " within a share of " + options_.text("tolerance_ratio");
    return text;
  }

  Options options_;
  std::string other_;
  Int128 factor_ = 0;
  Int128 ratio_ = 0;
};

}  // namespace

void register_row_count_matches(Registry<CheckType>& checks) {
  checks.add({
      .name = "row_count_matches",
      .summary = "The dataset has as many rows as another one, or so many times as many.",
      .options = {{"dataset", OptionKind::name, "Dataset or table to compare with.", true},
                  {"factor", OptionKind::decimal, "Rows expected here for each row there.", false,
                   "1"},
                  {"tolerance", OptionKind::integer, "Greatest difference in rows.", false, "0"},
                  {"tolerance_ratio", OptionKind::ratio,
                   "Greatest difference as a share of the rows expected; one of the two must hold.",
                   false, "0"}},
      .main = "dataset",
      .judges_rows = false,
      .make = [](const Options& options) { return std::make_unique<RowCountMatches>(options); },
  });
}

}  // namespace tallymill
