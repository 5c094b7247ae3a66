#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/load_workspace.h"
#include "cli/rule_change.h"

namespace tallymill {
namespace {

Exit run_rules_propose(const Invocation& invocation) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace_to_look(invocation, catalog);
  const std::string name = invocation.text("NAME");
  const RuleText rule = rule_text_of_file(workspace, name);
  require_sound_rule(workspace, name, rule);
  return give_order(invocation, std::move(workspace),
                    {.word = RuleWord::proposed,
                     .rule = name,
                     .version = {},
                     .from = {},
                     .why = invocation.text("reason"),
                     .file = rule.file,
                     .text = rule.text},
                    subject_text(name) + ": version " + short_version(rule.version) +
                        " is proposed; a second person approves it: tallymill rules approve " +
                        name + " " + short_version(rule.version));
}

}  // namespace

void register_rules_propose(Registry<Command>& commands) {
  commands.add({
      .name = "rules propose",
      .summary = "Proposes a rule's file, as it stands, as its next version.",
      .example = "tallymill rules propose high_value --reason 'threshold agreed for March'",
      .arguments = {rule_argument()},
      .flags = {rule_reason_flag(), wait_flag(), json_flag()},
      .run = run_rules_propose,
  });
}

}  // namespace tallymill
