#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/load_workspace.h"
#include "cli/rule_change.h"

namespace tallymill {
namespace {

Exit run_rules_activate(const Invocation& invocation) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace_to_look(invocation, catalog);
  const std::string name = invocation.text("NAME");
  const Period from = parse_period(invocation.text("from"));
  const std::string version = invocation.text("version");
  return give_order(
      invocation, std::move(workspace),
      {.word = RuleWord::activated,
       .rule = name,
       .version = version,
       .from = from.text(),
       .why = invocation.text("reason"),
       .file = {},
       .text = {}},
      subject_text(name) + ": " +
          (version.empty() ? "the version that was approved last" : "version " + version) +
          " counts from " + from.text() + " on");
}

}  // namespace

void register_rules_activate(Registry<Command>& commands) {
  commands.add({
      .name = "rules activate",
      .summary = "Makes an approved version of a rule count from a period on.",
      .example = "tallymill rules activate high_value --from 2026-03",
      .arguments = {rule_argument()},
      .flags = {{.name = "from",
                 .value = "PERIOD",
                 .summary = "The first period it counts for.",
                 .required = true},
                {.name = "version",
                 .value = "VERSION",
                 .summary = "By its first digits; default: the one that was approved last."},
                rule_reason_flag(),
                wait_flag(),
                json_flag()},
      .run = run_rules_activate,
  });
}

}  // namespace tallymill
