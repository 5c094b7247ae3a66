#include "scheduler/audit.h"

#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/state_access.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

int limit_of(const Invocation& invocation) {
  const std::string text = invocation.text("limit");
  if (text.empty()) return AuditFilter{}.limit;
  const bool is_number = text.size() <= 6 && text.find_first_not_of("0123456789") == text.npos;
  if (!is_number)
    throw Error(ErrorClass::config, "--limit must be a whole number, got '" + text + "'");
  return std::stoi(text);
}

json::object event_json(const StoredEvent& stored) {
  return {{"number", stored.number},   {"at", stored.at},
          {"who", stored.who},         {"kind", stored.event.kind},
          {"run", stored.event.run},   {"job", stored.event.job},
          {"why", stored.event.why},   {"what", event_sentence(stored.event)},
          {"body", stored.event.body}, {"hash", stored.hash}};
}

Exit run_audit(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  if (const auto exit = read_through_scheduler(invocation, workspace)) return *exit;
  StoreView store = open_store(workspace);
  AuditFilter filter;
  filter.job = invocation.text("job");
  filter.acts = invocation.has("acts");
  filter.limit = limit_of(invocation);
  if (invocation.has("RUN")) filter.run = store.find_run(invocation.text("RUN")).id;
  const std::vector<StoredEvent> events = audit_events(store, filter);
  if (invocation.json()) {
    json::array list;
    for (const StoredEvent& event : events) list.push_back(event_json(event));
    invocation.out() << pretty_json(json::object{{"events", std::move(list)}});
    return Exit::ok;
  }
  TextTable table({{"event", true}, {"at (UTC)"}, {"who"}, {"run"}, {"job"}, {"what"}});
  for (const StoredEvent& event : events)
    table.add({std::to_string(event.number), event.at, event.who, event.event.run, event.event.job,
               event_sentence(event.event)});
  invocation.out() << table.text();
  return Exit::ok;
}

}  // namespace

void register_audit(Registry<Command>& commands) {
  commands.add({
      .name = "audit",
      .summary = "Lists who did what, when and why, from the journal of events.",
      .example = "tallymill audit cost_attribution --job clean_cost",
      .arguments = {{.name = "RUN",
                     .summary = "A run, or a graph's name for its newest one; default: all.",
                     .required = false}},
      .flags = {{.name = "job", .value = "JOB", .summary = "Only events of this job."},
                {.name = "acts",
                 .summary = "Only what people did: runs, reruns, backfills, marks, approvals."},
                {.name = "limit", .value = "N", .summary = "The newest N events; default 50."},
                json_flag()},
      .run = run_audit,
  });
}

}  // namespace tallymill
