#include "core/text.h"
#include "jobs/parse_functions.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

/// Signs of the workspace's money; of another currency a number says another thing.
std::vector<std::string> default_currencies() { return {"¥", "￥", "CNY", "RMB", "人民币", "元"}; }

class ParseNumber final : public Step {
 public:
  explicit ParseNumber(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto type = target(flow);
    const auto signs = type ? number_signs(flow, *type) : std::nullopt;
    if (!signs) return;
    const SourcePosition where = options_.position("columns");
    for (const std::string& name : options_.columns("columns")) {
      auto column = flow.column(name, where);
      if (!column || column->type == *type) continue;  // read before
      if (column->type.kind == TypeKind::text)
        parse(flow, *column, *type, *signs);
      else
        flow.text_column(name, where);
    }
  }

 private:
  std::optional<Type> target(CleanseFlow& flow) const {
    const std::string word = options_.text("to");
    auto type = type_from_word(word, flow.context().task().currency_scale);
    if (type && (type->is_decimal() || type->kind == TypeKind::integer)) return type;
    flow.context().diagnostics().error(options_.position("to"),
                                       "'" + word + "' is no type of a number",
                                       "use integer, money, decimal(p,s) or ratio");
    return std::nullopt;
  }

  std::optional<NumberSigns> number_signs(CleanseFlow& flow, const Type& type) const {
    NumberSigns signs;
    const bool has_comma = options_.text("point", ".") == ",";
    signs.point = has_comma ? ',' : '.';
    const std::string thousands = options_.text("thousands", has_comma ? "." : ",");
    signs.thousands = thousands.empty() ? '\0' : thousands.front();
    if (thousands.size() > 1 || signs.thousands == signs.point ||
        (!thousands.empty() &&
         std::string_view(",.' ").find(thousands) == std::string_view::npos)) {
      flow.context().diagnostics().error(
          options_.position(options_.has("thousands") ? "thousands" : "point"),
          "'" + thousands + "' cannot separate thousands where the point is '" +
              std::string(1, signs.point) + "'",
          "use ',', '.', \"'\", ' ' or nothing");
      return std::nullopt;
    }
    signs.allows_percent = type.kind == TypeKind::ratio || type.kind == TypeKind::decimal;
    signs.currencies = options_.has("currency") ? options_.texts("currency") : default_currencies();
    return signs;
  }

  static void parse(CleanseFlow& flow, Column column, const Type& type, const NumberSigns& signs) {
    const std::string parsed = flow.keep(
        written_number_sql(flow.context().engine(), type, signs, quote_identifier(column.name)));
    const std::string problem = "struct_extract(" + parsed + ", 'problem')";
    flow.mark({.reason = problem,
               .message = quote_literal(column.name + " ") + " || " + shown_value_sql(column) +
                          " || CASE WHEN " + problem +
                          " = 'ambiguous' THEN ' may be two numbers' ELSE " +
                          quote_literal(" is no " + type.name()) + " END"});
    column.type = type;
    flow.set(column, "struct_extract(" + parsed + ", 'value')");
  }

  Options options_;
};

}  // namespace

void register_parse_number(Registry<StepType>& steps) {
  steps.add({
      .name = "parse_number",
      .summary =
          "Reads numbers and amounts as people write them; texts that are none are rejected.",
      .options =
          {{.name = "columns",
            .kind = OptionKind::columns,
            .summary = "Text columns to read.",
            .required = true},
           {.name = "to",
            .kind = OptionKind::text,
            .summary = "integer, money, decimal(p,s) or ratio.",
            .required = true},
           {.name = "point",
            .kind = OptionKind::choice,
            .summary = "The decimal point.",
            .default_text = "'.'",
            .choices = {".", ","}},
           {.name = "thousands",
            .kind = OptionKind::text,
            .summary = "What separates groups of three digits; empty: nothing does.",
            .default_text = "the other of ',' and '.'"},
           {.name = "currency",
            .kind = OptionKind::list,
            .summary =
                "Currency signs that may stand before or behind; any other makes it no number.",
            .default_text = "¥, ￥, CNY, RMB, 人民币, 元",
            .fields = {{.name = "sign", .kind = OptionKind::text}}}},
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<ParseNumber>(options);
      },
  });
}

}  // namespace tallymill
