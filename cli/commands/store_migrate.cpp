#include "cli/application.h"
#include "cli/catalog.h"
#include "cli/load_workspace.h"
#include "core/error.h"
#include "core/files.h"
#include "scheduler/machine.h"
#include "scheduler/store_binding.h"
#include "scheduler/store_migration.h"
#include "scheduler/workspace_file.h"
#include "scheduler/writer_lock.h"

namespace tallymill {
namespace {

/// The workspace file as it shall be, for its `store:`.
Workspace future_workspace(const Workspace& workspace, const UnitCatalog& catalog,
                           const std::string& file) {
  Workspace future;
  future.root = workspace.root;
  Diagnostics diagnostics;
  read_workspace_file(read_file(std::filesystem::absolute(file)), process_environment, catalog,
                      future, diagnostics);
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
  if (future.state != workspace.state)
    throw Error(ErrorClass::config, "'" + file +
                                        "' has another 'state:' than tallymill.yaml; only "
                                        "the store moves, the state folder stays");
  return future;
}

Exit run_store_migrate(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  const std::string file = invocation.text("to");
  const StoreAddress to = store_address(future_workspace(workspace, catalog, file));
  const StoreAddress from = store_address(workspace);
  const StateFolder state(workspace.state);
  state.prepare();
  const WriterLock lock = WriterLock::acquire(state, "tallymill store migrate");
  const ChainHead head = migrate_store(state, from, to, user_name());
  if (invocation.json())
    invocation.out() << pretty_json(json::object{
        {"from", from.type()}, {"to", to.type()}, {"event", head.number}, {"head", head.hash}});
  else
    invocation.out() << "moved " << head.number << " events to " << to.text()
                     << "; the chain is whole and every table is the same\n"
                     << "now put the 'store:' of " << file << " into tallymill.yaml\n";
  return Exit::ok;
}

}  // namespace

void register_store_migrate(Registry<Command>& commands) {
  commands.add({
      .name = "store migrate",
      .summary = "Moves the store from SQLite to PostgreSQL, or back.",
      .example = "tallymill store migrate --to tallymill.new.yaml",
      .flags = {{.name = "to",
                 .value = "FILE",
                 .summary = "The workspace file as it shall be: its store: says where to.",
                 .required = true},
                json_flag()},
      .run = run_store_migrate,
  });
}

}  // namespace tallymill
