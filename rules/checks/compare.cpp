#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

struct Comparison {
  const char* op;
  const char* fails;
  const char* words;
  bool needs_order;
};

constexpr Comparison kComparisons[] = {
    {"<", ">=", "less than", true}, {"<=", ">", "at most", true},
    {"=", "<>", "equal to", false}, {"<>", "=", "other than", false},
    {">=", "<", "at least", true},  {">", "<=", "greater than", true},
};

class Compare final : public Check {
 public:
  explicit Compare(const Options& options)
      : options_(options), column_(options.text("column")), to_(options.text("to")) {
    for (const Comparison& known : kComparisons)
      if (options.text("op") == known.op) comparison_ = &known;
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* left = context.column(column_, options_.position("column"));
    const Column* right = context.column(to_, options_.position("to"));
    if (left == nullptr || right == nullptr || !is_sound(context, *left, *right)) return plan;
    plan.columns = {column_, to_};
    plan.needs = plan.columns;
    plan.fails = RowCondition{side(*left) + " " + comparison_->fails + " " + side(*right)};
    plan.expected = column_ + " " + comparison_->words + " " + to_;
    return plan;
  }

 private:
  /// Numbers are compared as decimals: a mixed comparison must not go through a double.
  static std::string side(const Column& column) {
    const std::string cell = quote_identifier(column.name);
    return is_number(column.type) ? as_exact(cell, column.type.scale) : cell;
  }

  bool is_sound(CheckContext& context, const Column& left, const Column& right) const {
    const auto report = [&](const char* option, std::string message, std::string hint) {
      context.diagnostics().error(options_.position(option), std::move(message), std::move(hint));
      return false;
    };
    if (left.name == right.name) return report("to", "'column' and 'to' are the same column", "");
    if (!are_comparable(left.type, right.type))
      return report("to",
                    "column '" + left.name + "' is " + left.type.name() + " but '" + right.name +
                        "' is " + right.type.name() + "; they cannot be compared",
                    "cast one of them where it is cleansed");
    if (comparison_->needs_order && !has_order(left.type))
      return report("op",
                    "column '" + left.name + "' is " + left.type.name() + ", which has no order",
                    "only = and <> compare it");
    return true;
  }

  Options options_;
  std::string column_;
  std::string to_;
  const Comparison* comparison_ = &kComparisons[0];
};

}  // namespace

void register_compare(Registry<CheckType>& checks) {
  checks.add({
      .name = "compare",
      .summary = "Two columns of a row stand in an order, are equal or differ.",
      .options = {{"column", OptionKind::column, "Left side.", true},
                  {"op",
                   OptionKind::choice,
                   "How the sides compare.",
                   true,
                   "",
                   {"<", "<=", "=", "<>", ">=", ">"}},
                  {"to", OptionKind::column, "Right side.", true}},
      .make = [](const Options& options) { return std::make_unique<Compare>(options); },
  });
}

}  // namespace tallymill
