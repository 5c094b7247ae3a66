#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/rule_change.h"
#include "cli/rule_files.h"
#include "cli/text_table.h"
#include "core/json.h"
#include "core/text.h"

namespace tallymill {
namespace {

/// "what happened" as people say it.
std::string word_text(const RuleChange& change) {
  switch (change.word) {
    case RuleWord::activated:
      return "activated from " + change.from;
    case RuleWord::rolled_back:
      return "activation from " + change.from + " rolled back";
    case RuleWord::shadowed:
      return change.version.empty() ? "shadow ended" : "runs in the shadow";
    default:
      return std::string(to_string(change.word));
  }
}

json::array versions_json(const std::vector<RuleVersionRecord>& versions) {
  json::array list;
  for (const RuleVersionRecord& version : versions)
    list.push_back({{"version", version.version},
                    {"file", version.file},
                    {"rule_abi", version.rule_abi},
                    {"who", version.who},
                    {"at", version.kept_at}});
  return list;
}

json::array changes_json(const std::vector<RuleChange>& changes) {
  json::array list;
  for (const RuleChange& change : changes)
    list.push_back({{"event", change.event},
                    {"change", json::string(to_string(change.word))},
                    {"version", change.version},
                    {"from", change.from},
                    {"who", change.who},
                    {"at", change.at},
                    {"reason", change.why}});
  return list;
}

json::array activations_json(const std::vector<RuleActivation>& activations) {
  json::array list;
  for (const RuleActivation& activation : activations)
    list.push_back({{"version", activation.version}, {"from", activation.from.text()}});
  return list;
}

Exit run_rules_history(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  RuleBook book(store);
  const std::string name = invocation.text("NAME");
  const std::vector<RuleVersionRecord> versions = book.versions(name);
  if (versions.empty()) rule_files(workspace, name);  // a misspelt name is met with the nearest one
  if (invocation.has("text")) {
    invocation.out() << book.find(name, invocation.text("text")).text;
    return Exit::ok;
  }
  const std::vector<RuleChange> changes = book.history(name);
  const std::vector<RuleActivation> standing = book.activations(name);
  if (invocation.json()) {
    invocation.out() << pretty_json(json::object{{"rule", name},
                                                 {"versions", versions_json(versions)},
                                                 {"changes", changes_json(changes)},
                                                 {"active", activations_json(standing)},
                                                 {"shadow", book.shadow(name)}});
    return Exit::ok;
  }
  std::ostream& out = invocation.out();
  TextTable kept({{"version"}, {"known since"}, {"by"}});
  for (auto it = versions.rbegin(); it != versions.rend(); ++it)
    kept.add({short_version(it->version), it->kept_at, it->who});
  out << subject_text(name) << ", " << group_digits(static_cast<std::int64_t>(versions.size()))
      << (versions.size() == 1 ? " version\n" : " versions\n") << kept.text();
  TextTable said({{"when"}, {"who"}, {"version"}, {"what"}, {"why"}});
  for (const RuleChange& change : changes)
    said.add({change.at, change.who, short_version(change.version), word_text(change), change.why});
  if (!said.empty()) out << "\n" << said.text();
  TextTable active({{"counts from"}, {"version"}});
  for (const RuleActivation& activation : standing)
    active.add({activation.from.text(), short_version(activation.version)});
  if (!active.empty()) out << "\n" << active.text();
  return Exit::ok;
}

}  // namespace

void register_rules_history(Registry<Command>& commands) {
  commands.add({
      .name = "rules history",
      .summary = "Shows the versions of a rule, who decided what about them, and what counts when.",
      .example = "tallymill rules history high_value",
      .arguments = {rule_argument()},
      .flags = {{.name = "text",
                 .value = "VERSION",
                 .summary = "Print the text of this version instead."},
                json_flag()},
      .run = run_rules_history,
  });
}

}  // namespace tallymill
