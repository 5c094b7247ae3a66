#include <algorithm>

#include "core/money.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// Exact at the finest scale of all columns; a tolerance is an amount, never a share.
class SumsTo final : public Check {
 public:
  explicit SumsTo(const Options& options)
      : options_(options),
        plus_(options.columns("columns")),
        minus_(options.columns("minus")),
        total_(options.text("equals")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* total = context.column(total_, options_.position("equals"));
    const auto plus = check_columns(context, plus_, options_.position("columns"));
    const auto minus = check_columns(context, minus_, options_.position("minus"));
    if (total == nullptr || !plus || !minus) return plan;
    int scale = 0;
    std::vector<const Column*> all{total};
    all.insert(all.end(), plus->begin(), plus->end());
    all.insert(all.end(), minus->begin(), minus->end());
    for (const Column* column : all) {
      if (!is_number(column->type)) return report(context, *column);
      scale = std::max(scale, column->type.scale);
    }
    const auto tolerance =
        check_amount(context, options_, "tolerance", options_.text("tolerance", "0"), scale, false);
    if (!tolerance) return plan;
    std::string sum;
    for (const std::string& name : plus_) sum += " + " + term(name, scale);
    for (const std::string& name : minus_) sum += " - " + term(name, scale);
    const std::string off = term(total_, scale) + " - (" + sum.substr(3) + ")";
    const std::string most = format_decimal(*tolerance, scale);
    for (const Column* column : all) plan.needs.push_back(column->name);
    plan.columns = plan.needs;
    plan.fails = RowCondition{"abs(" + off + ") > " + most};
    plan.expected = total_ + " = " + join(plus_, " + ");
    for (const std::string& name : minus_) plan.expected += " - " + name;
    if (*tolerance > 0) plan.expected += " within " + most;
    return plan;
  }

 private:
  static std::string term(const std::string& name, int scale) {
    return as_exact(quote_identifier(name), scale);
  }

  static CheckPlan report(CheckContext& context, const Column& column,
                          const SourcePosition& where) {
    context.diagnostics().error(where, "column '" + column.name + "' is " + column.type.name() +
                                           "; sums_to takes integer, money, decimal and ratio");
    return {};
  }
  CheckPlan report(CheckContext& context, const Column& column) const {
    const auto is_in = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), column.name) != names.end();
    };
    return report(context, column,
                  options_.position(is_in(plus_)    ? "columns"
                                    : is_in(minus_) ? "minus"
                                                    : "equals"));
  }

  Options options_;
  std::vector<std::string> plus_;
  std::vector<std::string> minus_;
  std::string total_;
};

}  // namespace

void register_sums_to(Registry<CheckType>& checks) {
  checks.add({
      .name = "sums_to",
      .summary = "Several columns of a row add up to another one.",
      .options = {{"columns", OptionKind::columns, "Columns that are added.", true},
                  {"minus", OptionKind::columns, "Columns that are taken away."},
                  {"equals", OptionKind::column, "Column they must come to.", true},
                  {"tolerance", OptionKind::text, "Greatest difference allowed.", false, "0"}},
      .make = [](const Options& options) { return std::make_unique<SumsTo>(options); },
  });
}

}  // namespace tallymill
