#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// Empty text is a value; only a missing cell counts as null.
class NotNull final : public Check {
 public:
  explicit NotNull(const Options& options)
      : columns_(options.columns("column")), where_(options.position("column")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    std::vector<std::string> conditions;
    for (const std::string& column : columns_) {
      context.column(column, where_);
      conditions.push_back(quote_identifier(column) + " is null");
      plan.claims.push_back({column, CheckClaim::Kind::has_value});
    }
    plan.columns = columns_;
    plan.fails = RowCondition{join(conditions, " or ")};
    plan.expected = columns_.size() == 1 ? "a value" : "a value in each";
    return plan;
  }

 private:
  std::vector<std::string> columns_;
  SourcePosition where_;
};

}  // namespace

void register_not_null(Registry<CheckType>& checks) {
  checks.add({
      .name = "not_null",
      .summary = "Every cell of a column has a value.",
      .options = {{"column", OptionKind::columns,
                   "Column to look at; of several, each must have a value.", true}},
      .main = "column",
      .make = [](const Options& options) { return std::make_unique<NotNull>(options); },
  });
}

}  // namespace tallymill
