#include "core/error.h"
#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// Unlike in matches, the pattern may stand anywhere in the text: what is forbidden, is so
/// everywhere.
class NotMatches final : public Check {
 public:
  explicit NotMatches(const Options& options)
      : options_(options), column_(options.text("column")), patterns_(options.texts("pattern")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !is_sound(context, *column)) return plan;
    std::vector<std::string> conditions;
    for (const std::string& pattern : patterns_)
      conditions.push_back(match(quote_identifier(column_), pattern));
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{join(conditions, " or ")};
    plan.expected = "text without " + join(patterns_, " or ");
    return plan;
  }

 private:
  static std::string match(const std::string& value, const std::string& pattern) {
    return "regexp_matches(" + value + ", " + quote_literal(pattern) + ")";
  }

  bool is_sound(CheckContext& context, const Column& column) const {
    if (!require_text(context, column, options_.position("column"), "not_matches",
                      "use in_range for numbers and dates"))
      return false;
    bool is_sound = true;
    for (const std::string& pattern : patterns_) {
      try {
        context.engine().query("select " + match("''", pattern));
      } catch (const Error&) {
        context.diagnostics().error(options_.position("pattern"),
                                    "'" + pattern + "' is no regular expression",
                                    "RE2 syntax: no look-ahead, no back references");
        is_sound = false;
      }
    }
    return is_sound;
  }

  Options options_;
  std::string column_;
  std::vector<std::string> patterns_;
};

}  // namespace

void register_not_matches(Registry<CheckType>& checks) {
  checks.add({
      .name = "not_matches",
      .summary = "No text of a column has a part that matches a regular expression.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true},
                  {"pattern", OptionKind::columns,
                   "Regular expression (RE2 syntax), or a list of which none may match.", true}},
      .make = [](const Options& options) { return std::make_unique<NotMatches>(options); },
  });
}

}  // namespace tallymill
