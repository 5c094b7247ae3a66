#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// Values are compared as the column's type has them: 1.5 is 1.50 in a money column, while texts
/// differ by any byte, case and blanks included.
class InSet final : public Check {
 public:
  explicit InSet(const Options& options)
      : column_(options.text("column")),
        where_(options.position("column")),
        values_(options.list("values")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, where_);
    if (column == nullptr) return plan;
    const ListedValues values = listed_values(context, values_, *column);
    if (values.literals.empty()) return plan;
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{"not " + is_one_of(quote_identifier(column_), values.literals)};
    plan.expected = "one of " + values.shown;
    plan.claims = {{column_, CheckClaim::Kind::in_set, values.literals}};
    return plan;
  }

 private:
  std::string column_;
  SourcePosition where_;
  std::vector<YamlNode> values_;
};

}  // namespace

void register_in_set(Registry<CheckType>& checks) {
  checks.add({
      .name = "in_set",
      .summary = "Every value of a column is one of a list.",
      .options = {{"column", OptionKind::column, "Column to look at.", true},
                  {"values",
                   OptionKind::list,
                   "Values that are allowed.",
                   true,
                   "",
                   {},
                   {{"", OptionKind::text}}}},
      .make = [](const Options& options) { return std::make_unique<InSet>(options); },
  });
}

}  // namespace tallymill
