#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// Counts Unicode characters (code points), not bytes and not what a terminal shows: 营业厅 is 3.
class Length final : public Check {
 public:
  explicit Length(const Options& options) : options_(options), column_(options.text("column")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !is_sound(context, *column)) return plan;
    const std::string length = "length(" + quote_identifier(column_) + ")";
    std::vector<std::string> conditions;
    std::vector<std::string> words;
    CheckClaim claim{column_, CheckClaim::Kind::length};
    const auto add = [&](const char* option, const char* fails, const char* word) {
      if (!options_.has(option)) return std::string();
      std::string limit = std::to_string(options_.integer(option));
      conditions.push_back(length + fails + limit);
      words.push_back(word + limit);
      return limit;
    };
    claim.low = claim.high = add("equals", " <> ", "exactly ");
    if (claim.low.empty()) {
      claim.low = add("min", " < ", "at least ");
      claim.high = add("max", " > ", "at most ");
    }
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{join(conditions, " or ")};
    plan.expected = join(words, " and ") + " characters";
    plan.claims = {std::move(claim)};
    return plan;
  }

 private:
  bool is_sound(CheckContext& context, const Column& column) const {
    const auto report = [&](const char* option, std::string message, std::string hint) {
      context.diagnostics().error(options_.position(option), std::move(message), std::move(hint));
      return false;
    };
    if (!require_text(context, column, options_.position("column"), "length",
                      "use in_range for numbers and dates"))
      return false;
    const bool has_end = options_.has("min") || options_.has("max");
    if (options_.has("equals") == has_end)
      return report("column", "check 'length' must have either 'equals', or 'min', 'max' or both",
                    "for example { column: " + column_ + ", min: 1, max: 20 }");
    for (const char* option : {"equals", "min", "max"})
      if (options_.integer(option) < 0)
        return report(option, "option '" + std::string(option) + "' must not be negative", "");
    if (options_.has("min") && options_.has("max") &&
        options_.integer("min") > options_.integer("max"))
      return report("max", "'max' is less than 'min': no text could pass", "");
    return true;
  }

  Options options_;
  std::string column_;
};

}  // namespace

void register_length(Registry<CheckType>& checks) {
  checks.add({
      .name = "length",
      .summary = "Every text of a column has a length within limits.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true},
                  {"min", OptionKind::integer, "Fewest characters allowed."},
                  {"max", OptionKind::integer, "Most characters allowed."},
                  {"equals", OptionKind::integer, "The one length allowed."}},
      .make = [](const Options& options) { return std::make_unique<Length>(options); },
  });
}

}  // namespace tallymill
