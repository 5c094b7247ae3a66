#include <algorithm>

#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// Business columns only: where a row came from does not make it another row.
class DuplicateRows final : public Check {
 public:
  explicit DuplicateRows(const Options& options)
      : ignored_(options.columns("ignore")), where_(options.position("ignore")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    if (!check_columns(context, ignored_, where_)) return plan;
    std::vector<std::string> compared;
    for (const std::string& name : context.schema().names())
      if (std::find(ignored_.begin(), ignored_.end(), name) == ignored_.end())
        compared.push_back(name);
    if (compared.empty()) {
      context.diagnostics().error(where_, "'ignore' leaves no column to compare");
      return plan;
    }
    plan.columns = compared;
    plan.fails = RepeatedKey{compared, true};
    plan.expected = "each row once";
    if (!ignored_.empty()) plan.expected += ", whatever its " + join(ignored_, ", ");
    return plan;
  }

 private:
  std::vector<std::string> ignored_;
  SourcePosition where_;
};

}  // namespace

void register_duplicate_rows(Registry<CheckType>& checks) {
  checks.add({
      .name = "duplicate_rows",
      .summary = "No two rows are the same in all columns.",
      .options = {{"ignore", OptionKind::columns, "Columns that do not count."}},
      .make = [](const Options& options) { return std::make_unique<DuplicateRows>(options); },
  });
}

}  // namespace tallymill
