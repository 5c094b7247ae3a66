#include "core/text.h"
#include "jobs/step.h"
#include "jobs/text_functions.h"

namespace tallymill {
namespace {

class Blanks final : public Step {
 public:
  explicit Blanks(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const bool keeps_one = options_.text("keep", "one") == "one";
    for (const std::string& name : options_.columns("columns"))
      if (const auto column = flow.text_column(name, options_.position("columns")))
        flow.set(*column, text_function_sql(
                              flow.context().engine(), keeps_one ? "tm_one_blank" : "tm_no_blanks",
                              keeps_one ? one_blank : no_blanks, quote_identifier(name)));
  }

 private:
  Options options_;
};

}  // namespace

void register_blanks(Registry<StepType>& steps) {
  steps.add({
      .name = "blanks",
      .summary = "Makes each run of white space one space, or leaves none.",
      .options = {{.name = "columns",
                   .kind = OptionKind::columns,
                   .summary = "Text columns to change.",
                   .required = true},
                  {.name = "keep",
                   .kind = OptionKind::choice,
                   .summary = "one space between words and none at the ends, or none at all.",
                   .default_text = "one",
                   .choices = {"one", "none"}}},
      .main = "columns",
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Blanks>(options);
      },
  });
}

}  // namespace tallymill
