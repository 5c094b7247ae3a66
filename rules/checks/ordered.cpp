#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/sequence_sql.h"

namespace tallymill {
namespace {

/// The row at the later position fails, for the earlier ones were in order without it. Rows at the
/// same position have no order among them, so they must agree.
class Ordered final : public Check {
 public:
  explicit Ordered(const Options& options)
      : options_(options),
        column_(options.text("column")),
        by_(options.columns("by")),
        within_(options.columns("within")),
        decreases_(options.text("direction") == "decreasing"),
        strictly_(options.boolean("strictly")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    const auto by = check_columns(context, by_, options_.position("by"));
    const auto within = check_columns(context, within_, options_.position("within"));
    if (column == nullptr || !by || !within) return plan;
    for (const std::string& name : by_)
      if (name == column_) {
        context.diagnostics().error(options_.position("by"),
                                    "a column is always in the order of itself",
                                    "name in 'by' what says which row comes first");
        return plan;
      }
    const SequenceSql sequence{within_, by_, {column_}};
    plan.columns = sequence.columns();
    plan.needs = by_;
    plan.needs.push_back(column_);
    plan.fails = FailingKeys{plan.columns, select(sequence), ""};
    plan.expected = column_ + (strictly_ ? " to " : " never to ") +
                    (decreases_ == strictly_ ? "decrease" : "increase") + " by " + join(by_, ", ");
    if (!within_.empty()) plan.expected += " within " + join(within_, ", ");
    return plan;
  }

 private:
  std::function<std::string(const std::string&)> select(const SequenceSql& sequence) const {
    const std::string cell = quote_identifier(column_);
    const std::string extreme = decreases_ ? "min" : "max";
    const std::vector<std::string> derived{
        extreme + "(" + cell + ") over (" + sequence.window() +
            " groups between 1 preceding and 1 preceding) as \"tm:before\"",
        "count(*) over (" + sequence.position() + ") as \"tm:together\""};
    const std::string wrong = decreases_ ? " > " : " < ";
    std::string fails = cell + wrong + "\"tm:before\" or \"tm:together\" > 1";
    if (strictly_) fails += " or " + cell + " = \"tm:before\" or \"tm:n\" > 1";
    return [sequence, derived, fails](const std::string& rows) {
      return sequence.select(rows, derived, fails);
    };
  }

  Options options_;
  std::string column_;
  std::vector<std::string> by_;
  std::vector<std::string> within_;
  bool decreases_;
  bool strictly_;
};

}  // namespace

void register_ordered(Registry<CheckType>& checks) {
  checks.add({
      .name = "ordered",
      .summary = "A column increases or decreases from row to row, in an order, within a group.",
      .options = {{"column", OptionKind::column, "Column whose values are compared.", true},
                  {"by", OptionKind::columns, "Columns that say which row comes first.", true},
                  {"within", OptionKind::columns, "Columns of groups with an order of their own."},
                  {"direction",
                   OptionKind::choice,
                   "Which way the values go.",
                   false,
                   "increasing",
                   {"increasing", "decreasing"}},
                  {"strictly", OptionKind::boolean, "Whether equal values fail.", false, "false"}},
      .make = [](const Options& options) { return std::make_unique<Ordered>(options); },
  });
}

}  // namespace tallymill
