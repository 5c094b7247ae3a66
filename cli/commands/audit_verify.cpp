#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "core/text.h"
#include "scheduler/store.h"

namespace tallymill {
namespace {

Exit run_audit_verify(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  const ChainReport report = verify_chain(store.database());
  const bool is_whole = report.broken_at == 0;
  if (invocation.json())
    invocation.out() << pretty_json(json::object{{"whole", is_whole},
                                                 {"events", report.events},
                                                 {"head", report.head.hash},
                                                 {"broken_at", report.broken_at},
                                                 {"problem", report.problem}});
  else if (is_whole)
    invocation.out() << "the journal is whole: " << report.events << " events, the last is "
                     << report.head.number << " with hash " << report.head.hash << "\n";
  else
    invocation.out() << "the journal is broken: " << report.problem << "; the " << report.events
                     << " events before it are sound\n"
                     << "restore the state folder from a backup, or find out who changed it\n";
  return is_whole ? Exit::ok : Exit::findings;
}

}  // namespace

void register_audit_verify(Registry<Command>& commands) {
  commands.add({
      .name = "audit verify",
      .summary = "Checks the chain of events and names the first broken link.",
      .example = "tallymill audit verify",
      .flags = {json_flag()},
      .run = run_audit_verify,
  });
}

}  // namespace tallymill
