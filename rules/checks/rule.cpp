#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

/// A rule that raises fails the row with code rule_error; the other rules still judge it.
class Rule final : public Check {
 public:
  explicit Rule(const Options& options) : options_(options), name_(options.text("name")) {}

  std::vector<FileUse> files() const override {
    return {{"rules/" + name_ + ".lua", options_.position("name")}};
  }

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const SourcePosition where = options_.position("name");
    const RuleInfo* rule = context.rule(name_, where);
    if (rule == nullptr) return plan;
    if (rule->kind != RuleKind::check && rule->kind != RuleKind::group) {
      context.diagnostics().error(where,
                                  "rule '" + name_ + "' is a " +
                                      std::string(to_string(rule->kind)) +
                                      " rule, not a check or group rule",
                                  "make it with t.check_rule in " + rule->file);
      return plan;
    }
    for (const RuleNeed& need : rule->needs) {
      if (context.schema().find(need.column) == nullptr)
        context.diagnostics().error(where,
                                    "rule '" + name_ + "' needs column '" + need.column +
                                        "', which the dataset does not have",
                                    did_you_mean(need.column, context.schema().names()));
      plan.columns.push_back(need.column);
      if (!need.optional) plan.needs.push_back(need.column);
    }
    plan.fails = RuleFinding{name_, params(context, *rule), rule->kind == RuleKind::group};
    plan.expected = "rule '" + name_ + "' to find nothing";
    return plan;
  }

 private:
  std::map<std::string, std::string> params(CheckContext& context, const RuleInfo& rule) const {
    std::map<std::string, std::string> params;
    const YamlNode given = options_.node("params");
    std::vector<std::string> known;
    for (const auto& [name, value] : rule.params) known.push_back(name);
    for (std::size_t i = 0; i < given.size(); ++i) {
      const std::string name(given.key(i).text());
      if (!rule.params.contains(name)) {
        context.diagnostics().error(given.key(i).position(),
                                    "rule '" + name_ + "' has no parameter '" + name + "'",
                                    did_you_mean(name, known));
        continue;
      }
      if (const auto value = context.expand(std::string(given[i].text()), given[i].position()))
        params.emplace(name, *value);
    }
    return params;
  }

  Options options_;
  std::string name_;
};

}  // namespace

void register_rule(Registry<CheckType>& checks) {
  checks.add({
      .name = "rule",
      .summary = "A check or group rule written in Lua finds nothing.",
      .options = {{"name", OptionKind::name, "Rule to run: rules/<name>.lua.", true},
                  {"params",
                   OptionKind::map,
                   "Values for parameters of the rule, in place of its own.",
                   false,
                   "",
                   {},
                   {{"", OptionKind::text}}}},
      .main = "name",
      .make = [](const Options& options) { return std::make_unique<Rule>(options); },
  });
}

}  // namespace tallymill
