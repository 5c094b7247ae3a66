#include <algorithm>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/other_dataset.h"
#include "rules/statistic.h"

namespace tallymill {
namespace {

constexpr int kRatioScale = 9;

/// Two totals that should agree: of a ledger and its detail, of this month and last month. With
/// `by` group by group; a group that one side lacks does not agree.
class AggregateMatches final : public Check {
 public:
  explicit AggregateMatches(const Options& options)
      : options_(options),
        column_(options.text("column")),
        name_(options.text("function")),
        like_(options.text("like")),
        by_(options.columns("by")) {}

  std::vector<FileUse> files() const override {
    const auto name = split_reference(like_);
    return name ? table_file(name->reference, options_.position("like")) : std::vector<FileUse>{};
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* mine = context.column(column_, options_.position("column"));
    const auto reference = other(context);
    if (mine == nullptr || !reference || !check_columns(context, by_, options_.position("by")))
      return plan;
    const Column* theirs =
        context.column(*reference, split_reference(like_)->column, options_.position("like"));
    if (theirs == nullptr || !is_sound(context, *mine, *theirs, *reference)) return plan;
    scale_ = name_.find("count") != std::string::npos
                 ? 0
                 : std::max(mine->type.scale, theirs->type.scale);
    const auto tolerance = check_amount(context, options_, "tolerance",
                                        options_.text("tolerance", "0"), scale_, false);
    if (!tolerance) return plan;
    tolerance_ = *tolerance;
    ratio_ = parse_decimal(options_.text("tolerance_ratio", "0"), 18, kRatioScale, true).value;
    const std::string here = statistic(name_, column_, mine->type, scale_, "").numerator;
    const std::string there =
        without_filter(statistic(name_, theirs->name, theirs->type, scale_, "").numerator);
    plan.columns = by_;
    plan.columns.push_back(column_);
    plan.needs = {column_};
    plan.expected = name_ + " of " + column_ + " as of " + like_ + limits();
    if (by_.empty()) {
      plan.aggregates = {{"", here}};
      plan.outside = {"select " + there + " from " + reference->relation};
    } else {
      plan.expected += " in each group of " + join(by_, ", ");
      plan.fails = groups(without_filter(here), there, *reference);
    }
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    const auto& here = measures.aggregates.at(0);
    const auto& there = measures.outside.at(0);
    CheckJudgement judgement;
    judgement.observed = name_ + " " + shown(here) + " against " + shown(there);
    if (!here || !there || measures.rows_checked == 0) return judgement;
    const Int128 value = parse_decimal(*here, 38, 0).value;
    const Int128 wanted = parse_decimal(*there, 38, 0).value;
    const Int128 off = value > wanted ? value - wanted : wanted - value;
    const Int128 size = wanted < 0 ? -wanted : wanted;
    const Int128 whole = 1'000'000'000;
    const Int128 share = size / whole * ratio_ + size % whole * ratio_ / whole;
    judgement.verdict =
        off <= std::max(tolerance_, share) ? CheckVerdict::pass : CheckVerdict::fail;
    return judgement;
  }

 private:
  std::optional<CheckContext::Reference> other(CheckContext& context) const {
    const auto name = split_reference(like_);
    if (name) return context.reference(name->reference, options_.position("like"));
    context.diagnostics().error(options_.position("like"),
                                "'" + like_ + "' does not name a dataset and a column",
                                "write like: ledger.amount");
    return std::nullopt;
  }

  bool is_sound(CheckContext& context, const Column& mine, const Column& theirs,
                const CheckContext::Reference& reference) const {
    for (const Column* column : {&mine, &theirs}) {
      if (name_.find("count") != std::string::npos || is_number(column->type)) continue;
      context.diagnostics().error(options_.position(column == &mine ? "column" : "like"),
                                  "column '" + column->name + "' is " + column->type.name() +
                                      ", which has no " + name_ + " to compare");
      return false;
    }
    bool is_sound = true;
    for (const std::string& name : by_) {
      const Column* there = context.column(reference, name, options_.position("by"));
      const Column* here = context.schema().find(name);
      if (there != nullptr && here->type.sql() == there->type.sql()) continue;
      is_sound = false;
      if (there != nullptr)
        context.diagnostics().error(options_.position("by"),
                                    "column '" + name + "' is " + here->type.name() + " but '" +
                                        reference.name + "." + name + "' is " + there->type.name() +
                                        "; they cannot be compared");
    }
    return is_sound;
  }

  FailingKeys groups(const std::string& here, const std::string& there,
                     const CheckContext::Reference& reference) const {
    const std::vector<std::string> keys = key_names(by_.size());
    const std::vector<std::string> others = other_key_names(by_.size());
    std::vector<std::string> same;
    std::vector<std::string> both;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      same.push_back("h." + keys[i] + " is not distinct from t." + keys[i]);
      both.push_back("h." + keys[i]);
      both.push_back("t." + keys[i] + " as " + others[i]);
    }
    const std::string off = "abs(h.value::HUGEINT - t.value::HUGEINT)";
    const std::string most = "greatest(" + format_decimal(tolerance_, 0) +
                             "::HUGEINT * 1000000000, abs(t.value::HUGEINT) * " +
                             format_decimal(ratio_, 0) + ")";
    const std::string wrong = "coalesce(" + off + "::HUGEINT * 1000000000 > " + most + ", true)";
    return {by_,
            [=, cells = quoted(by_), relation = reference.relation](const std::string& rows) {
              const std::string by = " group by " + join(cells, ", ");
              return "select " + join(both, ", ") +
                     ", coalesce(h.size, 0) as n, true as fails, case when h.size is null then 1 "
                     "else 0 end as missing from (select " +
                     as_keys(cells) + ", count(*) as size, " + here + " as value from " + rows +
                     by + ") h full join (select " + as_keys(cells) + ", count(*) as size, " +
                     there + " as value from " + relation + by + ") t on " + join(same, " and ") +
                     " where " + wrong;
            },
            "group", KeysOnlyThere{reference.name, std::vector<bool>(by_.size(), true), false}};
  }

  std::string shown(const std::optional<std::string>& units) const {
    return units ? format_decimal(parse_decimal(*units, 38, 0).value, scale_) : "none";
  }

  std::string limits() const {
    std::string text;
    if (tolerance_ > 0) text += " within " + format_decimal(tolerance_, scale_);
    if (ratio_ > 0) text += " within a share of " + options_.text("tolerance_ratio");
    return text;
  }

  Options options_;
  std::string column_;
  std::string name_;
  std::string like_;
  std::vector<std::string> by_;
  int scale_ = 0;
  Int128 tolerance_ = 0;
  Int128 ratio_ = 0;
};

}  // namespace

void register_aggregate_matches(Registry<CheckType>& checks) {
  checks.add({
      .name = "aggregate_matches",
      .summary = "A statistic of a column, of all rows or by group, agrees with another dataset's.",
      .options = {{"column", OptionKind::column, "Column to look at.", true},
                  {"function",
                   OptionKind::choice,
                   "The statistic.",
                   true,
                   "",
                   {"sum", "count", "distinct_count", "min", "max"}},
                  {"like", OptionKind::text, "What to compare with: dataset.column.", true},
                  {"by", OptionKind::columns,
                   "Columns of groups, of the same names in both datasets."},
                  {"tolerance", OptionKind::text, "Greatest difference allowed.", false, "0"},
                  {"tolerance_ratio", OptionKind::ratio,
                   "Greatest difference as a share of the other's value; one of the two must hold.",
                   false, "0"}},
      .make = [](const Options& options) { return std::make_unique<AggregateMatches>(options); },
  });
}

}  // namespace tallymill
