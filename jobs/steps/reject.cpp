#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

/// Rejects rows for which the condition is true; an unknown condition rejects nothing.
class Reject final : public Step {
 public:
  explicit Reject(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const std::string sql = options_.text("when");
    const std::string reason = reason_code(options_, "rejected", flow.context().diagnostics());
    const auto bound = flow.bind(sql, Type::boolean(), options_.position("when"));
    if (!bound) return;
    const CleanseFlow::Guarded rejected = flow.keep_guarded(*bound);
    flow.mark({.reason = "CASE WHEN " + rejected.failed + " THEN 'not_computable' WHEN " +
                         rejected.value + " THEN " + quote_literal(reason) + " END",
               .message = "CASE WHEN " + rejected.failed + " THEN " +
                          quote_literal("the condition cannot be computed: " + sql) + " ELSE " +
                          quote_literal(options_.text("message", sql)) + " END"});
  }

 private:
  Options options_;
};

}  // namespace

void register_reject(Registry<StepType>& steps) {
  steps.add({
      .name = "reject",
      .summary = "Rejects the rows a condition is true for.",
      .options = {{.name = "when",
                   .kind = OptionKind::expression,
                   .summary = "Condition over the columns so far.",
                   .required = true},
                  {.name = "reason",
                   .kind = OptionKind::text,
                   .summary = "Code of the rejects.",
                   .default_text = "rejected"},
                  {.name = "message",
                   .kind = OptionKind::text,
                   .summary = "A sentence for whoever mends the row.",
                   .default_text = "the condition"}},
      .main = "when",
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Reject>(options);
      },
  });
}

}  // namespace tallymill
