#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/rule_change.h"
#include "cli/state_access.h"

namespace tallymill {
namespace {

Exit run_rules_rollback(const Invocation& invocation) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace_to_look(invocation, catalog);
  const std::string name = invocation.text("NAME");
  std::string said = subject_text(name) + ": the newest activation is taken back";
  if (may_read_state(workspace)) {
    StoreView store = open_store(workspace);
    const std::vector<RuleActivation> standing = RuleBook(store).activations(name);
    if (!standing.empty())
      said = subject_text(name) + ": version " + short_version(standing.back().version) +
             " counts no more; ";
    if (standing.size() > 1)
      said += "version " + short_version(standing[standing.size() - 2].version) + " counts from " +
              standing[standing.size() - 2].from.text() + " on";
    else
      said += "no version of it counts";
  }
  return give_order(invocation, std::move(workspace),
                    {.word = RuleWord::rolled_back,
                     .rule = name,
                     .version = {},
                     .from = {},
                     .why = invocation.text("reason"),
                     .file = {},
                     .text = {}},
                    said);
}

}  // namespace

void register_rules_rollback(Registry<Command>& commands) {
  commands.add({
      .name = "rules rollback",
      .summary = "Takes back the newest activation of a rule: the version before it counts again.",
      .example = "tallymill rules rollback high_value --reason 'too many customers'",
      .arguments = {rule_argument()},
      .flags = {rule_reason_flag(), wait_flag(), json_flag()},
      .run = run_rules_rollback,
  });
}

}  // namespace tallymill
