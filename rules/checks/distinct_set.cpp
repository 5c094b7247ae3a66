#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// The question about the set of values: that each listed value occurs. Rows with a value that is
/// not listed fail where the sets must be equal.
class DistinctSet final : public Check {
 public:
  explicit DistinctSet(const Options& options)
      : options_(options), column_(options.text("column")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr) return plan;
    if (options_.has("equals") == options_.has("contains")) {
      context.diagnostics().error(options_.position("column"),
                                  "check 'distinct_set' must have either 'equals' or 'contains'",
                                  "in_set asks that no other value occurs");
      return plan;
    }
    const std::string option = options_.has("equals") ? "equals" : "contains";
    std::vector<std::string> literals;
    for (const YamlNode& node : options_.list(option)) {
      const auto value = check_value(context, node, *column, "an element of '" + option + "'");
      if (!value) continue;
      literals.push_back(value->sql);
      shown_.push_back(value->shown);
      plan.aggregates.push_back({"count_if", quote_identifier(column_) + " = " + value->sql});
    }
    if (literals.empty()) return plan;
    plan.columns = {column_};
    plan.needs = {column_};
    const bool is_closed = option == "equals";
    plan.fails =
        RowCondition{is_closed ? "not " + is_one_of(quote_identifier(column_), literals) : "false"};
    plan.expected = (is_closed ? "exactly the values " : "all the values ") + join(shown_, ", ");
    return plan;
  }

  void amend(const CheckMeasures& measures, CheckJudgement& judgement) const override {
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < shown_.size(); ++i)
      if (measures.aggregates.at(i).value_or("0") == "0") missing.push_back(shown_[i]);
    if (missing.empty() || measures.rows_checked == 0) return;
    judgement.verdict = CheckVerdict::fail;
    judgement.observed += ", no row with " + join(missing, ", ");
  }

 private:
  Options options_;
  std::string column_;
  std::vector<std::string> shown_;
};

}  // namespace

void register_distinct_set(Registry<CheckType>& checks) {
  const auto values = [](const char* name, const char* summary) {
    return OptionSpec{name, OptionKind::list, summary, false, "", {}, {{"", OptionKind::text}}};
  };
  checks.add({
      .name = "distinct_set",
      .summary = "The set of values of a column equals a list, or has all of a list.",
      .options = {{"column", OptionKind::column, "Column to look at.", true},
                  values("equals", "Values that must occur, and no other."),
                  values("contains", "Values that must occur.")},
      .make = [](const Options& options) { return std::make_unique<DistinctSet>(options); },
  });
}

}  // namespace tallymill
