#include "core/text.h"
#include "core/unicode.h"
#include "jobs/step.h"
#include "jobs/text_functions.h"

namespace tallymill {
namespace {

class Script final : public Step {
 public:
  explicit Script(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const bool is_traditional = options_.text("to", "simplified") == "traditional";
    const ChineseScript script =
        is_traditional ? ChineseScript::traditional : ChineseScript::simplified;
    for (const std::string& name : options_.columns("columns"))
      if (const auto column = flow.text_column(name, options_.position("columns")))
        flow.set(*column,
                 text_function_sql(
                     flow.context().engine(), is_traditional ? "tm_traditional" : "tm_simplified",
                     [script](std::string_view text) { return to_script(text, script); },
                     quote_identifier(name), false));
  }

 private:
  Options options_;
};

}  // namespace

void register_script(Registry<StepType>& steps) {
  steps.add({
      .name = "script",
      .summary = "Writes Chinese in simplified or in traditional characters.",
      .options = {{.name = "columns",
                   .kind = OptionKind::columns,
                   .summary = "Text columns to write anew.",
                   .required = true},
                  {.name = "to",
                   .kind = OptionKind::choice,
                   .summary = "The script they get.",
                   .default_text = "simplified",
                   .choices = {"simplified", "traditional"}}},
      .main = "columns",
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Script>(options);
      },
  });
}

}  // namespace tallymill
