#include "core/text.h"
#include "rules/association.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/statistic.h"

namespace tallymill {
namespace {

class Correlation final : public Check {
 public:
  explicit Correlation(const Options& options)
      : options_(options),
        column_(options.text("column")),
        with_(options.text("with")),
        method_(options.text("method")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* first = context.column(column_, options_.position("column"));
    const Column* second = context.column(with_, options_.position("with"));
    if (first == nullptr || second == nullptr) return plan;
    if (!fits(context, *first, "column") || !fits(context, *second, "with")) return plan;
    if (!read_limits(context)) return plan;
    const std::string a = value(context.engine(), *first);
    const std::string b = value(context.engine(), *second);
    plan.columns = {column_, with_};
    plan.needs = plan.columns;
    if (method_ == "pearson")
      plan.aggregates = {{"", pearson_evidence(a, b)}};
    else
      plan.pass = [=, method = method_](const std::string& rows) {
        return association_pass(method, a, b, rows);
      };
    plan.expected = method_ + " of " + column_ + " and " + with_ + words_;
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    const auto units = association_units(method_, measures.aggregates.at(0).value_or(""));
    if (!units || measures.rows_checked == 0)
      return {CheckVerdict::not_applicable, "no two different values of each", {}};
    const bool holds = (!low_ || *units >= *low_) && (!high_ || *units <= *high_);
    return {holds ? CheckVerdict::pass : CheckVerdict::fail,
            method_ + " " + format_decimal(*units, kAssociationScale),
            {}};
  }

 private:
  bool is_correlation() const { return method_ == "pearson" || method_ == "spearman"; }

  std::string value(Engine& engine, const Column& column) const {
    if (method_ != "pearson") return quote_identifier(column.name);
    return "(" + as_units(engine, column.name, column.type, column.type.scale) + ")::BIGINT";
  }

  bool fits(CheckContext& context, const Column& column, const char* option) const {
    if (!is_correlation() || (method_ == "pearson" ? is_number : has_order)(column.type))
      return true;
    context.diagnostics().error(
        options_.position(option),
        "column '" + column.name + "' is " + column.type.name() + "; " + method_ +
            (method_ == "pearson" ? " takes numbers" : " takes numbers, dates and timestamps"),
        "cramers_v and mutual_information take any column");
    return false;
  }

  bool read_limits(CheckContext& context) {
    if (!options_.has("min") && !options_.has("max")) {
      context.diagnostics().error(options_.position("method"),
                                  "check 'correlation' must have 'min', 'max' or both",
                                  "for example { min: 0.9 }");
      return false;
    }
    for (const char* option : {"min", "max"}) {
      if (!options_.has(option)) continue;
      const auto limit = check_amount(context, options_, option, options_.text(option),
                                      kAssociationScale, is_correlation());
      if (!limit) return false;
      const bool is_low = option == std::string("min");
      (is_low ? low_ : high_) = *limit;
      words_ += std::string(words_.empty() ? "" : " and") + (is_low ? " at least " : " at most ") +
                format_decimal(*limit, kAssociationScale);
    }
    if (!low_ || !high_ || *low_ <= *high_) return true;
    context.diagnostics().error(options_.position("max"),
                                "'max' is less than 'min': nothing could pass");
    return false;
  }

  Options options_;
  std::string column_;
  std::string with_;
  std::string method_;
  std::string words_;
  std::optional<Int128> low_;
  std::optional<Int128> high_;
};

}  // namespace

void register_correlation(Registry<CheckType>& checks) {
  checks.add({
      .name = "correlation",
      .summary = "Two columns go together as closely, or as loosely, as they should.",
      .options = {{"column", OptionKind::column, "One column.", true},
                  {"with", OptionKind::column, "The other one.", true},
                  {"method", OptionKind::choice,
                   "How closely is measured: correlation of values, or of ranks, from -1 to 1; for "
                   "columns of any type Cramer's V from 0 to 1, or mutual information in nats.",
                   true, "", association_names()},
                  {"min", OptionKind::decimal, "Least value allowed."},
                  {"max", OptionKind::decimal, "Greatest value allowed."}},
      .judges_rows = false,
      .make = [](const Options& options) { return std::make_unique<Correlation>(options); },
  });
}

}  // namespace tallymill
