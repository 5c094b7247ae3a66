#include "scheduler/when_reader.h"

namespace tallymill {

When read_when(YamlNode node, const std::map<std::string, TaskParam>& params,
               const std::string& inside, Diagnostics& diagnostics) {
  When when;
  const YamlNode rule = node.is_mapping() ? node.find("rule") : node;
  const auto named = trigger_rule_from(rule.text());
  if (named) when.rule = *named;
  when.text = node.find("if");
  if (!when.text.is_scalar()) return when;
  std::vector<TextProblem> problems;
  when.condition = Condition::parse(when.text.text(), params, problems, inside);
  report(problems, when.text, diagnostics);
  // Who says himself what the jobs before must have come to wants to be asked about all of it.
  if (!rule && when.condition && when.condition->asks_outcomes()) when.rule = TriggerRule::all_done;
  return when;
}

}  // namespace tallymill
