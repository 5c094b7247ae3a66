#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// The one check that judges an empty dataset: no rows is an answer to its question. By groups it
/// judges those that have rows; foreign_key and distinct_set ask for groups that must be there.
class RowCount final : public Check {
 public:
  explicit RowCount(const Options& options) : options_(options), by_(options.columns("by")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    if (!is_sound(context) || !check_columns(context, by_, options_.position("by"))) return plan;
    std::vector<std::string> words;
    const auto add = [&](const char* option, const char* word) {
      if (options_.has(option)) words.push_back(word + group_digits(options_.integer(option)));
    };
    add("equals", "exactly ");
    add("min", "at least ");
    add("max", "at most ");
    plan.expected = join(words, " and ") + " rows";
    if (by_.empty()) {
      plan.claims = {claim()};
      return plan;
    }
    plan.expected += " in each group of " + join(by_, ", ");
    plan.columns = by_;
    plan.fails = groups();
    return plan;
  }

  CheckJudgement judge(const CheckMeasures& measures) const override {
    const std::int64_t rows = measures.rows_checked;
    const bool holds = rows == options_.integer("equals", rows) &&
                       rows >= options_.integer("min", rows) &&
                       rows <= options_.integer("max", rows);
    return {holds ? CheckVerdict::pass : CheckVerdict::fail,
            group_digits(rows) + (rows == 1 ? " row" : " rows"),
            {}};
  }

 private:
  CheckClaim claim() const {
    CheckClaim claim{.column = {}, .kind = CheckClaim::Kind::range, .number = "number of rows"};
    for (const char* option : {"equals", "min"})
      if (options_.has(option)) claim.low = std::to_string(options_.integer(option));
    for (const char* option : {"equals", "max"})
      if (options_.has(option)) claim.high = std::to_string(options_.integer(option));
    return claim;
  }

  FailingKeys groups() const {
    std::vector<std::string> wrong;
    const auto add = [&](const char* option, const char* op) {
      if (options_.has(option))
        wrong.push_back("count(*)" + std::string(op) + std::to_string(options_.integer(option)));
    };
    add("equals", " <> ");
    add("min", " < ");
    add("max", " > ");
    return {by_,
            [cells = quoted(by_), wrong](const std::string& rows) {
              return "select " + as_keys(cells) + ", count(*) as n, true as fails from " + rows +
                     " group by " + join(cells, ", ") + " having " + join(wrong, " or ");
            },
            "group"};
  }

  bool is_sound(CheckContext& context) const {
    const auto report = [&](const char* option, std::string message, std::string hint) {
      context.diagnostics().error(options_.position(option), std::move(message), std::move(hint));
      return false;
    };
    const bool has_end = options_.has("min") || options_.has("max");
    if (options_.has("equals") == has_end)
      return report("equals",
                    "check 'row_count' must have either 'equals', or 'min', 'max' or both",
                    "for example { min: 1 }");
    for (const char* option : {"equals", "min", "max"})
      if (options_.integer(option) < 0)
        return report(option, "option '" + std::string(option) + "' must not be negative", "");
    if (options_.has("min") && options_.has("max") &&
        options_.integer("min") > options_.integer("max"))
      return report("max", "'max' is less than 'min': no dataset could pass", "");
    return true;
  }

  Options options_;
  std::vector<std::string> by_;
};

}  // namespace

void register_row_count(Registry<CheckType>& checks) {
  checks.add({
      .name = "row_count",
      .summary = "The dataset, or each group of its rows, has a number of rows within limits.",
      .options = {{"min", OptionKind::integer, "Fewest rows allowed."},
                  {"max", OptionKind::integer, "Most rows allowed."},
                  {"equals", OptionKind::integer, "The one number allowed."},
                  {"by", OptionKind::columns,
                   "Columns of groups, each of which is judged on its own; its rows fail "
                   "together."}},
      .main = "equals",
      .make = [](const Options& options) { return std::make_unique<RowCount>(options); },
  });
}

}  // namespace tallymill
