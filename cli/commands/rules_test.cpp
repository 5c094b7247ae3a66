#include "cli/application.h"
#include "cli/catalog.h"
#include "cli/load_workspace.h"
#include "cli/rule_files.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

struct Score {
  std::int64_t passed = 0;
  std::int64_t failed = 0;
};

std::string counted(std::int64_t count, const std::string& noun) {
  return group_digits(count) + " " + noun + (count == 1 ? "" : "s");
}

Score score_of(const json::array& tests) {
  Score score;
  for (const json::value& test : tests)
    ++(json_boolean(test.as_object(), "passed") ? score.passed : score.failed);
  return score;
}

std::string score_text(const Score& score) {
  if (score.passed + score.failed == 0) return "no tests";
  std::string text = group_digits(score.passed) + " passed";
  if (score.failed > 0) text += ", " + group_digits(score.failed) + " failed";
  return text;
}

void print_rule(const json::object& rule, std::size_t width, std::ostream& out) {
  const json::array& tests = json_at(rule, "tests").as_array();
  const std::string name = json_text(rule, "rule");
  out << name << std::string(width - name.size() + 2, ' ') << score_text(score_of(tests)) << "\n";
  for (const json::value& item : tests) {
    const json::object& test = item.as_object();
    if (!json_boolean(test, "passed"))
      out << "  " << json_text(rule, "file") << ": " << json_text(test, "name") << ": "
          << json_text(test, "message") << "\n";
  }
}

Score print_rules(const json::array& rules, std::ostream& out) {
  std::size_t width = 0;
  for (const json::value& rule : rules)
    width = std::max(width, json_text(rule.as_object(), "rule").size());
  Score total;
  for (const json::value& rule : rules) {
    print_rule(rule.as_object(), width, out);
    const Score score = score_of(json_at(rule.as_object(), "tests").as_array());
    total.passed += score.passed;
    total.failed += score.failed;
  }
  out << counted(static_cast<std::int64_t>(rules.size()), "rule") << ", "
      << counted(total.passed + total.failed, "test") << ": " << score_text(total) << "\n";
  return total;
}

Exit run_rules_test(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace(invocation, catalog);
  Task task;
  task.mode = TaskMode::query;
  task.spec = json::object{{"query", "rules_test"}};
  std::vector<std::string> names = invocation.texts("RULE");
  if (names.empty()) names = rule_names(workspace);
  for (const std::string& name : names)
    for (const PinnedFile& file : rule_files(workspace, name)) task.files[file.path] = file;
  const std::map<std::string, PinnedFile> files = task.files;
  const json::object answer = run_query(workspace, std::move(task)).answer.as_object();
  Diagnostics diagnostics = Diagnostics::from_json(json_at(answer, "diagnostics").as_array());
  for (const auto& [path, file] : files)
    diagnostics.add_source(path, std::make_shared<const std::string>(read_file(file.blob)));
  const json::array& rules = json_at(answer, "rules").as_array();
  Score total;
  if (invocation.json()) {
    invocation.out() << pretty_json(answer);
    for (const json::value& rule : rules)
      total.failed += score_of(json_at(rule.as_object(), "tests").as_array()).failed;
    if (diagnostics.has_errors()) return Exit::usage;
  } else {
    total = print_rules(rules, invocation.out());
    if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
  }
  return total.failed > 0 ? Exit::findings : Exit::ok;
}

}  // namespace

void register_rules_test(Registry<Command>& commands) {
  commands.add({
      .name = "rules test",
      .summary = "Runs the tests written in rule files.",
      .example = "tallymill rules test gift_within_limit",
      .arguments = {{"RULE", "Only these rules; default: all of rules/.", false, true}},
      .flags = {json_flag()},
      .run = run_rules_test,
  });
}

}  // namespace tallymill
