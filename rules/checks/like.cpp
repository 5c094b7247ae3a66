#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// The pattern describes the whole value, as in SQL: % stands for any text, _ for one character,
/// and a backslash takes either for itself.
class Like final : public Check {
 public:
  explicit Like(const Options& options)
      : options_(options), column_(options.text("column")), patterns_(options.texts("pattern")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !is_sound(context, *column)) return plan;
    const bool forbids = options_.boolean("forbidden");
    std::vector<std::string> conditions;
    for (const std::string& pattern : patterns_)
      conditions.push_back(quote_identifier(column_) +
                           (options_.boolean("ignore_case") ? " ilike " : " like ") +
                           quote_literal(pattern) + " escape '\\'");
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{(forbids ? "(" : "not (") + join(conditions, " or ") + ")"};
    plan.expected = (forbids ? "text not like " : "text like ") + join(patterns_, " or ");
    return plan;
  }

 private:
  bool is_sound(CheckContext& context, const Column& column) const {
    if (!require_text(context, column, options_.position("column"), "like",
                      "use in_range for numbers and dates"))
      return false;
    bool is_sound = true;
    for (const std::string& pattern : patterns_) {
      bool is_escaped = false;
      for (const char c : pattern) is_escaped = !is_escaped && c == '\\';
      if (!is_escaped) continue;
      context.diagnostics().error(options_.position("pattern"),
                                  "'" + pattern + "' ends with a backslash that escapes nothing",
                                  "write two for a backslash itself");
      is_sound = false;
    }
    return is_sound;
  }

  Options options_;
  std::string column_;
  std::vector<std::string> patterns_;
};

}  // namespace

void register_like(Registry<CheckType>& checks) {
  checks.add({
      .name = "like",
      .summary = "Every text of a column is like one of some SQL patterns, or like none of them.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true},
                  {"pattern", OptionKind::columns,
                   "SQL LIKE pattern for the whole text (% any text, _ one character, \\ before "
                   "either), or a list of which one must fit.",
                   true},
                  {"ignore_case", OptionKind::boolean, "Whether letters of either case are alike.",
                   false, "false"},
                  {"forbidden", OptionKind::boolean, "Whether no pattern may fit instead.", false,
                   "false"}},
      .make = [](const Options& options) { return std::make_unique<Like>(options); },
  });
}

}  // namespace tallymill
