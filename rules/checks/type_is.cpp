#include "core/money.h"
#include "core/text.h"
#include "core/time/date.h"
#include "rules/check.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

/// Whether an extract would read `text` as a value of the type.
bool is_value(std::string_view text, const Type& type,
              const std::optional<TimestampPattern>& pattern) {
  switch (type.kind) {
    case TypeKind::integer:
      return static_cast<bool>(parse_integer(text));
    case TypeKind::money:
    case TypeKind::decimal:
    case TypeKind::ratio:
      return static_cast<bool>(parse_decimal(text, type.precision, type.scale));
    case TypeKind::date:
      return static_cast<bool>(pattern ? pattern->date_of(text) : parse_date(text));
    case TypeKind::timestamp:
      return static_cast<bool>(pattern ? pattern->timestamp_of(text) : parse_timestamp(text));
    case TypeKind::boolean:
      return text == "true" || text == "false";
    case TypeKind::text:
    case TypeKind::enumeration:
      break;
  }
  return true;
}

/// Uses the parsers of extracts: what passes here, a column of that type takes.
class TypeIs final : public Check {
 public:
  explicit TypeIs(const Options& options)
      : options_(options), column_(options.text("column")), pattern_(options.text("pattern")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* column = context.column(column_, options_.position("column"));
    const auto type = wanted(context);
    if (column == nullptr || !type) return plan;
    if (!require_text(context, *column, options_.position("column"), "type_is",
                      "a typed column holds nothing else; the check schema asks for its type"))
      return plan;
    const std::string function = "tm_is_value_" + std::to_string(context.engine().next_name());
    add_function(context.engine(), function, *type);
    plan.columns = {column_};
    plan.needs = {column_};
    plan.fails = RowCondition{"not " + function + "(" + quote_identifier(column_) + ")"};
    plan.expected = "text that is " + type->name();
    if (!pattern_.empty()) plan.expected += " as " + pattern_;
    return plan;
  }

 private:
  std::optional<Type> wanted(CheckContext& context) const {
    const auto report = [&](const char* option, std::string message, std::string hint) {
      context.diagnostics().error(options_.position(option), std::move(message), std::move(hint));
      return std::nullopt;
    };
    const std::string word = options_.text("is");
    auto type = type_from_word(word, 0);
    if (!type || type->kind == TypeKind::text || type->kind == TypeKind::money)
      return report("is", "'" + word + "' is no type that text can be checked for",
                    "the types are integer, decimal(p,s), ratio, date, timestamp and boolean");
    const bool is_time = type->kind == TypeKind::date || type->kind == TypeKind::timestamp;
    if (pattern_.empty()) return type;
    if (!is_time)
      return report("pattern", "option 'pattern' is for date and timestamp, not " + type->name(),
                    "");
    if (const std::string problem = timestamp_pattern_problem(pattern_); !problem.empty())
      return report("pattern", problem, "");
    return type;
  }

  void add_function(Engine& engine, const std::string& name, const Type& type) const {
    std::optional<TimestampPattern> pattern;
    if (!pattern_.empty()) pattern.emplace(pattern_);
    engine.add_function({.name = name,
                         .parameters = {Type::text()},
                         .result = {{"holds", Type::boolean()}},
                         .evaluate = [type, pattern](std::span<const ColumnView> arguments,
                                                     std::size_t rows, ColumnWriter& result) {
                           const ColumnView& texts = arguments[0];
                           for (std::size_t row = 0; row < rows; ++row) {
                             if (texts.is_null(row))
                               result.set_null(row);
                             else
                               result.as<bool>()[row] =
                                   is_value(texts.as<StringRef>()[row].view(), type, pattern);
                           }
                         }});
  }

  Options options_;
  std::string column_;
  std::string pattern_;
};

}  // namespace

void register_type_is(Registry<CheckType>& checks) {
  checks.add({
      .name = "type_is",
      .summary = "Every text of a column is a value of a type, as an extract would read it.",
      .options = {{"column", OptionKind::column, "Text column to look at.", true},
                  {"is", OptionKind::text,
                   "integer, decimal(p,s), ratio, date, timestamp or boolean.", true},
                  {"pattern", OptionKind::text,
                   "How a date or timestamp is written: %Y %m %d %H %M %S and literal text.", false,
                   "ISO"}},
      .make = [](const Options& options) { return std::make_unique<TypeIs>(options); },
  });
}

}  // namespace tallymill
