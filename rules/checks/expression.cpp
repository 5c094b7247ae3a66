#include "rules/check.h"

namespace tallymill {
namespace {

/// Null is neither true nor false: such a row is not applicable, as in an SQL CHECK constraint.
class Expression final : public Check {
 public:
  explicit Expression(const Options& options)
      : sql_(options.text("sql")), where_(options.position("sql")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const auto condition = context.condition(sql_, where_);
    if (!condition) return plan;
    plan.applies = "(" + *condition + ") is not null";
    plan.fails = RowCondition{"not (" + *condition + ")"};
    plan.expected = sql_;
    return plan;
  }

 private:
  std::string sql_;
  SourcePosition where_;
};

}  // namespace

void register_expression(Registry<CheckType>& checks) {
  checks.add({
      .name = "expression",
      .summary = "An SQL condition over the columns holds for every row.",
      .options = {{"sql", OptionKind::expression, "Condition that must be true.", true}},
      .main = "sql",
      .make = [](const Options& options) { return std::make_unique<Expression>(options); },
  });
}

}  // namespace tallymill
