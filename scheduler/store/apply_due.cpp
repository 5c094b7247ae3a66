#include "scheduler/store/apply_due.h"

namespace tallymill {
namespace {

void see(Database& database, const StoredEvent& stored) {
  const json::object& seen = json_at(stored.event.body, "seen").as_object();
  if (json_text(seen, "graph").empty()) return;
  database.execute(
      "insert into trigger_mark (graph, cause, item, state, event)"
      " values (:p0, :p1, :p2, :p3, :p4) on conflict (graph, cause, item) do update set"
      " state = excluded.state, event = excluded.event",
      {json_text(seen, "graph"), json_text(seen, "cause"), json_text(seen, "item"),
       json_text(seen, "state"), stored.number});
}

}  // namespace

void apply_trigger_seen(Database& database, const StoredEvent& stored) { see(database, stored); }

void apply_run_due(Database& database, const StoredEvent& stored) {
  see(database, stored);
  const json::object& run = json_at(stored.event.body, "run").as_object();
  database.execute(
      "insert into due_run (graph, period, due, cause, event)"
      " values (:p0, :p1, :p2, :p3, :p4) on conflict (graph, period, due) do update set"
      " cause = excluded.cause, event = excluded.event",
      {json_text(run, "graph"), json_text(run, "period"), json_text(run, "due"),
       json_text(run, "cause"), stored.number});
}

void apply_due_skipped(Database& database, const StoredEvent& stored) {
  see(database, stored);
  const json::object& run = json_at(stored.event.body, "run").as_object();
  drop_due(database, json_text(run, "graph"), json_text(run, "period"), json_text(run, "due"));
}

void drop_due(Database& database, const std::string& graph, const std::string& period,
              const std::string& due) {
  database.execute("delete from due_run where graph = :p0 and period = :p1 and due = :p2",
                   {graph, period, due});
}

}  // namespace tallymill
