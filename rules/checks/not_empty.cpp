#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// White space that people paste without seeing it counts as blank: no-break and ideographic
/// spaces, zero-width space, byte order mark.
constexpr const char* kBlank =
    "[\\s\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200B}\\x{2028}\\x{2029}"
    "\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}]*";

/// Sources write "nothing" in many ways; this check knows all of them, not_null only one.
class NotEmpty final : public Check {
 public:
  explicit NotEmpty(const Options& options)
      : options_(options), column_(options.text("column")), missing_(options.texts("missing")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr) return plan;
    if (!require_text(context, *column, options_.position("column"), "not_empty", "use not_null"))
      return plan;
    const std::string cell = quote_identifier(column_);
    std::string fails = cell + " is null or regexp_full_match(" + cell + ", '" + kBlank + "')";
    std::vector<std::string> tokens;
    for (const std::string& token : missing_)
      tokens.push_back("lower(" + quote_literal(token) + ")");
    if (!tokens.empty()) fails += " or lower(trim(" + cell + ")) in (" + join(tokens, ", ") + ")";
    plan.columns = {column_};
    plan.fails = RowCondition{fails};
    plan.expected = "a text that is not blank";
    if (!missing_.empty()) plan.expected += " and none of '" + join(missing_, "', '") + "'";
    plan.claims = {{column_, CheckClaim::Kind::has_value}};
    return plan;
  }

 private:
  Options options_;
  std::string column_;
  std::vector<std::string> missing_;
};

}  // namespace

void register_not_empty(Registry<CheckType>& checks) {
  checks.add({
      .name = "not_empty",
      .summary = "Every cell of a text column says something: not null, not blank, no placeholder.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true},
                  {"missing", OptionKind::columns,
                   "Texts that stand for nothing, such as N/A; case does not count."}},
      .main = "column",
      .make = [](const Options& options) { return std::make_unique<NotEmpty>(options); },
  });
}

}  // namespace tallymill
