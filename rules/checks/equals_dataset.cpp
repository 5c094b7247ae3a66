#include "core/text.h"
#include "rules/check.h"
#include "rules/other_dataset.h"

namespace tallymill {
namespace {

/// Rows as multisets: a row that is here twice must be there twice. What is there more often is
/// kept as often as it lacks here.
class EqualsDataset final : public Check {
 public:
  explicit EqualsDataset(const Options& options) : options_(options) {}

  std::vector<FileUse> files() const override {
    return table_file(options_.text("dataset"), options_.position("dataset"));
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const auto pairs = pair_columns(context, options_, "dataset");
    if (!pairs) return plan;
    plan.columns = pairs->names;
    plan.fails = FailingKeys{pairs->names, select(*pairs), "",
                             KeysOnlyThere{pairs->other.name, pairs->fits, true}};
    plan.expected = "the rows of " + pairs->other.name;
    return plan;
  }

 private:
  static std::function<std::string(const std::string&)> select(const ColumnPairs& pairs) {
    const std::vector<std::string> cells = quoted(pairs.names);
    const std::vector<std::string> keys = key_names(cells.size());
    const std::vector<std::string> others = other_key_names(cells.size());
    std::vector<std::string> listed;
    std::vector<std::string> same;
    std::vector<std::string> here;
    std::vector<std::string> there;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      here.push_back(cells[i] + " as " + keys[i]);
      here.push_back(pairs.mine[i] + " as " + others[i]);
      there.push_back(pairs.theirs[i] + " as " + others[i]);
      listed.push_back("h." + keys[i]);
      listed.push_back("t." + others[i]);
      same.push_back("h." + others[i] + " is not distinct from t." + others[i]);
    }
    const auto counted = [](const std::vector<std::string>& values, const std::string& relation) {
      return "(select " + join(values, ", ") + ", count(*) as times from " + relation +
             " group by all)";
    };
    return [=, other = pairs.other.relation](const std::string& rows) {
      return "select " + join(listed, ", ") +
             ", coalesce(h.times, 0) as n, true as fails, greatest(coalesce(t.times, 0) - "
             "coalesce(h.times, 0), 0) as missing from " +
             counted(here, rows) + " h full join " + counted(there, other) + " t on " +
             join(same, " and ") + " where h.times is distinct from t.times";
    };
  }

  Options options_;
};

}  // namespace

void register_equals_dataset(Registry<CheckType>& checks) {
  checks.add({
      .name = "equals_dataset",
      .summary = "The dataset has the rows of another dataset or table, each as often.",
      .options = pair_options("Dataset or table to compare with."),
      .main = "dataset",
      .make = [](const Options& options) { return std::make_unique<EqualsDataset>(options); },
  });
}

}  // namespace tallymill
