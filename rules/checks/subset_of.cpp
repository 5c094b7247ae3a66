#include "core/text.h"
#include "rules/check.h"
#include "rules/other_dataset.h"

namespace tallymill {
namespace {

/// Rows as sets: how often one occurs does not count. Null equals null.
class SubsetOf final : public Check {
 public:
  explicit SubsetOf(const Options& options) : options_(options) {}

  std::vector<FileUse> files() const override {
    return table_file(options_.text("dataset"), options_.position("dataset"));
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const auto pairs = pair_columns(context, options_, "dataset");
    if (!pairs) return plan;
    plan.columns = pairs->names;
    plan.fails = FailingKeys{pairs->names,
                             [pairs = *pairs](const std::string& rows) {
                               return rows_beside(pairs, rows,
                                                  "anti join (select " + as_keys(pairs.theirs) +
                                                      " from " + pairs.other.relation + ")");
                             },
                             ""};
    plan.expected = "a row that " + pairs->other.name + " has";
    return plan;
  }

 private:
  Options options_;
};

}  // namespace

void register_subset_of(Registry<CheckType>& checks) {
  checks.add({
      .name = "subset_of",
      .summary = "Every row is in another dataset or table too.",
      .options = pair_options("Dataset or table that has all rows."),
      .main = "dataset",
      .make = [](const Options& options) { return std::make_unique<SubsetOf>(options); },
  });
}

}  // namespace tallymill
