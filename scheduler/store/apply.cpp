#include "scheduler/store/apply.h"

#include <array>
#include <stdexcept>

#include "core/digest.h"
#include "scheduler/job_name.h"
#include "scheduler/store/apply_attempt.h"
#include "scheduler/store/apply_backfill.h"
#include "scheduler/store/apply_cascade.h"
#include "scheduler/store/apply_control.h"
#include "scheduler/store/apply_corrections.h"
#include "scheduler/store/apply_due.h"
#include "scheduler/store/apply_notification.h"
#include "scheduler/store/apply_rules.h"

namespace tallymill {
namespace {

void set_meta(Database& database, std::string_view key, const std::string& value) {
  database.execute(
      "insert into meta (key, value) values (:p0, :p1)"
      " on conflict (key) do update set value = excluded.value",
      {key, value});
}

void apply_store_bound(Database& database, const StoredEvent& stored) {
  set_meta(database, "state_folder", json_text(stored.event.body, "state_folder"));
}

void apply_store_created(Database& database, const StoredEvent& stored) {
  set_meta(database, "store_id", json_text(stored.event.body, "store_id"));
  if (stored.event.body.contains("state_folder")) apply_store_bound(database, stored);
}

void take_over(Database& database, const StoredEvent& stored) {
  for (const json::value& item : json_at(stored.event.body, "takes_over").as_array()) {
    const std::string run = json_text(item.as_object(), "run");
    const std::string name = json_text(item.as_object(), "job");
    const JobName job = split_job_name(name);
    const std::int64_t changed = database.execute(
        "update job_run set state = 'cancelled', is_open = 0, reason = 'taken_over',"
        " changed_at = :p0 where run = :p1 and job = :p2 and partition = :p3 and is_open = 1"
        " and state in ('waiting', 'ready', 'retry_wait')",
        {stored.at, run, job.job, job.partition});
    if (changed != 1)
      throw std::logic_error("job run " + run + " " + name + " cannot be taken over");
  }
}

struct RunPlace {
  std::string graph;
  std::string period;
};

void add_job_run(Database& database, const StoredEvent& stored, const RunPlace& place,
                 std::string_view name, std::int64_t position) {
  const JobName job = split_job_name(name);
  database.execute(
      "insert into job_run (run, job, partition, graph, period, position, state, is_open, reason,"
      " attempts, fingerprint, retry_at, changed_at) values (:p0, :p1, :p2, :p3, :p4, :p5,"
      " 'waiting', 1, '', 0, '', '', :p6)",
      {stored.event.run, job.job, job.partition, place.graph, place.period, position, stored.at});
}

void apply_run_started(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const std::string graph = json_text(body, "graph");
  const std::string period = json_text(body, "period");
  database.execute(
      "insert into run (id, graph, period, number, of_run, state, who, as_of, params, forced,"
      " options, event, started_at, ended_at, verdict) values (:p0, :p1, :p2, :p3, :p4, 'active',"
      " :p5, :p6, :p7, :p8, :p9, :p10, :p11, '', '')",
      {stored.event.run, graph, period, json_integer(body, "number"), json_text(body, "of"),
       stored.who, json_text(body, "as_of"), json::serialize(json_at(body, "params")),
       json::serialize(json_at(body, "forced")), json::serialize(json_at(body, "options")),
       stored.number, stored.at});
  for (const json::value& item : json_at(body, "files").as_array())
    database.execute("insert into run_file (run, path, sha256) values (:p0, :p1, :p2)",
                     {stored.event.run, json_text(item.as_object(), "path"),
                      json_text(item.as_object(), "sha256")});
  apply_backfill_run(database, stored);
  take_over(database, stored);
  if (const std::string due = json_text_or(body, "due", ""); !due.empty())
    drop_due(database, graph, period, due);
  std::int64_t position = 0;
  for (const json::value& job : json_at(body, "jobs").as_array())
    add_job_run(database, stored, {graph, period}, std::string_view(job.as_string()), position++);
}

/// What waited for the list is replaced by one job run per partition, in its place.
void apply_partitions_listed(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const json::array& values = json_at(body, "values").as_array();
  const auto rows =
      database.select("select graph, period from run where id = :p0", "tt", {stored.event.run});
  if (rows.size() != 1) throw std::logic_error("no run " + stored.event.run);
  const RunPlace place{rows[0].text(0), rows[0].text(1)};
  database.execute(
      "insert into partition_list (graph, period, job, partitions, event)"
      " values (:p0, :p1, :p2, :p3, :p4) on conflict (graph, period, job) do update set"
      " partitions = excluded.partitions, event = excluded.event",
      {place.graph, place.period, stored.event.job, json::serialize(values), stored.number});
  for (const json::value& job : json_at(body, "jobs").as_array()) {
    const std::string_view name(job.as_string());
    const auto found = database.select(
        "select position from job_run where run = :p0 and job = :p1 and partition = ''"
        " and state = 'waiting'",
        "i", {stored.event.run, name});
    if (found.size() != 1)
      throw std::logic_error("job run " + std::string(name) + " awaits no list");
    database.execute("delete from job_run where run = :p0 and job = :p1 and partition = ''",
                     {stored.event.run, name});
    for (const json::value& value : values)
      add_job_run(database, stored, place, job_name(name, std::string_view(value.as_string())),
                  found[0].integer(0));
  }
}

void apply_job_ready(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const std::string from = json_text(body, "from");
  const std::string fingerprint = json_text(body, "fingerprint");
  if (stored.event.why.empty())
    move_job_run(database, stored, from, "ready", "", ", fingerprint = :p7, retry_at = ''",
                 {fingerprint});
  else
    move_job_run(database, stored, from, "ready", "",
                 ", fingerprint = :p7, retry_at = '', cause = :p8",
                 {fingerprint, stored.event.why});
  add_pins(database, stored.event.run, json_at(body, "pins").as_array());
  if (const json::value* changes = body.if_contains("changes")) {
    const JobName job = split_job_name(stored.event.job);
    database.execute(
        "update job_run set changes = :p0 where run = :p1 and job = :p2 and partition = :p3",
        {json::serialize(*changes), stored.event.run, job.job, job.partition});
  }
}

void apply_job_up_to_date(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const std::string fingerprint = json_text(body, "fingerprint");
  move_job_run(database, stored, "waiting", "up_to_date", stored.event.why, ", fingerprint = :p7",
               {fingerprint});
  add_pins(database, stored.event.run, json_at(body, "pins").as_array());
  const json::array& verdicts = json_at(body, "verdicts").as_array();
  const json::array& inputs = json_at(body, "inputs").as_array();
  if (!verdicts.empty()) add_verdicts(database, stored, verdicts, fingerprint);
  if (!inputs.empty()) replace_inputs(database, owner_of(database, stored), inputs);
}

/// What a sweep found up to date has the fingerprint of its result, by definition.
void apply_jobs_up_to_date(Database& database, const StoredEvent& stored) {
  for (const json::value& job : json_at(stored.event.body, "jobs").as_array()) {
    const JobName name = split_job_name(std::string_view(job.as_string()));
    const std::int64_t changed = database.execute(
        "update job_run set state = 'up_to_date', is_open = 0, reason = :p0, changed_at = :p1,"
        " fingerprint = coalesce((select r.fingerprint from result r where r.graph = job_run.graph"
        " and r.period = job_run.period and r.job = job_run.job"
        " and r.partition = job_run.partition), '')"
        " where run = :p2 and job = :p3 and partition = :p4 and state = 'waiting'",
        {stored.event.why, stored.at, stored.event.run, name.job, name.partition});
    if (changed != 1) throw std::logic_error("a job of the sweep does not wait");
  }
  for (const json::value& item : json_at(stored.event.body, "others").as_array()) {
    StoredEvent one{stored.number, stored.at, stored.who, stored.event, {}, {}};
    one.event.body = item.as_object();
    one.event.job = json_text(one.event.body, "job");
    apply_job_up_to_date(database, one);
  }
}

void apply_job_cancelled(Database& database, const StoredEvent& stored) {
  move_job_run(database, stored, json_text(stored.event.body, "from"), "cancelled",
               stored.event.why);
}

void apply_job_held(Database& database, const StoredEvent& stored) {
  const JobName job = split_job_name(stored.event.job);
  database.execute(
      "update job_run set reason = :p0 where run = :p1 and job = :p2 and partition = :p3"
      " and state = 'waiting'",
      {stored.event.why, stored.event.run, job.job, job.partition});
}

void apply_job_skipped(Database& database, const StoredEvent& stored) {
  move_job_run(database, stored, "waiting", "skipped",
               stored.event.why + ": " + json_text(stored.event.body, "sentence"));
}

void apply_job_failed(Database& database, const StoredEvent& stored) {
  move_job_run(database, stored, "ready", "failed",
               stored.event.why + ": " + json_text(stored.event.body, "sentence"));
}

void apply_deadline_missed(Database& database, const StoredEvent& stored) {
  database.execute(
      "insert into missed_deadline (run, job, dataset, deadline, event, missed_at)"
      " values (:p0, :p1, :p2, :p3, :p4, :p5)",
      {stored.event.run, stored.event.job, json_text(stored.event.body, "dataset"),
       json_text(stored.event.body, "deadline"), stored.number, stored.at});
}

void apply_run_ended(Database& database, const StoredEvent& stored) {
  database.execute("update run set state = 'ended', ended_at = :p0, verdict = :p1 where id = :p2",
                   {stored.at, json_text(stored.event.body, "verdict"), stored.event.run});
}

void apply_versions_removed(Database& database, const StoredEvent& stored) {
  for (const json::value& item : json_at(stored.event.body, "versions").as_array()) {
    const std::int64_t changed = database.execute(
        "update version set removed = 1 where dataset = :p0 and id = :p1 and visible = 0",
        {json_text(item.as_object(), "dataset"), json_text(item.as_object(), "version")});
    if (changed != 1) throw std::logic_error("a version that is visible cannot be removed");
  }
}

void apply_run_removed(Database& database, const StoredEvent& stored) {
  if (database.execute("delete from run where id = :p0 and state = 'ended'", {stored.event.run}) !=
      1)
    throw std::logic_error("run " + stored.event.run + " has not ended: it cannot be removed");
  for (const char* table :
       {"run_file", "job_run", "attempt", "pin", "missed_deadline", "rule_shadow"})
    database.execute("delete from " + std::string(table) + " where run = :p0", {stored.event.run});
  for (const json::value& item : json_at(stored.event.body, "versions").as_array()) {
    const std::string dataset = json_text(item.as_object(), "dataset");
    const std::string version = json_text(item.as_object(), "version");
    database.execute("delete from verdict where dataset = :p0 and version = :p1",
                     {dataset, version});
    database.execute("delete from version where dataset = :p0 and id = :p1 and removed = 1",
                     {dataset, version});
  }
}

/// For what is only to be remembered.
void change_nothing(Database&, const StoredEvent&) {}

using Apply = void (*)(Database&, const StoredEvent&);

constexpr std::array kKinds{
    std::pair<std::string_view, Apply>{"store_created", apply_store_created},
    std::pair<std::string_view, Apply>{"store_bound", apply_store_bound},
    std::pair<std::string_view, Apply>{"run_started", apply_run_started},
    std::pair<std::string_view, Apply>{"job_ready", apply_job_ready},
    std::pair<std::string_view, Apply>{"job_up_to_date", apply_job_up_to_date},
    std::pair<std::string_view, Apply>{"jobs_up_to_date", apply_jobs_up_to_date},
    std::pair<std::string_view, Apply>{"attempt_started", apply_attempt_started},
    std::pair<std::string_view, Apply>{"attempt_stopped", apply_attempt_stopped},
    std::pair<std::string_view, Apply>{"attempt_ended", apply_attempt_ended},
    std::pair<std::string_view, Apply>{"job_cancelled", apply_job_cancelled},
    std::pair<std::string_view, Apply>{"job_held", apply_job_held},
    std::pair<std::string_view, Apply>{"job_skipped", apply_job_skipped},
    std::pair<std::string_view, Apply>{"job_failed", apply_job_failed},
    std::pair<std::string_view, Apply>{"deadline_missed", apply_deadline_missed},
    std::pair<std::string_view, Apply>{"partitions_listed", apply_partitions_listed},
    std::pair<std::string_view, Apply>{"run_ended", apply_run_ended},
    std::pair<std::string_view, Apply>{"backfill_started", apply_backfill_started},
    std::pair<std::string_view, Apply>{"backfill_ended", apply_backfill_ended},
    std::pair<std::string_view, Apply>{"backfill_stopped", apply_backfill_stopped},
    std::pair<std::string_view, Apply>{"backfill_resumed", apply_backfill_resumed},
    std::pair<std::string_view, Apply>{"cascade_started", apply_cascade_started},
    std::pair<std::string_view, Apply>{"cascade_step", apply_cascade_step},
    std::pair<std::string_view, Apply>{"cascade_ended", apply_cascade_ended},
    std::pair<std::string_view, Apply>{"notification_queued", apply_notification_queued},
    std::pair<std::string_view, Apply>{"notification_delivered", apply_notification_delivered},
    std::pair<std::string_view, Apply>{"notification_failed", apply_notification_failed},
    std::pair<std::string_view, Apply>{"notification_given_up", apply_notification_given_up},
    std::pair<std::string_view, Apply>{"notification_retried", apply_notification_retried},
    std::pair<std::string_view, Apply>{"run_paused", apply_run_paused},
    std::pair<std::string_view, Apply>{"run_resumed", apply_run_resumed},
    std::pair<std::string_view, Apply>{"job_approved", apply_job_approved},
    std::pair<std::string_view, Apply>{"job_rejected", apply_job_rejected},
    std::pair<std::string_view, Apply>{"job_marked", apply_job_marked},
    std::pair<std::string_view, Apply>{"trigger_seen", apply_trigger_seen},
    std::pair<std::string_view, Apply>{"garbage_collected", apply_trigger_seen},
    std::pair<std::string_view, Apply>{"run_due", apply_run_due},
    std::pair<std::string_view, Apply>{"due_skipped", apply_due_skipped},
    std::pair<std::string_view, Apply>{"versions_removed", apply_versions_removed},
    std::pair<std::string_view, Apply>{"run_removed", apply_run_removed},
    std::pair<std::string_view, Apply>{"rule_kept", apply_rule_kept},
    std::pair<std::string_view, Apply>{"rule_proposed", apply_rule_decided},
    std::pair<std::string_view, Apply>{"rule_approved", apply_rule_decided},
    std::pair<std::string_view, Apply>{"rule_activated", apply_rule_decided},
    std::pair<std::string_view, Apply>{"rule_rolled_back", apply_rule_decided},
    std::pair<std::string_view, Apply>{"rule_shadowed", apply_rule_decided},
    std::pair<std::string_view, Apply>{"rule_shadow_seen", apply_rule_shadow_seen},
    std::pair<std::string_view, Apply>{"rows_corrected", apply_rows_corrected},
    // A restored copy may have come into another folder.
    std::pair<std::string_view, Apply>{"store_restored", apply_store_bound},
    std::pair<std::string_view, Apply>{"store_migrated", change_nothing},
    std::pair<std::string_view, Apply>{"sensitive_shown", change_nothing},
};

}  // namespace

std::string hash_of(const StoredEvent& stored) {
  Fingerprint fingerprint;
  fingerprint.add(std::to_string(stored.number))
      .add(stored.at)
      .add(stored.who)
      .add(stored.event.kind)
      .add(stored.event.run)
      .add(stored.event.job)
      .add(stored.event.why)
      .add(stored.body)
      .add(stored.previous);
  return fingerprint.hex();
}

void apply_event(Database& database, const StoredEvent& event) {
  for (const auto& [kind, apply] : kKinds)
    if (kind == event.event.kind) return apply(database, event);
  throw std::logic_error("the store knows no event '" + event.event.kind + "'");
}

}  // namespace tallymill
