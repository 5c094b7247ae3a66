#include "worker/query.h"
#include "worker/rule_difference.h"

namespace tallymill {
namespace {

std::vector<std::string> texts_at(const json::object& spec, const char* key) {
  std::vector<std::string> texts;
  if (const json::value* list = spec.if_contains(key))
    for (const json::value& item : list->as_array()) texts.emplace_back(item.as_string());
  return texts;
}

/// The question: {"rule", "file", "by", "distinct", "money", "samples", "reveal", "tasks"}: the
/// tasks of the jobs that ask the rule, each with both texts.
json::value answer(WorkerContext& context) {
  const json::object& spec = context.task().spec.as_object();
  RuleDifference difference(context.session(), {.rule = json_text(spec, "rule"),
                                                .file = json_text(spec, "file"),
                                                .by = json_text_or(spec, "by", ""),
                                                .distinct = texts_at(spec, "distinct"),
                                                .money = texts_at(spec, "money"),
                                                .samples = json_integer(spec, "samples"),
                                                .reveal = json_boolean(spec, "reveal")});
  for (const json::value& item : json_at(spec, "tasks").as_array()) {
    Task task = Task::from_json(item);
    task.folder = context.task().folder;
    difference.add(task);
  }
  return difference.answer();
}

}  // namespace

void register_rules_diff(Registry<Query>& queries) {
  queries.add({.name = "rules_diff",
               .summary = "What two versions of a rule say differently about the same rows.",
               .answer = answer});
}

}  // namespace tallymill
