#include "scheduler/backup.h"

#include "cli/catalog.h"
#include "cli/load_workspace.h"
#include "core/disk_space.h"
#include "scheduler/store_binding.h"

namespace tallymill {
namespace {

Exit run_backup(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  const BackupReport report = make_backup(StateFolder(workspace.state), store_address(workspace),
                                          invocation.text("FOLDER"));
  const bool is_whole = report.note.missing.empty();
  if (invocation.json()) {
    json::array missing;
    for (const std::string& path : report.note.missing) missing.emplace_back(path);
    invocation.out() << pretty_json(json::object{{"event", report.note.head.number},
                                                 {"head", report.note.head.hash},
                                                 {"versions", report.note.versions},
                                                 {"copied", report.copied},
                                                 {"bytes", report.bytes},
                                                 {"missing", std::move(missing)}});
    return is_whole ? Exit::ok : Exit::findings;
  }
  invocation.out() << "backed up the store to event " << report.note.head.number << " and "
                   << report.note.versions << " versions, " << report.copied << " of them new ("
                   << size_text(report.bytes) << " copied)\n";
  for (const std::string& path : report.note.missing)
    invocation.out() << "missing: " << path << "; its job makes it again when it runs\n";
  return is_whole ? Exit::ok : Exit::findings;
}

}  // namespace

void register_backup(Registry<Command>& commands) {
  commands.add({
      .name = "backup",
      .summary = "Copies store and versions into a folder, also while a run is at work.",
      .example = "tallymill backup /backups/books",
      .arguments = {{.name = "FOLDER",
                     .summary = "A new folder, or an earlier backup to bring up to date."}},
      .flags = {json_flag()},
      .run = run_backup,
  });
}

}  // namespace tallymill
