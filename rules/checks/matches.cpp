#include "core/error.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// The pattern must describe the whole value: a forgotten ^ or $ lets nothing slip through.
class Matches final : public Check {
 public:
  explicit Matches(const Options& options)
      : options_(options), column_(options.text("column")), pattern_(options.text("pattern")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !is_sound(context, *column)) return plan;
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{"not " + match(quote_identifier(column_))};
    plan.expected = "text like " + pattern_;
    return plan;
  }

 private:
  std::string match(const std::string& value) const {
    return "regexp_full_match(" + value + ", " + quote_literal(pattern_) + ")";
  }

  bool is_sound(CheckContext& context, const Column& column) const {
    if (!require_text(context, column, options_.position("column"), "matches",
                      "use in_range for numbers and dates"))
      return false;
    try {
      // The engine compiles a constant pattern while it binds.
      context.engine().query("select " + match("''"));
      return true;
    } catch (const Error& error) {
      context.diagnostics().error(options_.position("pattern"),
                                  "'" + pattern_ + "' is no regular expression",
                                  "RE2 syntax: no look-ahead, no back references");
      return false;
    }
  }

  Options options_;
  std::string column_;
  std::string pattern_;
};

}  // namespace

void register_matches(Registry<CheckType>& checks) {
  checks.add({
      .name = "matches",
      .summary = "Every text of a column matches a regular expression as a whole.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true},
                  {"pattern", OptionKind::text, "Regular expression (RE2 syntax).", true}},
      .make = [](const Options& options) { return std::make_unique<Matches>(options); },
  });
}

}  // namespace tallymill
