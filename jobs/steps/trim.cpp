#include "core/text.h"
#include "jobs/step.h"
#include "jobs/text_functions.h"

namespace tallymill {
namespace {

class Trim final : public Step {
 public:
  explicit Trim(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    for (const std::string& name : options_.columns("columns"))
      if (const auto column = flow.text_column(name, options_.position("columns")))
        flow.set(*column, trim_blanks_sql(flow.context().engine(), quote_identifier(name)));
  }

 private:
  Options options_;
};

}  // namespace

void register_trim(Registry<StepType>& steps) {
  steps.add({
      .name = "trim",
      .summary = "Cuts blanks off both ends of texts, full-width and no-break ones too.",
      .options = {{.name = "columns",
                   .kind = OptionKind::columns,
                   .summary = "Text columns to trim.",
                   .required = true}},
      .main = "columns",
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Trim>(options);
      },
  });
}

}  // namespace tallymill
