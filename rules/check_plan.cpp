#include "rules/check_plan.h"

#include <algorithm>
#include <map>

#include "core/money.h"
#include "rules/check_conflicts.h"
#include "rules/group_pass.h"

namespace tallymill {
namespace {

bool shows_sensitive(const CheckPlan& plan, const Schema& schema) {
  return std::any_of(plan.columns.begin(), plan.columns.end(), [&](const std::string& name) {
    const Column* column = schema.find(name);
    return column != nullptr && column->sensitive;
  });
}

/// The declared amount and its limits, read by the column's type.
std::optional<AmountLimit> amount_limit(const CheckSettings& settings, CheckContext& context) {
  if (settings.amount.empty()) return std::nullopt;
  const Column* column = context.column(settings.amount, settings.amount_position);
  if (column == nullptr) return std::nullopt;
  if (!column->type.is_summable()) {
    context.diagnostics().error(settings.amount_position,
                                "column '" + column->name + "' is " + column->type.name() +
                                    "; 'amount' takes integer, money or decimal");
    return std::nullopt;
  }
  AmountLimit limit{column->name, column->type.scale, std::nullopt, settings.max_amount_ratio};
  if (settings.max_failed_amount.empty()) return limit;
  const SourcePosition& where = settings.max_failed_amount_position;
  const auto text = context.expand(settings.max_failed_amount, where);
  if (!text) return limit;
  const auto most = parse_decimal(*text, 38, limit.scale, true);
  if (most && most.value >= 0) {
    limit.most = most.value;
  } else {
    context.diagnostics().error(where, "option 'max_failed_amount' must be a number with at most " +
                                           std::to_string(limit.scale) +
                                           " fraction digits and not negative; got '" + *text +
                                           "'");
  }
  return limit;
}

/// The rules of one call; a rule stands in it once.
struct RuleCallPlan {
  std::vector<std::string> rules;
  std::map<std::string, std::string> params;  ///< by rule.name
  SourcePosition where;                       ///< of the first
  const PlannedCheck* group = nullptr;        ///< the check of a group rule, which is alone
};

/// A rule's first use goes to the first call, its second use to the second.
std::vector<RuleCallPlan> share_calls(std::vector<PlannedCheck>& checks) {
  std::vector<RuleCallPlan> calls;
  std::map<std::string, std::size_t> uses;
  for (PlannedCheck& check : checks) {
    const auto* finding = std::get_if<RuleFinding>(&check.plan.fails);
    if (finding == nullptr || finding->sees_groups) continue;
    check.rule_call = uses[finding->rule]++;
    if (check.rule_call == calls.size()) calls.emplace_back().where = check.settings().position;
    RuleCallPlan& call = calls[check.rule_call];
    check.rule_slot = call.rules.size();
    call.rules.push_back(finding->rule);
    for (const auto& [name, value] : finding->params)
      call.params.emplace(finding->rule + "." + name, value);
  }
  for (PlannedCheck& check : checks) {
    const auto* finding = std::get_if<RuleFinding>(&check.plan.fails);
    if (finding == nullptr || !finding->sees_groups) continue;
    check.rule_call = calls.size();
    calls.push_back({{finding->rule}, finding->params, check.settings().position, &check});
  }
  return calls;
}

}  // namespace

PlannedSuite plan_suite(const std::vector<SuiteCheck>& suite, CheckContext& context) {
  PlannedSuite planned;
  planned.checks.reserve(suite.size());
  for (const SuiteCheck& check : suite) {
    PlannedCheck& entry = planned.checks.emplace_back();
    entry.check = &check;
    const std::size_t errors_before = context.diagnostics().sorted().size();
    entry.plan = check.check->plan(context);
    const bool is_planned = context.diagnostics().sorted().size() == errors_before;
    entry.amount = amount_limit(check.settings, context);
    if (std::holds_alternative<WholeDataset>(entry.plan.fails) && check.settings.has_tolerance() &&
        is_planned)
      context.diagnostics().error(
          check.settings.position,
          "'" + check.settings.name + "' judges the dataset as a whole: no single row can fail",
          "leave out its tolerances");
    if (std::holds_alternative<WholeDataset>(entry.plan.fails) && check.settings.rejects() &&
        is_planned)
      context.diagnostics().error(
          check.settings.on_fail_position,
          "'" + check.settings.name + "' judges the dataset as a whole: it has no rows to reject",
          "block or fail");
    entry.is_masked = shows_sensitive(entry.plan, context.schema());
    if (entry.amount && context.schema().find(entry.amount->column)->sensitive)
      entry.is_masked = true;
    if (check.settings.where.empty()) continue;
    if (auto where = context.condition(check.settings.where, check.settings.where_position))
      entry.where = std::move(*where);
  }
  report_conflicts(planned, context);
  // A rule that lacks a column was reported by its check; binding would report it once more.
  if (context.diagnostics().has_errors()) return planned;
  for (const RuleCallPlan& call : share_calls(planned.checks)) {
    if (call.group != nullptr) {
      const auto pass = context.rules().bind_group(call.rules.front(), context.schema(),
                                                   call.params, call.where, context.diagnostics());
      planned.rule_calls.push_back(pass == nullptr ? "null" : pass->expression());
      if (pass != nullptr) planned.group_runs.push_back({pass, call.group->where});
      continue;
    }
    const auto bound = context.rules().bind(call.rules, context.schema(), call.params, call.where,
                                            context.diagnostics());
    planned.rule_calls.push_back(bound ? "(" + bound->expression + ").verdicts" : "null");
  }
  return planned;
}

}  // namespace tallymill
