#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/rule_change.h"
#include "cli/state_access.h"

namespace tallymill {
namespace {

Exit run_rules_approve(const Invocation& invocation) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace_to_look(invocation, catalog);
  const std::string name = invocation.text("NAME");
  RuleVersionRecord version;
  version.version = invocation.text("VERSION");
  // Who cannot read the store relies on the proposal, which was tested, too.
  if (may_read_state(workspace)) {
    StoreView store = open_store(workspace);
    version = RuleBook(store).find(name, version.version);
    require_sound_rule(workspace, name, {version.file, version.version, version.text, {}, false});
  }
  return give_order(invocation, std::move(workspace),
                    {.word = RuleWord::approved,
                     .rule = name,
                     .version = version.version,
                     .from = {},
                     .why = invocation.text("reason"),
                     .file = {},
                     .text = {}},
                    subject_text(name) + ": version " + short_version(version.version) +
                        " is approved; it counts when it is activated: tallymill rules activate " +
                        name + " --from PERIOD");
}

}  // namespace

void register_rules_approve(Registry<Command>& commands) {
  commands.add({
      .name = "rules approve",
      .summary = "Approves a version of a rule that somebody else has proposed.",
      .example = "tallymill rules approve high_value 3f2a91c0de --reason 'effect seen in March'",
      .arguments = {rule_argument(), {"VERSION", "The version, by its first digits."}},
      .flags = {rule_reason_flag(), wait_flag(), json_flag()},
      .run = run_rules_approve,
  });
}

}  // namespace tallymill
