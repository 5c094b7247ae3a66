#include "core/text.h"
#include "jobs/step.h"
#include "jobs/step_values.h"
#include "jobs/verdict_function.h"

namespace tallymill {
namespace {

std::string field(const std::string& value, const std::string& name) {
  return "struct_extract(" + value + ", " + quote_literal(name) + ")";
}

class RuleStep final : public Step {
 public:
  explicit RuleStep(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    JobContext& context = flow.context();
    const SourcePosition where = options_.position("name");
    const RuleInfo* rule = context.rule(options_.text("name"), where);
    if (rule == nullptr) return;
    if (rule->kind == RuleKind::driver || rule->kind == RuleKind::threshold) {
      context.diagnostics().error(
          where, "rule '" + rule->name + "' is a " + std::string(to_string(rule->kind)) + " rule",
          "a 'rule' step takes transform, classify and check rules");
      return;
    }
    const auto call =
        context.rules().bind({rule->name}, flow.schema(), rule_params(context, options_, "params"),
                             where, context.diagnostics());
    if (!call) return;
    // What has left by then is nobody's concern any more.
    context.note_rule_site({.rule = rule->name,
                            .relation = flow.rows(),
                            .condition = "not " + flow.is_marked(),
                            .row = flow.schema(),
                            .params = rule_params(context, options_, "params"),
                            .where = where});
    flow.store_rows();
    flow.tally("rule " + rule->name + " not applicable", not_applicable_sql(*rule));
    const std::string result = flow.keep(call->expression);
    if (rule->kind == RuleKind::check)
      judge(flow, *rule, result);
    else
      assign(flow, *rule, result);
  }

 private:
  static void judge(CleanseFlow& flow, const RuleInfo& rule, const std::string& result) {
    const std::string verdict =
        flow.keep(verdict_sql(flow.context().engine(), field(result, "verdicts")));
    flow.tally("rule " + rule.name + " warned", field(verdict, "warned"));
    flow.mark({.reason = field(verdict, "reason"),
               .reasons = field(verdict, "reasons"),
               .message = field(verdict, "message")});
  }

  /// Sets what the rule gives back. Where a column it needs is missing the rule said nothing, and
  /// columns stay as they were.
  void assign(CleanseFlow& flow, const RuleInfo& rule, const std::string& result) const {
    flow.mark(
        {.reason = "CASE WHEN " + field(result, "error") + " IS NOT NULL THEN 'rule_error' END",
         .message = field(result, "error")});
    const bool labels = rule.kind == RuleKind::classify;
    const std::vector<Column> returned =
        labels
            ? std::vector<Column>{{.name = options_.text("into", rule.name), .type = Type::text()}}
            : rule.returns;
    // Kept first: a rule may set the very columns it needs.
    const std::string is_silent = flow.keep(not_applicable_sql(rule));
    for (Column column : returned) {
      const std::string value = field(result, labels ? "label" : column.name);
      const Column* old = flow.schema().find(column.name);
      if (old == nullptr && !flow.may_be_named(column.name, options_.position("name"))) continue;
      std::string otherwise = "NULL";
      if (old != nullptr) {
        column.sensitive = old->sensitive;
        if (old->type == column.type) otherwise = quote_identifier(column.name);
      }
      flow.set(column, "CASE WHEN " + is_silent + " THEN " + otherwise + " ELSE " + value + " END");
    }
  }

  Options options_;
};

}  // namespace

void register_rule(Registry<StepType>& steps) {
  steps.add({
      .name = "rule",
      .summary = "Runs a Lua rule: transform and classify set columns, check rejects rows.",
      .options = {{.name = "name",
                   .kind = OptionKind::name,
                   .summary = "rules/<name>.lua.",
                   .required = true},
                  {.name = "params",
                   .kind = OptionKind::map,
                   .summary = "Values of the rule's parameters; param(name) for the run's.",
                   .fields = {{.name = "parameter", .kind = OptionKind::text}}},
                  {.name = "into",
                   .kind = OptionKind::column,
                   .summary = "Column that gets the label of a classify rule.",
                   .default_text = "the rule's name"}},
      .main = "name",
      .files =
          [](const Options& options) {
            return std::vector<FileUse>{
                {"rules/" + options.text("name") + ".lua", options.position("name")}};
          },
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<RuleStep>(options);
      },
  });
}

}  // namespace tallymill
