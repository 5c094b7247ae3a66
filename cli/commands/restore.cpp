#include "cli/catalog.h"
#include "cli/load_workspace.h"
#include "scheduler/backup.h"
#include "scheduler/machine.h"
#include "scheduler/store_binding.h"
#include "scheduler/writer_lock.h"

namespace tallymill {
namespace {

json::array texts(const std::vector<std::string>& items) {
  json::array list;
  for (const std::string& item : items) list.emplace_back(item);
  return list;
}

Exit run_restore(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  const StateFolder state(workspace.state);
  state.prepare();
  const WriterLock lock = WriterLock::acquire(state, "tallymill restore");
  const RestoreReport report =
      restore_backup(state, store_address(workspace), invocation.text("FOLDER"), user_name());
  if (invocation.json()) {
    invocation.out() << pretty_json(json::object{{"event", report.note.head.number},
                                                 {"made_at", report.note.made_at},
                                                 {"copied", report.copied},
                                                 {"moved", texts(report.moved)},
                                                 {"missing", texts(report.missing)},
                                                 {"trash", report.trash.string()}});
    return Exit::ok;
  }
  invocation.out() << "restored the store of " << report.note.made_at << ", which ends at event "
                   << report.note.head.number << "; " << report.copied << " versions copied\n";
  for (const std::string& path : report.moved)
    invocation.out() << "newer than the backup, moved to the trash: " << path << "\n";
  for (const std::string& path : report.missing)
    invocation.out() << "missing: " << path << "; its job makes it again when it runs\n";
  if (std::filesystem::exists(report.trash))
    invocation.out() << "what was there before lies in " << report.trash.string()
                     << " until 'tallymill gc' finds it an hour old\n";
  return Exit::ok;
}

}  // namespace

void register_restore(Registry<Command>& commands) {
  commands.add({
      .name = "restore",
      .summary = "Puts a backup in place of store and versions; newer work goes to the trash.",
      .example = "tallymill restore /backups/books",
      .arguments = {{.name = "FOLDER", .summary = "What 'tallymill backup' has made."}},
      .flags = {json_flag()},
      .run = run_restore,
  });
}

}  // namespace tallymill
