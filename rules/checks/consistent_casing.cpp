#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// "Hangzhou" and "HANGZHOU" in one column: which of them is right is not for a check to say, so
/// the rows of all spellings fail.
class ConsistentCasing final : public Check {
 public:
  explicit ConsistentCasing(const Options& options)
      : column_(options.text("column")), where_(options.position("column")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, where_);
    if (column == nullptr) return plan;
    if (!require_text(context, *column, where_, "consistent_casing")) return plan;
    const std::string cell = quote_identifier(column_);
    const std::string key = key_names(1)[0];
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = FailingKeys{
        {column_},
        [cell, key](const std::string& rows) {
          return "select " + key + ", n, true as fails from (select " + cell + " as " + key +
                 ", count(*) as n, count(*) over (partition by lower(" + cell +
                 ")) as spellings from " + rows + " group by " + cell + ") where spellings > 1";
        },
        "spelling"};
    plan.expected = "one spelling of upper and lower case for each text";
    return plan;
  }

 private:
  std::string column_;
  SourcePosition where_;
};

}  // namespace

void register_consistent_casing(Registry<CheckType>& checks) {
  checks.add({
      .name = "consistent_casing",
      .summary = "No two texts of a column differ only in upper and lower case.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true}},
      .main = "column",
      .make = [](const Options& options) { return std::make_unique<ConsistentCasing>(options); },
  });
}

}  // namespace tallymill
