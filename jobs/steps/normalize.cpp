#include "core/text.h"
#include "core/unicode.h"
#include "jobs/step.h"
#include "jobs/text_functions.h"

namespace tallymill {
namespace {

class Normalize final : public Step {
 public:
  explicit Normalize(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const bool is_compatible = options_.text("form", "nfc") == "nfkc";
    const UnicodeForm form = is_compatible ? UnicodeForm::nfkc : UnicodeForm::nfc;
    for (const std::string& name : options_.columns("columns"))
      if (const auto column = flow.text_column(name, options_.position("columns")))
        flow.set(*column,
                 text_function_sql(
                     flow.context().engine(), is_compatible ? "tm_nfkc" : "tm_nfc",
                     [form](std::string_view text) { return normalize_unicode(text, form); },
                     quote_identifier(name), false));
  }

 private:
  Options options_;
};

}  // namespace

void register_normalize(Registry<StepType>& steps) {
  steps.add({
      .name = "normalize",
      .summary = "Writes each character in one way, by Unicode normal forms.",
      .options = {{.name = "columns",
                   .kind = OptionKind::columns,
                   .summary = "Text columns to normalize.",
                   .required = true},
                  {.name = "form",
                   .kind = OptionKind::choice,
                   .summary =
                       "nfc keeps what is seen; nfkc also makes plain what only looks different.",
                   .default_text = "nfc",
                   .choices = {"nfc", "nfkc"}}},
      .main = "columns",
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Normalize>(options);
      },
  });
}

}  // namespace tallymill
