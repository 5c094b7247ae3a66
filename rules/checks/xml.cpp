#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/xml_text.h"

namespace tallymill {
namespace {

constexpr const char* kFunction = "tm_is_xml";

void evaluate(std::span<const ColumnView> arguments, std::size_t rows, ColumnWriter& result) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[0].is_null(row)) {
      result.set_null(row);
      continue;
    }
    result.as<bool>()[row] = is_xml(arguments[0].as<StringRef>()[row].view(),
                                    std::string(arguments[1].as<StringRef>()[row].view()));
  }
}

/// Well-formed, not valid: a schema is the business of whoever reads the document.
class Xml final : public Check {
 public:
  explicit Xml(const Options& options)
      : options_(options), column_(options.text("column")), root_(options.text("root")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    if (column == nullptr) return plan;
    if (!require_text(context, *column, options_.position("column"), "xml")) return plan;
    if (!context.engine().has_function(kFunction))
      context.engine().add_function({.name = kFunction,
                                     .parameters = {Type::text(), Type::text()},
                                     .result = {{.name = "is_xml", .type = Type::boolean()}},
                                     .evaluate = evaluate});
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{"not " + std::string(kFunction) + "(" + quote_identifier(column_) +
                              ", " + quote_literal(root_) + ")"};
    plan.expected = "well-formed XML" + (root_.empty() ? "" : " of the root " + root_);
    return plan;
  }

 private:
  Options options_;
  std::string column_;
  std::string root_;
};

}  // namespace

void register_xml(Registry<CheckType>& checks) {
  checks.add({
      .name = "xml",
      .summary = "Every text of a column is a well-formed XML document.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true},
                  {"root", OptionKind::text,
                   "Name the outermost element must have, without a prefix."}},
      .main = "column",
      .make = [](const Options& options) { return std::make_unique<Xml>(options); },
  });
}

}  // namespace tallymill
