#include "scheduler/store/apply_cascade.h"

namespace tallymill {

void apply_cascade_started(Database& database, const StoredEvent& stored) {
  database.execute(
      "insert into rerun_cascade (run, steps, done, who, event, started_at, ended_at, verdict,"
      " current) values (:p0, :p1, 0, :p2, :p3, :p4, '', '', :p0)",
      {stored.event.run, json::serialize(json_at(stored.event.body, "steps")), stored.who,
       stored.number, stored.at});
}

void apply_cascade_step(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  database.execute("update rerun_cascade set done = :p0, current = :p1 where run = :p2",
                   {json_integer(body, "done"), json_text(body, "current"), stored.event.run});
}

void apply_cascade_ended(Database& database, const StoredEvent& stored) {
  database.execute("update rerun_cascade set ended_at = :p0, verdict = :p1 where run = :p2",
                   {stored.at, json_text(stored.event.body, "verdict"), stored.event.run});
}

}  // namespace tallymill
