#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// Every row of a repeated key fails, not all but the first: "first" would depend on row order.
class Unique final : public Check {
 public:
  explicit Unique(const Options& options)
      : columns_(options.columns("columns")),
        nulls_are_values_(options.text("nulls", "ignore") == "compare"),
        where_(options.position("columns")) {}

  CheckPlan plan(CheckContext& context) override {
    for (const std::string& column : columns_) context.column(column, where_);
    CheckPlan plan;
    plan.columns = columns_;
    if (!nulls_are_values_) plan.needs = columns_;
    plan.fails = RepeatedKey{columns_, nulls_are_values_};
    plan.expected = "each key once";
    return plan;
  }

 private:
  std::vector<std::string> columns_;
  bool nulls_are_values_;
  SourcePosition where_;
};

}  // namespace

void register_unique(Registry<CheckType>& checks) {
  checks.add({
      .name = "unique",
      .summary = "No two rows have the same key.",
      .options = {{"columns", OptionKind::columns, "Column or columns of the key.", true},
                  {"nulls",
                   OptionKind::choice,
                   "What a null in the key means: the row is not judged, or null equals null.",
                   false,
                   "ignore",
                   {"ignore", "compare"}}},
      .main = "columns",
      .make = [](const Options& options) { return std::make_unique<Unique>(options); },
  });
}

}  // namespace tallymill
