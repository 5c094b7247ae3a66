#include "scheduler/store/apply_backfill.h"

namespace tallymill {

void apply_backfill_started(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  database.execute(
      "insert into backfill (name, graph, first_period, last_period, options, who, event,"
      " started_at, ended_at, verdict) values (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7, '', '')",
      {json_text(body, "name"), json_text(body, "graph"), json_text(body, "from"),
       json_text(body, "to"), json::serialize(json_at(body, "options")), stored.who, stored.number,
       stored.at});
}

void apply_backfill_ended(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  database.execute("update backfill set ended_at = :p0, verdict = :p1 where name = :p2",
                   {stored.at, json_text(body, "verdict"), json_text(body, "name")});
}

void apply_backfill_stopped(Database& database, const StoredEvent& stored) {
  database.execute("update backfill set verdict = 'stopped' where name = :p0 and ended_at = ''",
                   {json_text(stored.event.body, "name")});
}

void apply_backfill_resumed(Database& database, const StoredEvent& stored) {
  database.execute("update backfill set verdict = '' where name = :p0 and ended_at = ''",
                   {json_text(stored.event.body, "name")});
}

void apply_backfill_run(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const std::string name =
      json_text_or(json_at(body, "options").as_object(), "backfill", std::string_view());
  if (name.empty()) return;
  database.execute(
      "insert into backfill_run (name, run, period, event) values (:p0, :p1, :p2, :p3)",
      {name, stored.event.run, json_text(body, "period"), stored.number});
}

}  // namespace tallymill
