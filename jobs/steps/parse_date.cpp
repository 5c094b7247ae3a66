#include "core/text.h"
#include "core/time/written_date.h"
#include "jobs/parse_functions.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

std::vector<std::string> default_forms() {
  return {"%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"};
}

class ParseDate final : public Step {
 public:
  explicit ParseDate(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const SourcePosition where = options_.position("columns");
    if (!has_sound_forms(flow)) return;
    for (const std::string& name : options_.columns("columns")) {
      auto column = flow.column(name, where);
      if (!column || column->type.kind == TypeKind::date) continue;  // read before
      if (column->type.kind == TypeKind::text)
        parse(flow, *column);
      else
        flow.text_column(name, where);
    }
  }

 private:
  std::vector<std::string> forms() const {
    return options_.has("forms") ? options_.texts("forms") : default_forms();
  }

  bool has_sound_forms(CleanseFlow& flow) const {
    bool is_sound = true;
    for (const YamlNode& node : options_.list("forms")) {
      const std::string problem = WrittenDate::form_problem(node.text());
      if (problem.empty()) continue;
      flow.context().diagnostics().error(
          node.position(), "'" + std::string(node.text()) + "' is no form of a date: " + problem,
          "or one of excel, epoch_s, epoch_ms");
      is_sound = false;
    }
    return is_sound;
  }

  void parse(CleanseFlow& flow, Column column) const {
    const bool takes_first = options_.text("ambiguous", "reject") == "first";
    const std::string parsed = flow.keep(written_date_sql(
        flow.context().engine(), forms(), takes_first, quote_identifier(column.name)));
    const std::string problem = "struct_extract(" + parsed + ", 'problem')";
    flow.mark({.reason = problem,
               .message = quote_literal(column.name + " ") + " || " + shown_value_sql(column) +
                          " || CASE WHEN " + problem +
                          " = 'ambiguous' THEN ' may be two dates' ELSE ' is no date' END"});
    column.type = Type::date();
    flow.set(column, "struct_extract(" + parsed + ", 'value')");
  }

  Options options_;
};

}  // namespace

void register_parse_date(Registry<StepType>& steps) {
  steps.add({
      .name = "parse_date",
      .summary = "Reads dates that were written in many forms; texts that are none are rejected.",
      .options =
          {{.name = "columns",
            .kind = OptionKind::columns,
            .summary = "Text columns to read.",
            .required = true},
           {.name = "forms",
            .kind = OptionKind::list,
            .summary = "Patterns of %Y %m %d %H %M %S, or excel, epoch_s, epoch_ms.",
            .default_text = "2024-03-01, 2024/3/1, 2024.3.1, 20240301, 2024年3月1日",
            .fields = {{.name = "form", .kind = OptionKind::text}}},
           {.name = "ambiguous",
            .kind = OptionKind::choice,
            .summary =
                "A text that two forms read as two days: reject it, or take the first form's.",
            .default_text = "reject",
            .choices = {"reject", "first"}}},
      .main = "columns",
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<ParseDate>(options);
      },
  });
}

}  // namespace tallymill
