#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/scheduler_link.h"
#include "cli/text_table.h"
#include "core/disk_space.h"
#include "scheduler/garbage.h"

namespace tallymill {
namespace {

std::uint64_t bytes_of(const std::vector<Garbage>& garbage) {
  std::uint64_t bytes = 0;
  for (const Garbage& item : garbage) bytes += item.bytes;
  return bytes;
}

void print(const Invocation& invocation, const std::vector<Garbage>& garbage, bool is_done) {
  if (invocation.json()) {
    invocation.out() << pretty_json(json::object{
        {"done", is_done}, {"bytes", bytes_of(garbage)}, {"garbage", garbage_json(garbage)}});
    return;
  }
  if (garbage.empty()) {
    invocation.out() << "there is nothing to take away\n";
    return;
  }
  TextTable table({{"kind"}, {"what"}, {"bytes", true}, {"why"}});
  for (const Garbage& item : garbage)
    table.add({std::string(to_string(item.kind)), item.name, size_text(item.bytes), item.why});
  invocation.out() << table.text() << (is_done ? "taken away: " : "would go: ")
                   << size_text(bytes_of(garbage))
                   << (is_done ? "; in the trash for an hour, then deleted by the next gc\n"
                               : "\n");
}

Exit run_gc(const Invocation& invocation) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace_to_look(invocation, catalog);
  if (invocation.has("dry-run")) {
    StoreView store = open_store(workspace);
    print(invocation, find_garbage(StateFolder(workspace.state), store, workspace.retention),
          false);
    return Exit::ok;
  }
  print(invocation,
        SchedulerLink(invocation, catalog, std::move(workspace), "tallymill gc").collect_garbage(),
        true);
  return Exit::ok;
}

}  // namespace

void register_gc(Registry<Command>& commands) {
  commands.add({
      .name = "gc",
      .summary = "Takes away what the workspace's retention no longer keeps.",
      .example = "tallymill gc --dry-run",
      .flags = {{.name = "dry-run", .summary = "Only show what would go, and why."}, json_flag()},
      .run = run_gc,
  });
}

}  // namespace tallymill
