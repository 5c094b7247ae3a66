#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// What a database asks of a primary key, as one question with one count.
class PrimaryKey final : public Check {
 public:
  explicit PrimaryKey(const Options& options)
      : columns_(options.columns("columns")), where_(options.position("columns")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    if (!check_columns(context, columns_, where_)) return plan;
    const std::vector<std::string> cells = quoted(columns_);
    std::vector<std::string> nulls;
    for (const std::string& cell : cells) nulls.push_back(cell + " is null");
    plan.columns = columns_;
    plan.fails = FailingKeys{columns_,
                             [cells, nulls](const std::string& rows) {
                               return "select " + as_keys(cells) +
                                      ", count(*) as n, true as fails from " + rows + " group by " +
                                      join(cells, ", ") + " having count(*) > 1 or " +
                                      join(nulls, " or ");
                             },
                             "key",
                             {},
                             true};
    plan.expected = "a complete key that no other row has";
    return plan;
  }

 private:
  std::vector<std::string> columns_;
  SourcePosition where_;
};

}  // namespace

void register_primary_key(Registry<CheckType>& checks) {
  checks.add({
      .name = "primary_key",
      .summary = "Every row has a complete key, and no two rows the same.",
      .options = {{"columns", OptionKind::columns, "Column or columns of the key.", true}},
      .main = "columns",
      .make = [](const Options& options) { return std::make_unique<PrimaryKey>(options); },
  });
}

}  // namespace tallymill
