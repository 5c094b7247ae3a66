#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// One side of the range.
struct Bound {
  const char* option;
  const char* fails;  ///< comparison that is true outside the range
  const char* words;
  bool is_low;
  bool is_in;
};

constexpr Bound kBounds[] = {{"min", "<", "at least", true, true},
                             {"above", "<=", "more than", true, false},
                             {"max", ">", "at most", false, true},
                             {"below", ">=", "less than", false, false}};

class InRange final : public Check {
 public:
  explicit InRange(const Options& options) : options_(options), column_(options.text("column")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr || !is_sound(context, *column)) return plan;
    std::vector<std::string> conditions;
    std::vector<std::string> words;
    CheckClaim claim{column_, CheckClaim::Kind::range};
    for (const Bound& bound : kBounds) {
      if (!options_.has(bound.option)) continue;
      const std::string what = "option '" + std::string(bound.option) + "'";
      const auto value = check_value(context, options_.node(bound.option), *column, what);
      if (!value) continue;
      conditions.push_back(quote_identifier(column_) + " " + bound.fails + " " + value->sql);
      words.push_back(bound.words + (" " + value->shown));
      (bound.is_low ? claim.low : claim.high) = value->sql;
      (bound.is_low ? claim.low_is_in : claim.high_is_in) = bound.is_in;
    }
    if (!holds_something(context, claim)) return plan;
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{join(conditions, " or ")};
    plan.expected = join(words, " and ");
    plan.claims = {std::move(claim)};
    return plan;
  }

 private:
  bool is_sound(CheckContext& context, const Column& column) const {
    const auto report = [&](const char* option, std::string message, std::string hint) {
      context.diagnostics().error(options_.position(option), std::move(message), std::move(hint));
      return false;
    };
    if (!has_order(column.type))
      return report("column",
                    "column '" + column_ + "' is " + column.type.name() +
                        ", which has no range; in_range takes numbers, dates and timestamps",
                    "use in_set, length or matches for text");
    if (options_.has("min") && options_.has("above"))
      return report("above", "'min' and 'above' are both the lower end of the range", "keep one");
    if (options_.has("max") && options_.has("below"))
      return report("below", "'max' and 'below' are both the upper end of the range", "keep one");
    for (const Bound& bound : kBounds)
      if (options_.has(bound.option)) return true;
    return report("column", "check 'in_range' has no end to compare with",
                  "give at least one of min, above, max, below");
  }

  bool holds_something(CheckContext& context, const CheckClaim& claim) const {
    if (claim.low.empty() || claim.high.empty()) return true;
    const char* fits = claim.low_is_in && claim.high_is_in ? " <= " : " < ";
    if (context.engine().query("select " + claim.low + fits + claim.high).text(0, 0) == "true")
      return true;
    const char* high = options_.has("max") ? "max" : "below";
    const std::string low = options_.has("min") ? "min" : "above";
    context.diagnostics().error(options_.position(high),
                                "no value lies between '" + low + "' and '" + high + "'",
                                "swap them?");
    return false;
  }

  Options options_;
  std::string column_;
};

}  // namespace

void register_in_range(Registry<CheckType>& checks) {
  checks.add({
      .name = "in_range",
      .summary = "Every value of a column lies between two ends.",
      .options = {{"column", OptionKind::column, "A number, date or timestamp to look at.", true},
                  {"min", OptionKind::text, "Smallest value allowed."},
                  {"above", OptionKind::text, "Values must be greater than this."},
                  {"max", OptionKind::text, "Largest value allowed."},
                  {"below", OptionKind::text, "Values must be less than this."}},
      .make = [](const Options& options) { return std::make_unique<InRange>(options); },
  });
}

}  // namespace tallymill
