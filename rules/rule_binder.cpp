#include "rules/rule_binder.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "rules/rule_value.h"

namespace tallymill {
namespace {

/// Whether a column of type `have` can feed a need of type `want`.
bool fits(const Type& want, const Type& have) {
  if (want.kind == TypeKind::text)
    return have.kind == TypeKind::text || have.kind == TypeKind::enumeration;
  if (want.kind != have.kind || want.scale != have.scale) return false;
  return want.kind != TypeKind::decimal || have.precision <= want.precision;
}

class Binder {
 public:
  Binder(const BindRequest& request, Diagnostics& diagnostics)
      : request_(request), diagnostics_(diagnostics), plan_(std::make_shared<RulePlan>()) {}

  std::shared_ptr<const RulePlan> bind() {
    plan_->kind = request_.rules.front()->info.kind;
    plan_->currency_scale = request_.currency_scale;
    plan_->limits = request_.limits;
    plan_->period = request_.period;
    plan_->has_provenance = request_.row->has_provenance;
    for (const auto& rule : request_.rules) add_rule(rule);
    for (const auto& [name, value] : *request_.params)
      if (!used_params_.contains(name)) report_unknown_param(name);
    if (failed_) return nullptr;
    plan_->finish();
    return plan_;
  }

 private:
  void report(std::string message, std::string hint = {}) {
    diagnostics_.error(request_.where, std::move(message), std::move(hint));
    failed_ = true;
  }

  void add_rule(const std::shared_ptr<const LoadedRule>& loaded) {
    const LoadedRule& rule = *loaded;
    PlanRule planned;
    planned.rule = loaded;
    planned.title = rule_title(rule.source);
    planned.outputs = rule_outputs(rule);
    planned.types = rule.param_types;
    if (rule.info.kind != plan_->kind)
      report(planned.title + " is a " + std::string(to_string(rule.info.kind)) + " rule, but " +
             rule_title(request_.rules.front()->source) + " beside it is a " +
             std::string(to_string(plan_->kind)) + " rule");
    for (const RuleNeed& need : rule.info.needs) add_need(planned, need);
    for (const Column& output : planned.outputs) add_output(planned, output);
    for (const auto& [name, value] : rule.info.params) override_param(planned, name);
    if (request_.takes_tables)
      for (const ParamLookup& lookup : rule.info.lookups)
        if (!planned.params.contains(lookup.param)) add_lookup(planned, lookup);
    plan_->rules.push_back(std::move(planned));
  }

  void add_need(PlanRule& planned, const RuleNeed& need) {
    const Column* column = request_.row->find(need.column);
    if (column == nullptr) {
      report(planned.title + " needs column '" + need.column + "', which the rows do not have",
             did_you_mean(need.column, request_.row->names()));
      return;
    }
    if (!fits(need.type, column->type)) {
      report(planned.title + " needs column '" + need.column + "' as " + need.type.name() +
             ", but it is " + column->type.name());
      return;
    }
    const std::size_t index = column_index(*column);
    if (need.optional)
      plan_->columns[index].optional = true;
    else
      planned.required.push_back(index);
  }

  std::size_t column_index(const Column& column) {
    auto& columns = plan_->columns;
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const PlanColumn& known) {
      return known.name == column.name;
    });
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
    columns.push_back({.name = column.name, .type = column.type, .sensitive = column.sensitive});
    return columns.size() - 1;
  }

  /// A parameter of a table is a column that the org of the row decides.
  void add_lookup(PlanRule& planned, const ParamLookup& lookup) {
    if (request_.period && !lookup.otherwise) {
      Diagnostics found;
      lookup.table->check_period(*request_.period, found);
      failed_ = failed_ || found.has_errors();
      diagnostics_.add_all(found);
    }
    // Two versions of a rule may see two versions of a table.
    std::string name = lookup.key();
    auto& columns = plan_->columns;
    auto found = std::find_if(columns.begin(), columns.end(), [&](const PlanColumn& known) {
      if (!known.lookup || known.lookup->key() != lookup.key()) return false;
      if (known.lookup->table->says_the_same(*lookup.table)) return true;
      name += " of another version";
      return false;
    });
    if (found == columns.end()) {
      columns.push_back({.name = name, .type = lookup.type});
      found = std::prev(columns.end());
      found->lookup = lookup;
    }
    found->feeds.push_back({plan_->rules.size(), lookup.param});
    planned.lookups.push_back(static_cast<std::size_t>(found - columns.begin()));
  }

  void add_output(const PlanRule& planned, const Column& output) {
    const bool is_known =
        std::any_of(plan_->outputs.begin(), plan_->outputs.end(),
                    [&](const Column& known) { return known.name == output.name; });
    if (is_known)
      report(planned.title + " gives column '" + output.name + "', which a rule before it gives");
    plan_->outputs.push_back(output);
  }

  void override_param(PlanRule& planned, const std::string& name) {
    const std::string qualified = planned.rule->info.name + "." + name;
    used_params_.insert(name);
    used_params_.insert(qualified);
    auto found = request_.params->find(qualified);
    if (found == request_.params->end()) found = request_.params->find(name);
    if (found == request_.params->end()) return;
    const auto type = planned.types.find(name);
    // A plain number in the file may be any plain number here.
    const Type wanted = type == planned.types.end() ? Type::ratio() : type->second;
    if (auto value = lua_value_from_text(wanted, found->second))
      planned.params[name] = std::move(*value);
    else
      report("parameter '" + name + "' of " + planned.title + " is " +
             (type == planned.types.end() ? "a number" : wanted.name()) + ", got '" +
             found->second + "'");
  }

  void report_unknown_param(const std::string& name) {
    std::vector<std::string> known;
    for (const auto& rule : request_.rules)
      for (const auto& [param, value] : rule->info.params) known.push_back(param);
    const bool is_one = request_.rules.size() == 1;
    report((is_one ? rule_title(request_.rules.front()->source) + " has"
                   : std::string("the rules have")) +
               " no parameter '" + name + "'",
           did_you_mean(name, known));
  }

  const BindRequest& request_;
  Diagnostics& diagnostics_;
  std::shared_ptr<RulePlan> plan_;
  std::set<std::string> used_params_;
  bool failed_ = false;
};

}  // namespace

std::shared_ptr<const RulePlan> make_plan(const BindRequest& request, Diagnostics& diagnostics) {
  return Binder(request, diagnostics).bind();
}

}  // namespace tallymill
