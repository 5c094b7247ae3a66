#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// A row that can be reached in none of several ways: no phone, no e-mail, no address.
class AnyNotNull final : public Check {
 public:
  explicit AnyNotNull(const Options& options)
      : columns_(options.columns("columns")), where_(options.position("columns")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    std::vector<std::string> conditions;
    for (const std::string& column : columns_) {
      context.column(column, where_);
      conditions.push_back(quote_identifier(column) + " is null");
    }
    plan.columns = columns_;
    plan.fails = RowCondition{join(conditions, " and ")};
    plan.expected = "a value in one of them";
    return plan;
  }

 private:
  std::vector<std::string> columns_;
  SourcePosition where_;
};

}  // namespace

void register_any_not_null(Registry<CheckType>& checks) {
  checks.add({
      .name = "any_not_null",
      .summary = "Every row has a value in at least one of several columns.",
      .options = {{"columns", OptionKind::columns, "Columns of which one must have a value.",
                   true}},
      .main = "columns",
      .make = [](const Options& options) { return std::make_unique<AnyNotNull>(options); },
  });
}

}  // namespace tallymill
