#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

/// Only a missing value is replaced: an empty text is a value.
class Default final : public Step {
 public:
  explicit Default(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const auto column = flow.column(options_.text("column"), options_.position("column"));
    if (!column) return;
    const SourcePosition where = options_.position("value");
    const auto text = value_text(flow.context(), options_.text("value"), where);
    if (!text) return;
    const auto literal = literal_sql(column->type, *text, where, flow.context().diagnostics());
    if (literal)
      flow.set(*column, "coalesce(" + quote_identifier(column->name) + ", " + *literal + ")");
  }

 private:
  Options options_;
};

}  // namespace

void register_default(Registry<StepType>& steps) {
  steps.add({
      .name = "default",
      .summary = "Puts a value where a column has none.",
      .options = {{.name = "column",
                   .kind = OptionKind::column,
                   .summary = "Column to fill.",
                   .required = true},
                  {.name = "value",
                   .kind = OptionKind::text,
                   .summary = "The value, of the column's type; param(name) for a parameter.",
                   .required = true}},
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Default>(options);
      },
  });
}

}  // namespace tallymill
