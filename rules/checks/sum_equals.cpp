#include <algorithm>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

constexpr int kSumDigits = 38;

bool is_sum_of(const Column& column) { return column.type.is_summable(); }

/// Sums are exact whole numbers of the finer of both scales; nothing is rounded.
class SumEquals final : public Check {
 public:
  explicit SumEquals(const Options& options)
      : options_(options), column_(options.text("column")), equals_(options.text("equals")) {}

  std::vector<FileUse> files() const override {
    const auto name = other_sum();
    if (!name) return {};
    return {{"tables/" + name->reference + ".csv", options_.position("equals")}};
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !require_sum(context, *column, "column")) return plan;
    scale_ = column->type.scale;
    if (other_sum()) {
      if (!plan_other(context, plan)) return plan;
    } else if (!plan_amount(context)) {
      return plan;
    }
    if (!plan_tolerance(context)) return plan;
    plan.columns = {column_};
    plan.needs = {column_};
    plan.aggregates = {{"sum", quote_identifier(column_)}};
    plan.expected = expected(other_sum() ? "the sum of " + equals_ : equals_);
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    const Int128 sum = units(measures.aggregates.at(0));
    const Int128 wanted = measures.outside.empty() ? units(equals_) : units(measures.outside[0]);
    const Int128 off = sum > wanted ? sum - wanted : wanted - sum;
    const std::string wanted_text = format_decimal(wanted, scale_);
    CheckJudgement judgement;
    judgement.observed = "sum " + format_decimal(sum, scale_);
    judgement.expected =
        expected(measures.outside.empty() ? wanted_text : wanted_text + ", the sum of " + equals_);
    if (off > tolerance_)
      judgement.verdict = CheckVerdict::fail;
    else if (measures.rows_checked > 0)
      judgement.verdict = CheckVerdict::pass;  // 0.00 = 0.00 of no rows proves nothing
    return judgement;
  }

 private:
  /// "ledger.amount" of `equals`; empty where it is an amount.
  std::optional<ReferenceName> other_sum() const {
    const auto name = split_reference(equals_);
    const bool is_name = name && is_identifier(name->column);
    return is_name ? name : std::nullopt;
  }

  bool require_sum(CheckContext& context, const Column& column, const char* option) const {
    if (is_sum_of(column)) return true;
    context.diagnostics().error(options_.position(option),
                                "column '" + column.name + "' is " + column.type.name() +
                                    "; sum_equals takes integer, money or decimal",
                                "");
    return false;
  }

  bool plan_other(CheckContext& context, CheckPlan& plan) {
    const SourcePosition where = options_.position("equals");
    const ReferenceName name = *other_sum();
    const auto reference = context.reference(name.reference, where);
    if (!reference) return false;
    const Column* column = context.column(*reference, name.column, where);
    if (column == nullptr || !require_sum(context, *column, "equals")) return false;
    scale_ = std::max(scale_, column->type.scale);
    plan.outside = {"select sum(" + quote_identifier(column->name) + ") from " +
                    reference->relation};
    return true;
  }

  bool plan_amount(CheckContext& context) {
    const auto text = context.expand(equals_, options_.position("equals"));
    if (!text) return false;
    equals_ = *text;
    return require_decimal(context, equals_, "equals");
  }

  bool plan_tolerance(CheckContext& context) {
    const auto text =
        context.expand(options_.text("tolerance", "0"), options_.position("tolerance"));
    if (!text || !require_decimal(context, *text, "tolerance")) return false;
    tolerance_ = units(*text);
    tolerance_text_ = *text;
    if (tolerance_ >= 0) return true;
    context.diagnostics().error(options_.position("tolerance"),
                                "option 'tolerance' must not be negative");
    return false;
  }

  bool require_decimal(CheckContext& context, const std::string& text, const char* option) const {
    const auto parsed = parse_decimal(text, kSumDigits, scale_, true);
    if (parsed) return true;
    context.diagnostics().error(options_.position(option),
                                "option '" + std::string(option) +
                                    "' must be a number with at most " + std::to_string(scale_) +
                                    " fraction digits, as column '" + column_ + "' has; got '" +
                                    text + "' (" + std::string(to_string(parsed.problem)) + ")");
    return false;
  }

  /// As units of 10^-scale_; no rows sum to zero.
  Int128 units(const std::optional<std::string>& sum) const {
    return sum ? parse_decimal(*sum, kSumDigits, scale_, true).value : 0;
  }

  std::string expected(const std::string& wanted) const {
    return tolerance_ == 0 ? wanted : wanted + " within " + tolerance_text_;
  }

  Options options_;
  std::string column_;
  std::string equals_;
  std::string tolerance_text_;
  int scale_ = 0;
  Int128 tolerance_ = 0;
};

}  // namespace

void register_sum_equals(Registry<CheckType>& checks) {
  checks.add({
      .name = "sum_equals",
      .summary = "A column adds up to an amount, or to the sum of another dataset's column.",
      .options = {{"column", OptionKind::column, "Integer, money or decimal to add up.", true},
                  {"equals", OptionKind::text, "An amount, or dataset.column.", true},
                  {"tolerance", OptionKind::text, "Greatest difference allowed.", false, "0"}},
      .judges_rows = false,
      .make = [](const Options& options) { return std::make_unique<SumEquals>(options); },
  });
}

}  // namespace tallymill
