#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/text_table.h"
#include "core/disk_space.h"
#include "scheduler/garbage.h"
#include "scheduler/machine.h"
#include "scheduler/store_binding.h"
#include "scheduler/writer_lock.h"

namespace tallymill {
namespace {

std::uint64_t bytes_of(const std::vector<Garbage>& garbage) {
  std::uint64_t bytes = 0;
  for (const Garbage& item : garbage) bytes += item.bytes;
  return bytes;
}

json::object garbage_json(const std::vector<Garbage>& garbage, bool is_done) {
  json::array list;
  for (const Garbage& item : garbage)
    list.push_back(json::object{{"kind", json::string(to_string(item.kind))},
                                {"name", item.name},
                                {"why", item.why},
                                {"path", item.path.string()},
                                {"bytes", item.bytes}});
  return {{"done", is_done}, {"bytes", bytes_of(garbage)}, {"garbage", std::move(list)}};
}

void print(const Invocation& invocation, const std::vector<Garbage>& garbage, bool is_done) {
  if (invocation.json()) {
    invocation.out() << pretty_json(garbage_json(garbage, is_done));
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
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  const StateFolder state(workspace.state);
  if (invocation.has("dry-run")) {
    StoreView store = open_store(workspace);
    print(invocation, find_garbage(state, store, workspace.retention), false);
    return Exit::ok;
  }
  state.prepare();
  const WriterLock lock = WriterLock::acquire(state, "tallymill gc");
  const auto store = open_bound_store(state, store_address(workspace), user_name());
  const std::vector<Garbage> garbage = find_garbage(state, store->view(), workspace.retention);
  remove_garbage(state, *store, garbage);
  print(invocation, garbage, true);
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
