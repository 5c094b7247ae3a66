#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/json_text.h"

namespace tallymill {
namespace {

constexpr const char* kFunction = "tm_is_json";

/// Read by our own strict reader: the engine's takes trailing commas and infinities too.
void evaluate(std::span<const ColumnView> arguments, std::size_t rows, ColumnWriter& result) {
  std::string asked;
  JsonShape shape;
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[0].is_null(row)) {
      result.set_null(row);
      continue;
    }
    const std::string_view question = arguments[1].as<StringRef>()[row].view();
    if (row == 0 || question != asked) {  // the same in every row of a check
      asked = question;
      std::vector<std::string> parts = split(question, '\n');
      shape = {parts.front(), {parts.begin() + 1, parts.end()}};
    }
    result.as<bool>()[row] = json_fault(arguments[0].as<StringRef>()[row].view(), shape).empty();
  }
}

class Json final : public Check {
 public:
  explicit Json(const Options& options)
      : options_(options),
        column_(options.text("column")),
        kind_(options.text("kind")),
        required_(options.texts("required")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr) return plan;
    if (!require_text(context, *column, options_.position("column"), "json")) return plan;
    if (kind_ == "array" && !required_.empty()) {
      context.diagnostics().error(options_.position("required"), "an array has no keys",
                                  "leave out 'kind', or write kind: object");
      return plan;
    }
    if (!context.engine().has_function(kFunction))
      context.engine().add_function({.name = kFunction,
                                     .parameters = {Type::text(), Type::text()},
                                     .result = {{.name = "is_json", .type = Type::boolean()}},
                                     .evaluate = evaluate});
    std::vector<std::string> asked{kind_};
    asked.insert(asked.end(), required_.begin(), required_.end());
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{"not " + std::string(kFunction) + "(" + quote_identifier(column_) +
                              ", " + quote_literal(join(asked, "\n")) + ")"};
    plan.expected = kind_.empty() && required_.empty() ? "JSON"
                    : kind_ == "array"                 ? "a JSON array"
                                                       : "a JSON object";
    if (!required_.empty()) plan.expected += " with " + join(required_, ", ");
    return plan;
  }

 private:
  Options options_;
  std::string column_;
  std::string kind_;
  std::vector<std::string> required_;
};

}  // namespace

void register_json(Registry<CheckType>& checks) {
  checks.add({
      .name = "json",
      .summary = "Every text of a column is JSON, perhaps of a kind and with certain keys.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true},
                  {"kind",
                   OptionKind::choice,
                   "What the outermost value must be.",
                   false,
                   "any value",
                   {"object", "array"}},
                  {"required", OptionKind::columns,
                   "Keys the object must have; an inner one stands behind a point (terms.days)."}},
      .main = "column",
      .make = [](const Options& options) { return std::make_unique<Json>(options); },
  });
}

}  // namespace tallymill
