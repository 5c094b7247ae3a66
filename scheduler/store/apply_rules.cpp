#include "scheduler/store/apply_rules.h"

namespace tallymill {

void apply_rule_kept(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  database.execute(
      "insert into rule_version (rule, version, path, sha256, body, required, rule_abi, who, event,"
      " kept_at) values (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9)",
      {json_text(body, "rule"), json_text(body, "version"), json_text(body, "file"),
       json_text(body, "sha256"), json_text(body, "text"),
       json::serialize(json_at(body, "requires")), json_integer(body, "rule_abi"), stored.who,
       stored.number, stored.at});
}

void apply_rule_decided(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  database.execute(
      "insert into rule_change (event, rule, kind, version, from_period, who, changed_at, why)"
      " values (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7)",
      {stored.number, json_text(body, "rule"), stored.event.kind, json_text(body, "version"),
       json_text(body, "from"), stored.who, stored.at, stored.event.why});
}

void apply_rule_shadow_seen(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  database.execute(
      "insert into rule_shadow (attempt, rule, version, run, job, row_count, changed, answer, "
      "event,"
      " seen_at) values (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9)",
      {json_text(body, "attempt"), json_text(body, "rule"), json_text(body, "version"),
       stored.event.run, stored.event.job, json_integer(body, "rows"),
       json_integer(body, "changed"), json::serialize(json_at(body, "answer")), stored.number,
       stored.at});
}

}  // namespace tallymill
