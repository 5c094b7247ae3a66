#include <algorithm>

#include "cli/application.h"
#include "cli/catalog.h"
#include "cli/load_workspace.h"
#include "cli/rule_files.h"
#include "cli/rule_test_report.h"
#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

constexpr std::int64_t kMostPercent = 100;

/// A percentage, or nothing if the flag is not given.
std::optional<std::int64_t> percent_of(const Invocation& invocation, const char* flag) {
  if (!invocation.has(flag)) return std::nullopt;
  const std::int64_t percent = invocation.integer(flag, 0);
  if (percent > kMostPercent)
    throw Error(ErrorClass::config, "--" + std::string(flag) +
                                        " is a percentage from 0 to 100, got " +
                                        std::to_string(percent));
  return percent;
}

/// The rules asked for, with their tables of tests.
Task make_task(const Workspace& workspace, const Invocation& invocation, Diagnostics& diagnostics) {
  Task task;
  task.mode = TaskMode::query;
  json::object question{{"query", "rules_test"}};
  if (!invocation.has("no-mutants")) question["mutants"] = true;
  if (invocation.has("suggest")) question["suggest"] = true;
  task.spec = std::move(question);
  std::vector<std::string> names = invocation.texts("RULE");
  if (names.empty()) {
    names = rule_names(workspace);
    for (const std::string& name : tested_rule_names(workspace))
      if (std::find(names.begin(), names.end(), name) == names.end())
        diagnostics.error({.file = "tests/rules/" + name + "_test.yaml", .line = 1},
                          "the table tests rules/" + name + ".lua, and there is no such rule",
                          did_you_mean(name, names));
  }
  for (const std::string& name : names) {
    for (const PinnedFile& file : rule_files(workspace, name)) task.files[file.path] = file;
    if (const auto table = rule_test_table(workspace, name)) task.files[table->path] = *table;
  }
  return task;
}

Exit run_rules_test(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace(invocation, catalog);
  const RuleTestLimits limits{.coverage = percent_of(invocation, "min-coverage"),
                              .score = percent_of(invocation, "min-score")};
  if (limits.score && invocation.has("no-mutants"))
    throw Error(ErrorClass::config, "--min-score needs the mutants that --no-mutants leaves out");
  Diagnostics diagnostics;
  Task task = make_task(workspace, invocation, diagnostics);
  const std::map<std::string, PinnedFile> files = task.files;
  json::object answer = run_query(workspace, std::move(task)).answer.as_object();
  diagnostics.add_all(Diagnostics::from_json(json_at(answer, "diagnostics").as_array()));
  Diagnostics sources;
  for (const auto& [path, file] : files) {
    const auto text = std::make_shared<const std::string>(read_file(file.blob));
    diagnostics.add_source(path, text);
    sources.add_source(path, text);
  }
  const json::array& rules = json_at(answer, "rules").as_array();
  if (invocation.json()) {
    if (diagnostics.has_errors()) answer["diagnostics"] = diagnostics.to_json();
    invocation.out() << pretty_json(answer);
    if (diagnostics.has_errors()) return Exit::usage;
  } else {
    invocation.out() << (invocation.has("suggest") ? suggestions_text(rules, files)
                                                   : rule_test_report(rules, sources));
    if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
  }
  if (invocation.has("suggest")) return Exit::ok;
  const std::string shortfall = shortfall_text(rules, limits);
  invocation.err() << shortfall;
  return has_failed_tests(rules) || !shortfall.empty() ? Exit::findings : Exit::ok;
}

}  // namespace

void register_rules_test(Registry<Command>& commands) {
  commands.add({
      .name = "rules test",
      .summary = "Runs the tests of rules, and says what they would not notice.",
      .example = "tallymill rules test gift_within_limit --min-score 80",
      .arguments = {{"RULE", "Only these rules; default: all of rules/.", false, true}},
      .flags = {{.name = "no-mutants",
                 .summary = "Leave out the mutants: rules with one mistake put in, which tests "
                            "should notice."},
                {.name = "min-coverage",
                 .value = "PERCENT",
                 .summary = "Exit 3 if tests take fewer outcomes of a rule's conditions."},
                {.name = "min-score",
                 .value = "PERCENT",
                 .summary = "Exit 3 if tests notice fewer of a rule's mutants."},
                {.name = "suggest",
                 .summary = "Print cases at and beside every comparison instead, ready to paste."},
                json_flag()},
      .run = run_rules_test,
  });
}

}  // namespace tallymill
