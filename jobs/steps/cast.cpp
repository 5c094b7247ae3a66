#include "core/text.h"
#include "jobs/parse_functions.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

/// True if every value of `from` is one of `to`, so that no row can fail.
bool widens(const Type& from, const Type& to) {
  if (to.kind == TypeKind::text) return true;
  constexpr int kIntegerDigits = 19;
  const auto whole_digits = [](const Type& type) {
    return type.is_decimal() ? type.precision - type.scale : kIntegerDigits;
  };
  const bool is_number = from.is_decimal() || from.kind == TypeKind::integer;
  return is_number && to.is_decimal() && from.scale <= to.scale &&
         whole_digits(from) <= whole_digits(to);
}

class Cast final : public Step {
 public:
  explicit Cast(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto column = flow.column(options_.text("column"), options_.position("column"));
    const auto type = target(flow);
    if (!column || !type) return;
    if (column->type == *type) return;  // read before
    if (column->type.kind == TypeKind::text)
      parse(flow, *column, *type);
    else
      convert(flow, *column, *type);
  }

 private:
  std::optional<Type> target(CleanseFlow& flow) const {
    const std::string word = options_.text("to");
    const SourcePosition where = options_.position("to");
    Diagnostics& diagnostics = flow.context().diagnostics();
    if (word == "enum") {
      Type type{TypeKind::enumeration, 0, 0, options_.texts("values")};
      if (!type.values.empty()) return type;
      diagnostics.error(where, "an enum needs the list of its values", "add 'values: [...]'");
      return std::nullopt;
    }
    auto type = type_from_word(word, flow.context().task().currency_scale);
    if (!type) {
      diagnostics.error(
          where, "unknown type '" + word + "'",
          "use integer, money, decimal(p,s), ratio, date, timestamp, boolean, enum or text");
      return std::nullopt;
    }
    if (options_.has("format") &&
        !is_sound_format(*type, options_.text("format"), options_.position("format"), diagnostics))
      return std::nullopt;
    return type;
  }

  void parse(CleanseFlow& flow, Column column, const Type& type) const {
    const std::string parsed = flow.keep(parse_sql(
        flow.context().engine(), type, options_.text("format"), quote_identifier(column.name)));
    const std::string problem = "struct_extract(" + parsed + ", 'problem')";
    flow.mark({.reason = problem,
               .message = quote_literal(column.name + " ") + " || " + shown_value_sql(column) +
                          " || " + quote_literal(" is no " + type.name())});
    column.type = type;
    flow.set(column, "struct_extract(" + parsed + ", 'value')");
  }

  void convert(CleanseFlow& flow, Column column, const Type& type) const {
    if (!widens(column.type, type)) {
      flow.context().diagnostics().error(
          options_.position("to"),
          "column '" + column.name + "' is " + column.type.name() + " and cannot become " +
              type.name() + " without loss",
          "cast reads texts and widens numbers; narrow with round_money() in a 'derive' step");
      return;
    }
    column.type = type;
    flow.set(column, "CAST(" + quote_identifier(column.name) + " AS " + type.sql() + ")");
  }

  Options options_;
};

}  // namespace

void register_cast(Registry<StepType>& steps) {
  steps.add({
      .name = "cast",
      .summary = "Reads a text as a value, strictly; rows whose text is none are rejected.",
      .options = {{.name = "column",
                   .kind = OptionKind::column,
                   .summary = "Column to read.",
                   .required = true},
                  {.name = "to",
                   .kind = OptionKind::text,
                   .summary =
                       "integer, money, decimal(p,s), ratio, date, timestamp, boolean, enum.",
                   .required = true},
                  {.name = "format",
                   .kind = OptionKind::text,
                   .summary = "Pattern of a date or timestamp: %Y %m %d %H %M %S and literal text.",
                   .default_text = "ISO 8601"},
                  {.name = "values",
                   .kind = OptionKind::list,
                   .summary = "The values of an enum.",
                   .fields = {{.name = "value", .kind = OptionKind::text}}}},
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Cast>(options);
      },
  });
}

}  // namespace tallymill
