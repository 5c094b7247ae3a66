#include <algorithm>

#include "core/text.h"
#include "rules/check.h"
#include "rules/check_suite.h"

namespace tallymill {
namespace {

/// Alternatives: a row passes if one of several checks lets it pass. A check that does not apply to
/// a row has no say about it; a row no check applies to is not applicable.
class AnyOf final : public Check {
 public:
  explicit AnyOf(const Options& options) : checks_(options.node("checks")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const std::size_t errors_before = context.diagnostics().sorted().size();
    const auto is_sound = [&] { return context.diagnostics().sorted().size() == errors_before; };
    suite_ = load_checks(checks_, check_types(), context.diagnostics());
    if (!is_sound()) return plan;
    std::vector<std::string> applicable;
    std::vector<std::string> failing;
    std::vector<std::string> passing;
    std::vector<std::string> expected;
    for (const SuiteCheck& alternative : suite_) {
      const CheckPlan part = alternative.check->plan(context);
      const auto* row = std::get_if<RowCondition>(&part.fails);
      if (!is_sound()) return {};
      if (row == nullptr || alternative.settings.has_tolerance()) {
        context.diagnostics().error(
            alternative.settings.position,
            row == nullptr
                ? "check '" + alternative.settings.type + "' does not judge a row by itself"
                : "a check of 'any_of' has no tolerance of its own",
            row == nullptr ? "any_of takes checks such as in_range, format, compare, expression"
                           : "say it of any_of");
        return {};
      }
      const std::string applies = applies_to(alternative, part, context);
      applicable.push_back(applies);
      failing.push_back("(" + applies + " and (" + row->fails + "))");
      passing.push_back("(" + applies + " and not (" + row->fails + "))");
      expected.push_back(part.expected);
      for (const std::string& column : part.columns)
        if (std::find(plan.columns.begin(), plan.columns.end(), column) == plan.columns.end())
          plan.columns.push_back(column);
    }
    plan.applies = join(applicable, " or ");
    plan.fails = RowCondition{"(" + join(failing, " or ") + ") and not coalesce(" +
                              join(passing, " or ") + ", false)"};
    plan.expected = join(expected, ", or ");
    return plan;
  }

 private:
  static std::string applies_to(const SuiteCheck& alternative, const CheckPlan& part,
                                CheckContext& context) {
    std::vector<std::string> conditions;
    for (const std::string& need : part.needs)
      conditions.push_back(quote_identifier(need) + " is not null");
    if (!part.applies.empty()) conditions.push_back("(" + part.applies + ")");
    if (!alternative.settings.where.empty())
      if (const auto where =
              context.condition(alternative.settings.where, alternative.settings.where_position))
        conditions.push_back("(" + *where + ")");
    return conditions.empty() ? "true" : "coalesce(" + join(conditions, " and ") + ", false)";
  }

  YamlNode checks_;
  std::vector<SuiteCheck> suite_;
};

}  // namespace

void register_any_of(Registry<CheckType>& checks) {
  checks.add({
      .name = "any_of",
      .summary = "Every row passes at least one of several checks.",
      .options = {{"checks",
                   OptionKind::list,
                   "Checks that judge a row by itself, such as in_range, format or expression.",
                   true,
                   "",
                   {},
                   {{.name = "check", .kind = OptionKind::unit, .units = "check"}}}},
      .main = "checks",
      .make = [](const Options& options) { return std::make_unique<AnyOf>(options); },
  });
}

}  // namespace tallymill
