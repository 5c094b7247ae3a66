#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// For columns that must not be filled (yet): an end date of what still runs.
class IsNull final : public Check {
 public:
  explicit IsNull(const Options& options)
      : columns_(options.columns("column")), where_(options.position("column")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    std::vector<std::string> conditions;
    for (const std::string& column : columns_) {
      context.column(column, where_);
      conditions.push_back(quote_identifier(column) + " is not null");
      plan.claims.push_back({column, CheckClaim::Kind::is_null});
    }
    plan.columns = columns_;
    plan.fails = RowCondition{join(conditions, " or ")};
    plan.expected = columns_.size() == 1 ? "no value" : "no value in any";
    return plan;
  }

 private:
  std::vector<std::string> columns_;
  SourcePosition where_;
};

}  // namespace

void register_is_null(Registry<CheckType>& checks) {
  checks.add({
      .name = "is_null",
      .summary = "No cell of a column has a value.",
      .options = {{"column", OptionKind::columns,
                   "Column to look at; of several, none may have a value.", true}},
      .main = "column",
      .make = [](const Options& options) { return std::make_unique<IsNull>(options); },
  });
}

}  // namespace tallymill
