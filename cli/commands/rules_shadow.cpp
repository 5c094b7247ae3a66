#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/rule_change.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/json.h"
#include "core/text.h"

namespace tallymill {
namespace {

/// What went wrong beside the job, if anything did.
std::string problem_of(const RuleShadowRecord& seen) {
  return json_text_or(seen.answer, "error", "");
}

Exit report(const Invocation& invocation, RuleBook& book, const std::string& name) {
  const std::string version = book.shadow(name);
  const std::vector<RuleShadowRecord> seen = book.shadows_seen(name, version);
  if (invocation.json()) {
    json::array list;
    for (const RuleShadowRecord& record : seen)
      list.push_back({{"version", record.version},
                      {"run", record.run},
                      {"job", record.job},
                      {"attempt", record.attempt},
                      {"rows", record.rows},
                      {"changed", record.changed},
                      {"at", record.seen_at},
                      {"difference", record.answer}});
    invocation.out() << pretty_json(
        json::object{{"rule", name}, {"shadow", version}, {"seen", std::move(list)}});
    return Exit::ok;
  }
  std::ostream& out = invocation.out();
  if (version.empty())
    out << subject_text(name) << " has no shadow\n";
  else
    out << subject_text(name) << ": version " << short_version(version)
        << " runs beside, without effect\n";
  TextTable table({{"run"},
                   {"job"},
                   {"version"},
                   {"rows", true},
                   {"changed", true},
                   {"was"},
                   {"becomes"},
                   {"of them", true}});
  for (const RuleShadowRecord& record : seen) {
    const std::vector<std::string> head{record.run, record.job, short_version(record.version),
                                        group_digits(record.rows), group_digits(record.changed)};
    std::vector<std::string> line = head;
    if (const std::string problem = problem_of(record); !problem.empty()) {
      line.insert(line.end(), {"failed: " + fit(problem, 60), "", ""});
      table.add(std::move(line));
      continue;
    }
    bool is_first = true;
    for (const json::value& item : json_at(record.answer, "groups").as_array()) {
      const json::object& group = item.as_object();
      if (!is_first) line.assign(head.size(), "");
      line.insert(line.end(), {json_text(group, "was"), json_text(group, "becomes"),
                               group_digits(json_integer(group, "rows"))});
      table.add(std::move(line));
      line.clear();
      is_first = false;
    }
    if (is_first) table.add(std::move(line));
  }
  out << table.text();
  return Exit::ok;
}

Exit run_rules_shadow(const Invocation& invocation) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  RuleBook book(store);
  const std::string name = invocation.text("NAME");
  const bool begins = invocation.has("start") || invocation.has("version");
  if (begins && invocation.has("stop"))
    throw Error(ErrorClass::config, "--stop ends a shadow, --start and --version begin one");
  if (!begins && !invocation.has("stop")) return report(invocation, book, name);
  RuleOrder order{.word = RuleWord::shadowed,
                  .rule = name,
                  .version = {},
                  .from = {},
                  .why = invocation.text("reason"),
                  .file = {},
                  .text = {}};
  if (!begins)
    return give_order(invocation, std::move(workspace), order,
                      subject_text(name) + " has no shadow any more");
  RuleText rule = invocation.has("version")
                      ? rule_text_of(workspace, book, name, invocation.text("version"))
                      : rule_text_of_file(workspace, name);
  require_sound_rule(workspace, name, rule);
  order.file = rule.file;
  order.text = std::move(rule.text);
  return give_order(invocation, std::move(workspace), order,
                    subject_text(name) + ": version " + short_version(rule.version) +
                        " runs beside from the next run on, without effect; 'tallymill rules "
                        "shadow " +
                        name + "' tells what it would have changed");
}

}  // namespace

void register_rules_shadow(Registry<Command>& commands) {
  commands.add({
      .name = "rules shadow",
      .summary = "Has another version of a rule run beside, without effect, or tells what it saw.",
      .example = "tallymill rules shadow high_value --start",
      .arguments = {rule_argument()},
      .flags = {{.name = "start", .summary = "The file as it stands runs beside from now on."},
                {.name = "version",
                 .value = "VERSION",
                 .summary = "This version does, by its first digits, or the path of a file."},
                {.name = "stop", .summary = "Nothing runs beside any more."},
                rule_reason_flag(),
                wait_flag(),
                json_flag()},
      .run = run_rules_shadow,
  });
}

}  // namespace tallymill
