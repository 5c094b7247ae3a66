#include "core/text.h"
#include "jobs/step.h"

namespace tallymill {
namespace {

class Case final : public Step {
 public:
  explicit Case(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const std::string key = options_.has("column") ? "column" : "columns";
    if (options_.has("column") == options_.has("columns")) {
      flow.context().diagnostics().error(options_.position(key),
                                         "step 'case' needs either 'column' or 'columns'");
      return;
    }
    const std::string function = options_.text("to");
    for (const std::string& name : options_.columns(key))
      if (const auto column = flow.text_column(name, options_.position(key)))
        flow.set(*column, function + "(" + quote_identifier(name) + ")");
  }

 private:
  Options options_;
};

}  // namespace

void register_case(Registry<StepType>& steps) {
  steps.add({
      .name = "case",
      .summary = "Makes texts upper or lower case, by Unicode.",
      .options = {{.name = "column",
                   .kind = OptionKind::column,
                   .summary = "Text column to change."},
                  {.name = "columns",
                   .kind = OptionKind::columns,
                   .summary = "Text columns to change, instead of column."},
                  {.name = "to",
                   .kind = OptionKind::choice,
                   .summary = "The case they get.",
                   .required = true,
                   .choices = {"upper", "lower"}}},
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Case>(options);
      },
  });
}

}  // namespace tallymill
