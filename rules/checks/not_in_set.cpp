#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// Values are compared as in in_set.
class NotInSet final : public Check {
 public:
  explicit NotInSet(const Options& options)
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
    plan.fails = RowCondition{is_one_of(quote_identifier(column_), values.literals)};
    plan.expected = "none of " + values.shown;
    plan.claims = {{column_, CheckClaim::Kind::not_in_set, values.literals}};
    return plan;
  }

 private:
  std::string column_;
  SourcePosition where_;
  std::vector<YamlNode> values_;
};

}  // namespace

void register_not_in_set(Registry<CheckType>& checks) {
  checks.add({
      .name = "not_in_set",
      .summary = "No value of a column is one of a list.",
      .options = {{"column", OptionKind::column, "Column to look at.", true},
                  {"values",
                   OptionKind::list,
                   "Values that are not allowed.",
                   true,
                   "",
                   {},
                   {{"", OptionKind::text}}}},
      .make = [](const Options& options) { return std::make_unique<NotInSet>(options); },
  });
}

}  // namespace tallymill
