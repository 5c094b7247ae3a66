#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// Which of two values is the wrong one, a check cannot know: all rows of the determinant fail.
class FunctionalDependency final : public Check {
 public:
  explicit FunctionalDependency(const Options& options)
      : options_(options),
        determinant_(options.columns("determinant")),
        dependent_(options.columns("dependent")),
        nulls_are_values_(options.text("nulls", "ignore") == "compare") {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const auto left = check_columns(context, determinant_, options_.position("determinant"));
    const auto right = check_columns(context, dependent_, options_.position("dependent"));
    if (!left || !right) return plan;
    for (const std::string& name : dependent_)
      for (const std::string& other : determinant_)
        if (name == other) {
          context.diagnostics().error(options_.position("dependent"),
                                      "column '" + name + "' determines itself",
                                      "name it on one side only");
          return plan;
        }
    plan.columns = determinant_;
    plan.columns.insert(plan.columns.end(), dependent_.begin(), dependent_.end());
    plan.needs = nulls_are_values_ ? determinant_ : plan.columns;
    plan.fails = FailingKeys{determinant_, select(), "group"};
    plan.expected = join(determinant_, ", ") + " to determine " + join(dependent_, ", ");
    return plan;
  }

 private:
  /// Two values differ where the smallest is not the greatest: cheaper than counting distinct ones.
  std::function<std::string(const std::string&)> select() const {
    std::vector<std::string> differs;
    for (const std::string& cell : quoted(dependent_)) {
      differs.push_back("min(" + cell + ") <> max(" + cell + ")");
      if (nulls_are_values_)
        differs.push_back("(count(" + cell + ") > 0 and count(" + cell + ") < count(*))");
    }
    return [cells = quoted(determinant_), differs](const std::string& rows) {
      return "select " + as_keys(cells) + ", count(*) as n, true as fails from " + rows +
             " group by " + join(cells, ", ") + " having " + join(differs, " or ");
    };
  }

  Options options_;
  std::vector<std::string> determinant_;
  std::vector<std::string> dependent_;
  bool nulls_are_values_;
};

}  // namespace

void register_functional_dependency(Registry<CheckType>& checks) {
  checks.add({
      .name = "functional_dependency",
      .summary = "Rows that agree in some columns agree in others: one name for each code.",
      .options =
          {{"determinant", OptionKind::columns, "Columns that determine.", true},
           {"dependent", OptionKind::columns, "Columns that are determined.", true},
           {"nulls",
            OptionKind::choice,
            "What a null in a dependent column means: the row is not judged, or null differs "
            "from every value.",
            false,
            "ignore",
            {"ignore", "compare"}}},
      .make =
          [](const Options& options) { return std::make_unique<FunctionalDependency>(options); },
  });
}

}  // namespace tallymill
