#include "core/text.h"
#include "jobs/step.h"

namespace tallymill {
namespace {

class Join final : public Step {
 public:
  explicit Join(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const std::string into = options_.text("into");
    std::vector<std::string> parts;
    bool is_sensitive = false;
    for (const std::string& name : options_.columns("columns")) {
      const auto column = flow.column(name, options_.position("columns"));
      if (!column) return;
      is_sensitive = is_sensitive || column->sensitive;
      parts.push_back("CAST(" + quote_identifier(name) + " AS VARCHAR)");
      if (name != into) continue;
      flow.context().diagnostics().error(
          options_.position("into"),
          "step 'join' cannot write into '" + name + "', a column it reads",
          "a second run would join again");
      return;
    }
    if (flow.schema().find(into) == nullptr && !flow.may_be_named(into, options_.position("into")))
      return;
    // Missing parts leave no separator behind; nothing at all stays missing.
    flow.set({.name = into, .type = Type::text(), .sensitive = is_sensitive},
             "CASE WHEN coalesce(" + join(parts, ", ") + ") IS NOT NULL THEN concat_ws(" +
                 quote_literal(options_.text("with")) + ", " + join(parts, ", ") + ") END");
  }

 private:
  Options options_;
};

}  // namespace

void register_join(Registry<StepType>& steps) {
  steps.add({
      .name = "join",
      .summary = "Puts the values of columns together into one text.",
      .options = {{.name = "columns",
                   .kind = OptionKind::columns,
                   .summary = "Columns to join, in order.",
                   .required = true},
                  {.name = "into",
                   .kind = OptionKind::column,
                   .summary = "Column that gets the text.",
                   .required = true},
                  {.name = "with",
                   .kind = OptionKind::text,
                   .summary = "What stands between two values.",
                   .default_text = "nothing"}},
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Join>(options);
      },
  });
}

}  // namespace tallymill
