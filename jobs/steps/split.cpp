#include <algorithm>

#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

class Split final : public Step {
 public:
  explicit Split(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto column = flow.text_column(options_.text("column"), options_.position("column"));
    if (!column || !has_sound_options(flow)) return;
    const std::vector<std::string> names = options_.columns("into");
    const std::string by = quote_literal(options_.text("by"));
    const std::string parts =
        flow.keep("string_split(" + quote_identifier(column->name) + ", " + by + ")");
    const std::string count = std::to_string(names.size());
    const bool keeps_rest = options_.text("surplus", "reject") == "last";
    if (!keeps_rest)
      flow.mark({.reason = "CASE WHEN len(" + parts + ") > " + count + " THEN " +
                           quote_literal(reason_code(options_, "surplus_parts",
                                                     flow.context().diagnostics())) +
                           " END",
                 .message = quote_literal(column->name + " ") + " || " + shown_value_sql(*column) +
                            " || ' has ' || len(" + parts + ") || ' parts, not " + count + "'"});
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string place = std::to_string(i + 1);
      const bool takes_rest = keeps_rest && i + 1 == names.size();
      const std::string part = takes_rest
                                   ? "array_to_string(" + parts + "[" + place + ":], " + by + ")"
                                   : "list_extract(" + parts + ", " + place + ")";
      // A part that is not there is missing, not empty.
      flow.set({.name = names[i], .type = Type::text(), .sensitive = column->sensitive},
               takes_rest ? "CASE WHEN len(" + parts + ") >= " + place + " THEN " + part + " END"
                          : part);
    }
  }

 private:
  bool has_sound_options(CleanseFlow& flow) const {
    Diagnostics problems;
    const std::vector<std::string> names = options_.columns("into");
    if (options_.text("by").empty())
      problems.error(options_.position("by"), "step 'split' needs a separator, not an empty text");
    bool is_sound = true;
    for (const std::string& name : names) {
      if (name == options_.text("column"))
        problems.error(options_.position("into"),
                       "step 'split' cannot write into '" + name + "', the column it reads");
      else if (std::count(names.begin(), names.end(), name) > 1)
        problems.error(options_.position("into"), "column '" + name + "' stands twice in 'into'");
      else if (flow.schema().find(name) == nullptr)
        is_sound = flow.may_be_named(name, options_.position("into")) && is_sound;
    }
    flow.context().diagnostics().add_all(problems);
    return is_sound && !problems.has_errors();
  }

  Options options_;
};

}  // namespace

void register_split(Registry<StepType>& steps) {
  steps.add({
      .name = "split",
      .summary = "Cuts a text into columns at a separator.",
      .options =
          {{.name = "column",
            .kind = OptionKind::column,
            .summary = "Text column to cut.",
            .required = true},
           {.name = "by", .kind = OptionKind::text, .summary = "The separator.", .required = true},
           {.name = "into",
            .kind = OptionKind::columns,
            .summary = "Columns of the parts, in order.",
            .required = true},
           {.name = "surplus",
            .kind = OptionKind::choice,
            .summary = "What more parts than columns mean: reject the row, or leave them in the "
                       "last column.",
            .default_text = "reject",
            .choices = {"reject", "last"}},
           {.name = "reason",
            .kind = OptionKind::text,
            .summary = "Code of the rejects.",
            .default_text = "surplus_parts"}},
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Split>(options);
      },
  });
}

}  // namespace tallymill
