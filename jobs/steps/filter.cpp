#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

/// Keeps rows for which the condition is true; false and unknown leave, as in SQL's WHERE.
class Filter final : public Step {
 public:
  explicit Filter(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const std::string sql = options_.text("keep");
    const std::string reason = reason_code(options_, "filtered", flow.context().diagnostics());
    const auto bound = flow.bind(sql, Type::boolean(), options_.position("keep"));
    if (!bound) return;
    const CleanseFlow::Guarded kept = flow.keep_guarded(*bound);
    // Whether to keep such a row nobody can say, so somebody has to look at it.
    flow.mark({.reason = "CASE WHEN " + kept.failed + " THEN 'not_computable' END",
               .message = quote_literal("the condition cannot be computed: " + sql)});
    flow.mark({.leaving = Leaving::filtered,
               .reason = "CASE WHEN NOT " + kept.failed + " AND " + kept.value +
                         " IS NOT true THEN " + quote_literal(reason) + " END",
               .message = quote_literal("not: " + sql)});
  }

 private:
  Options options_;
};

}  // namespace

void register_filter(Registry<StepType>& steps) {
  steps.add({
      .name = "filter",
      .summary = "Keeps the rows a condition is true for; the others leave as filtered.",
      .options = {{.name = "keep",
                   .kind = OptionKind::expression,
                   .summary = "Condition over the columns so far.",
                   .required = true},
                  {.name = "reason",
                   .kind = OptionKind::text,
                   .summary = "Code of the rows that leave.",
                   .default_text = "filtered"}},
      .main = "keep",
      .is_idempotent = true,
      .evidence = "filtered",
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Filter>(options);
      },
  });
}

}  // namespace tallymill
