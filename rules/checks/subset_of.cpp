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
    plan.fails = FailingKeys{
        pairs->names,
        [cells = quoted(pairs->names), pairs = *pairs](const std::string& rows) {
          const std::vector<std::string> keys = key_names(cells.size());
          std::vector<std::string> same;
          for (std::size_t i = 0; i < keys.size(); ++i)
            same.push_back("o." + keys[i] + " is not distinct from " + pairs.mine[i]);
          return "select " + as_keys(cells) + ", \"tm:n\" as n, true as fails from (select " +
                 join(cells, ", ") + ", count(*) as \"tm:n\" from " + rows + " group by " +
                 join(cells, ", ") + ") anti join (select " + as_keys(pairs.theirs) + " from " +
                 pairs.other.relation + ") o on " + join(same, " and ");
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
