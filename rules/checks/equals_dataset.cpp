#include "core/text.h"
#include "rules/check.h"
#include "rules/other_dataset.h"

namespace tallymill {
namespace {

/// Rows as multisets: a row that is here twice must be there twice. What is only there has no row
/// here to keep; it is counted and fails the check all the same.
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
    other_ = pairs->other.name;
    plan.columns = pairs->names;
    plan.outside = {"select count(*) from " + pairs->other.relation};
    plan.fails = FailingKeys{pairs->names,
                             [pairs = *pairs](const std::string& rows) {
                               return rows_beside(pairs, rows,
                                                  "left join (select " + as_keys(pairs.theirs) +
                                                      ", count(*) as \"tm:times\" from " +
                                                      pairs.other.relation + " group by all)") +
                                      " where \"tm:times\" is distinct from \"tm:n\"";
                             },
                             ""};
    plan.expected = "the rows of " + other_;
    return plan;
  }

  /// Rows that agree are here as often as there, so what is left of both counts tells whether
  /// something is only there.
  void amend(const CheckMeasures& measures, CheckJudgement& judgement) const override {
    const std::int64_t there = std::stoll(measures.outside.at(0).value_or("0"));
    const std::int64_t unmatched = there - (measures.rows_checked - measures.rows_failed);
    judgement.observed += ", " + group_digits(unmatched) +
                          (unmatched == 1 ? " row of " : " rows of ") + other_ + " unmatched";
    if (unmatched > 0 && (measures.rows_failed == 0 || measures.rows_checked == 0))
      judgement.verdict = CheckVerdict::fail;
  }

 private:
  Options options_;
  std::string other_;
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
