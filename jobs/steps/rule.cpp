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
    if (!is_step_kind(rule->kind)) {
      context.diagnostics().error(
          where, "rule '" + rule->name + "' is a " + std::string(to_string(rule->kind)) + " rule",
          "a 'rule' step takes transform, classify, score and check rules");
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
      assign(flow, *rule, given_by(*rule, *call), result);
  }

 private:
  static bool is_step_kind(RuleKind kind) {
    return kind == RuleKind::check || kind == RuleKind::transform || kind == RuleKind::classify ||
           kind == RuleKind::score;
  }

  /// A column the step sets, and the field of the rule's answer it comes from.
  struct Given {
    Column column;
    std::string field;
  };

  std::vector<Given> given_by(const RuleInfo& rule, const RuleCall& call) const {
    const std::string into = options_.text("into", rule.name);
    std::vector<Given> given;
    if (rule.kind == RuleKind::transform)
      for (const Column& column : rule.returns) given.push_back({column, column.name});
    if (rule.kind == RuleKind::classify)
      given.push_back({{.name = into, .type = Type::text()}, "label"});
    if (rule.kind == RuleKind::score) {
      given.push_back({{.name = into, .type = call.fields.front().type}, "score"});
      given.push_back({{.name = into + "_reasons", .type = Type::text()}, "reasons"});
    }
    return given;
  }

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
  void assign(CleanseFlow& flow, const RuleInfo& rule, const std::vector<Given>& given,
              const std::string& result) const {
    flow.mark(
        {.reason = "CASE WHEN " + field(result, "error") + " IS NOT NULL THEN 'rule_error' END",
         .message = field(result, "error")});
    // Kept first: a rule may set the very columns it needs.
    const std::string is_silent = flow.keep(not_applicable_sql(rule));
    for (const Given& each : given) {
      Column column = each.column;
      const std::string value = field(result, each.field);
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
      .summary = "Runs a Lua rule: transform, classify and score set columns, check rejects rows.",
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
                   .summary =
                       "Column that gets the label or score; <into>_reasons what adds to it.",
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
