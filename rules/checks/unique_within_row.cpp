#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// Two nulls do not repeat each other.
class UniqueWithinRow final : public Check {
 public:
  explicit UniqueWithinRow(const Options& options)
      : columns_(options.columns("columns")), where_(options.position("columns")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const auto columns = check_columns(context, columns_, where_);
    if (!columns) return plan;
    if (columns->size() < 2) {
      context.diagnostics().error(where_, "one column cannot repeat itself within a row",
                                  "name two or more");
      return plan;
    }
    std::vector<std::string> pairs;
    std::vector<std::string> present;
    for (std::size_t i = 0; i < columns->size(); ++i) {
      present.push_back("(" + quote_identifier(columns_[i]) + " is not null)::INTEGER");
      for (std::size_t j = 0; j < i; ++j) {
        if (!are_comparable((*columns)[i]->type, (*columns)[j]->type)) {
          context.diagnostics().error(
              where_, "column '" + columns_[j] + "' is " + (*columns)[j]->type.name() + " but '" +
                          columns_[i] + "' is " + (*columns)[i]->type.name() +
                          "; they cannot be compared");
          return plan;
        }
        pairs.push_back(quote_identifier(columns_[j]) + " = " + quote_identifier(columns_[i]));
      }
    }
    plan.columns = columns_;
    plan.applies = join(present, " + ") + " >= 2";
    plan.fails = RowCondition{join(pairs, " or ")};
    plan.expected = "values that differ";
    return plan;
  }

 private:
  std::vector<std::string> columns_;
  SourcePosition where_;
};

}  // namespace

void register_unique_within_row(Registry<CheckType>& checks) {
  checks.add({
      .name = "unique_within_row",
      .summary = "Several columns of a row have values that differ from each other.",
      .options = {{"columns", OptionKind::columns, "Columns to compare.", true}},
      .main = "columns",
      .make = [](const Options& options) { return std::make_unique<UniqueWithinRow>(options); },
  });
}

}  // namespace tallymill
