#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/sequence_sql.h"

namespace tallymill {
namespace {

/// What is missing has no row, so the row behind a gap fails; where a series must begin or end
/// somewhere, its first or last row does.
class NoGaps final : public Check {
 public:
  explicit NoGaps(const Options& options)
      : options_(options),
        column_(options.text("column")),
        within_(options.columns("within")),
        step_(options.text("step", "day")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !check_columns(context, within_, options_.position("within")))
      return plan;
    if (column->type.kind != TypeKind::integer && column->type.kind != TypeKind::date) {
      context.diagnostics().error(options_.position("column"),
                                  "column '" + column_ + "' is " + column->type.name() +
                                      "; no_gaps takes integer and date");
      return plan;
    }
    const bool is_date = column->type.kind == TypeKind::date;
    if (!is_date && options_.has("step")) {
      context.diagnostics().error(options_.position("step"),
                                  "option 'step' is for dates; integers go by 1");
      return plan;
    }
    std::optional<CheckValue> from;
    std::optional<CheckValue> to;
    if (options_.has("from"))
      from = check_value(context, options_.node("from"), *column, "option 'from'");
    if (options_.has("to")) to = check_value(context, options_.node("to"), *column, "option 'to'");
    const SequenceSql sequence{within_, {column_}, {}};
    plan.columns = sequence.columns();
    plan.needs = {column_};
    plan.fails = FailingKeys{plan.columns, select(sequence, is_date, from, to), ""};
    plan.expected = is_date ? "every " + step_ : "every number";
    if (from) plan.expected += " from " + from->shown;
    if (to) plan.expected += " to " + to->shown;
    if (!within_.empty()) plan.expected += " within " + join(within_, ", ");
    return plan;
  }

 private:
  std::function<std::string(const std::string&)> select(const SequenceSql& sequence, bool is_date,
                                                        const std::optional<CheckValue>& from,
                                                        const std::optional<CheckValue>& to) const {
    const std::string cell = quote_identifier(column_);
    const std::vector<std::string> derived{
        "lag(" + cell + ") over (" + sequence.window() + ") as \"tm:before\"",
        "lead(" + cell + ") over (" + sequence.window() + ") as \"tm:after\""};
    // Dates of one month or week follow each other too: a step is at most one.
    std::string fails = is_date ? "datediff('" + step_ + "', \"tm:before\", " + cell + ") > 1"
                                : cell + "::HUGEINT - \"tm:before\" > 1";
    if (from) fails += " or (\"tm:before\" is null and " + cell + " > " + from->sql + ")";
    if (to) fails += " or (\"tm:after\" is null and " + cell + " < " + to->sql + ")";
    return [sequence, derived, fails](const std::string& rows) {
      return sequence.select(rows, derived, fails);
    };
  }

  Options options_;
  std::string column_;
  std::vector<std::string> within_;
  std::string step_;
};

}  // namespace

void register_no_gaps(Registry<CheckType>& checks) {
  checks.add({
      .name = "no_gaps",
      .summary = "The integers or dates of a column follow each other without a gap.",
      .options = {{"column", OptionKind::column, "Integer or date.", true},
                  {"within", OptionKind::columns, "Columns of groups with a series of their own."},
                  {"step",
                   OptionKind::choice,
                   "Of dates: what must not be left out.",
                   false,
                   "day",
                   {"day", "week", "month", "quarter", "year"}},
                  {"from", OptionKind::text, "Where each series must begin, at the latest."},
                  {"to", OptionKind::text, "Where each series must end, at the earliest."}},
      .make = [](const Options& options) { return std::make_unique<NoGaps>(options); },
  });
}

}  // namespace tallymill
