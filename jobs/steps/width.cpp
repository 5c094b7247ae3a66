#include "core/text.h"
#include "jobs/step.h"
#include "jobs/text_functions.h"

namespace tallymill {
namespace {

class Width final : public Step {
 public:
  explicit Width(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    for (const std::string& name : options_.columns("columns"))
      if (const auto column = flow.text_column(name, options_.position("columns")))
        flow.set(*column, half_width_sql(flow.context().engine(), quote_identifier(name)));
  }

 private:
  Options options_;
};

}  // namespace

void register_width(Registry<StepType>& steps) {
  steps.add({
      .name = "width",
      .summary = "Makes full-width letters, digits and signs the half-width ASCII they stand for.",
      .options = {{.name = "columns",
                   .kind = OptionKind::columns,
                   .summary = "Text columns to fold.",
                   .required = true}},
      .main = "columns",
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Width>(options);
      },
  });
}

}  // namespace tallymill
