#include "scheduler/store/apply_attempt.h"

#include <stdexcept>

#include "scheduler/job_name.h"
#include "scheduler/run_state.h"

namespace tallymill {
namespace {

/// A text to be bound, as it lies in the event.
std::string_view text_view(const json::object& body, std::string_view key) {
  if (const json::string* text = json_at(body, key).if_string())
    return {text->data(), text->size()};
  json_text(body, key);  // throws: it says what is wrong
  return {};
}

void end_attempt_row(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const std::int64_t changed = database.execute(
      "update attempt set state = :p0, ended_at = :p1, outcome = :p2, error_class = :p3,"
      " error = :p4, rows_in = :p5, rows_out = :p6, rows_rejected = :p7, findings_error = :p8,"
      " findings_warn = :p9, cpu_ms = :p10, memory_bytes = :p11 where id = :p12"
      " and state = 'starting'",
      {text_view(body, "state"), stored.at, text_view(body, "outcome"),
       text_view(body, "error_class"), text_view(body, "error"), json_integer(body, "rows_in"),
       json_integer(body, "rows_out"), json_integer(body, "rows_rejected"),
       json_integer(body, "findings_error"), json_integer(body, "findings_warn"),
       json_integer(body, "cpu_ms"), json_integer(body, "memory_bytes"),
       text_view(body, "attempt")});
  if (changed != 1)
    throw std::logic_error("attempt " + json_text(body, "attempt") + " is not open");
}

void publish_version(Database& database, const StoredEvent& stored, const ResultOwner& owner,
                     const json::object& version) {
  database.execute(
      "insert into version (dataset, id, period, partition, graph, job, run, evidence, row_count,"
      " digest, provenance, amounts, gates, event, published_at, visible) values (:p0, :p1, :p2,"
      " :p3, :p4, :p5, :p6, :p7, :p8, :p9, :p10, :p11, :p12, :p13, :p14, 1)",
      {text_view(version, "dataset"), text_view(stored.event.body, "attempt"), owner.period,
       owner.partition, owner.graph, owner.job, stored.event.run,
       std::int64_t{json_boolean(version, "evidence")}, json_integer(version, "rows"),
       text_view(version, "digest"), text_view(version, "provenance"),
       json::serialize(json_at(version, "amounts")), json::serialize(json_at(version, "gates")),
       stored.number, stored.at});
}

void publish(Database& database, const StoredEvent& stored, const ResultOwner& owner,
             const json::object& result) {
  // All at once: readers see the old versions of all datasets of the job, or the new ones.
  // Mostly there is nothing to hide, which costs less to ask than to do.
  const auto visible = database.select(
      "select count(*) from version where graph = :p0 and period = :p1 and job = :p2"
      " and partition = :p3 and visible = 1",
      "i", {owner.graph, owner.period, owner.job, owner.partition});
  if (visible.at(0).integer(0) > 0)
    database.execute(
        "update version set visible = 0 where graph = :p0 and period = :p1 and job = :p2"
        " and partition = :p3 and visible = 1",
        {owner.graph, owner.period, owner.job, owner.partition});
  for (const json::value& version : json_at(result, "versions").as_array())
    publish_version(database, stored, owner, version.as_object());
}

/// 1 passed, 0 refused, -1 the job is no gate.
std::int64_t gate_word(const json::array& verdicts) {
  if (verdicts.empty()) return -1;
  return json_boolean(verdicts.front().as_object(), "passed") ? 1 : 0;
}

void replace_result(Database& database, const StoredEvent& stored, const ResultOwner& owner,
                    const json::object& result) {
  const json::object& body = stored.event.body;
  database.execute(
      "insert into result (graph, period, job, partition, attempt, fingerprint,"
      " source_state, ledger, rows_in, rows_out, rows_rejected, findings_error, findings_warn,"
      " gate_passed, event, indicators) values (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9,"
      " :p10, :p11, :p12, :p13, :p14, :p15) on conflict (graph, period, job, partition) do update "
      "set"
      " attempt = excluded.attempt, fingerprint = excluded.fingerprint,"
      " source_state = excluded.source_state, ledger = excluded.ledger,"
      " rows_in = excluded.rows_in, rows_out = excluded.rows_out,"
      " rows_rejected = excluded.rows_rejected, findings_error = excluded.findings_error,"
      " findings_warn = excluded.findings_warn, gate_passed = excluded.gate_passed,"
      " event = excluded.event, indicators = excluded.indicators",
      {owner.graph, owner.period, owner.job, owner.partition, text_view(body, "attempt"),
       text_view(result, "fingerprint"), text_view(result, "source_state"),
       text_view(result, "ledger"), json_integer(body, "rows_in"), json_integer(body, "rows_out"),
       json_integer(body, "rows_rejected"), json_integer(body, "findings_error"),
       json_integer(body, "findings_warn"), gate_word(json_at(body, "verdicts").as_array()),
       stored.number, json_text_or(result, "indicators", "")});
}

void replace_measures(Database& database, const StoredEvent& stored, const ResultOwner& owner,
                      const json::object& result) {
  database.execute(
      "delete from measure where graph = :p0 and job = :p1 and partition = :p2 and period = :p3",
      {owner.graph, owner.job, owner.partition, owner.period});
  const json::value* measures = result.if_contains("measures");
  if (measures == nullptr) return;
  for (const auto& [name, value] : measures->as_object())
    database.execute(
        "insert into measure (graph, job, partition, period, name, value, attempt, event) values"
        " (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7)",
        {owner.graph, owner.job, owner.partition, owner.period, std::string(name),
         std::string(value.as_string()), text_view(stored.event.body, "attempt"), stored.number});
}

void apply_result(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const json::object& result = json_at(body, "result").as_object();
  const ResultOwner owner = owner_of(database, stored);
  if (json_boolean(result, "publishes")) publish(database, stored, owner, result);
  // An unchanged source leaves the result as it is: only what was read is new.
  if (json_text(body, "job_state") != to_string(JobRunState::up_to_date))
    replace_result(database, stored, owner, result);
  if (json_text(body, "job_state") != to_string(JobRunState::up_to_date))
    replace_measures(database, stored, owner, result);
  replace_inputs(database, owner, json_at(result, "inputs").as_array());
}

}  // namespace

ResultOwner owner_of(Database& database, const StoredEvent& stored) {
  const JobName job = split_job_name(stored.event.job);
  const auto rows = database.select(
      "select graph, period from job_run where run = :p0 and job = :p1 and partition = :p2", "tt",
      {stored.event.run, job.job, job.partition});
  if (rows.size() != 1) throw std::logic_error("no job run for event " + stored.event.kind);
  return {rows[0].text(0), rows[0].text(1), std::string(job.job), std::string(job.partition)};
}

void move_job_run(Database& database, const StoredEvent& stored, std::string_view from,
                  std::string_view to, std::string_view reason, std::string_view also,
                  std::initializer_list<StoreValue> values) {
  const auto source = job_run_state_from(from);
  const auto target = job_run_state_from(to);
  if (!source || !target || !may_move(*source, *target))
    throw std::logic_error("a job run cannot move from " + std::string(from) + " to " +
                           std::string(to));
  const JobName job = split_job_name(stored.event.job);
  std::string sql = "update job_run set state = :p0, reason = :p1, changed_at = :p2";
  // Only where it changes: naming it costs the index of open job runs an entry out and in.
  if (is_final(*source) != is_final(*target))
    sql += is_final(*target) ? ", is_open = 0" : ", is_open = 1";
  sql += also;
  sql += " where run = :p3 and job = :p4 and partition = :p5 and state = :p6";
  std::vector<StoreValue> parameters{to,      reason,        stored.at, stored.event.run,
                                     job.job, job.partition, from};
  parameters.insert(parameters.end(), values);
  if (database.execute(sql, parameters) != 1)
    throw std::logic_error("job run " + stored.event.run + " " + stored.event.job + " is not " +
                           std::string(from));
}

void add_pins(Database& database, const std::string& run, const json::array& pins) {
  for (const json::value& item : pins) {
    const json::object& pin = item.as_object();
    database.execute(
        "insert into pin (run, dataset, period, partition, version, digest)"
        " values (:p0, :p1, :p2, :p3, :p4, :p5)",
        {run, text_view(pin, "dataset"), text_view(pin, "period"), text_view(pin, "partition"),
         text_view(pin, "version"), text_view(pin, "digest")});
  }
}

void add_verdicts(Database& database, const StoredEvent& stored, const json::array& verdicts,
                  const std::string& fingerprint) {
  for (const json::value& item : verdicts) {
    const json::object& verdict = item.as_object();
    for (const json::value& version : json_at(verdict, "versions").as_array())
      database.execute(
          "insert into verdict (dataset, version, gate, fingerprint, passed, event)"
          " values (:p0, :p1, :p2, :p3, :p4, :p5) on conflict (dataset, version, gate) do update"
          " set fingerprint = excluded.fingerprint, passed = excluded.passed,"
          " event = excluded.event",
          {text_view(verdict, "dataset"), std::string_view(version.as_string()),
           split_job_name(stored.event.job).job, fingerprint,
           std::int64_t{json_boolean(verdict, "passed")}, stored.number});
  }
}

void replace_inputs(Database& database, const ResultOwner& owner, const json::array& inputs) {
  database.execute(
      "delete from result_input where graph = :p0 and period = :p1 and job = :p2"
      " and partition = :p3",
      {owner.graph, owner.period, owner.job, owner.partition});
  for (const json::value& item : inputs) {
    const json::object& pin = item.as_object();
    database.execute(
        "insert into result_input (graph, period, job, partition, dataset, input_period,"
        " input_partition, version, digest) values (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8)",
        {owner.graph, owner.period, owner.job, owner.partition, json_text(pin, "dataset"),
         json_text(pin, "period"), json_text(pin, "partition"), json_text(pin, "version"),
         json_text(pin, "digest")});
  }
}

void apply_attempt_started(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  move_job_run(database, stored, "ready", "running", "", ", attempts = :p7",
               {json_integer(body, "number")});
  const JobName job = split_job_name(stored.event.job);
  database.execute(
      "insert into attempt (id, run, job, partition, number, state, epoch, nonce, threads,"
      " started_at, ended_at, outcome, error_class, error, rows_in, rows_out, rows_rejected,"
      " findings_error, findings_warn, cpu_ms, memory_bytes) values (:p0, :p1, :p2, :p3, :p4,"
      " 'starting', :p5, :p6, :p7, :p8, '', '', '', '', 0, 0, 0, 0, 0, 0, 0)",
      {text_view(body, "attempt"), stored.event.run, job.job, job.partition,
       json_integer(body, "number"), stored.number, text_view(body, "nonce"),
       json_integer(body, "threads"), stored.at});
}

void apply_attempt_ended(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const std::string job_state = json_text(body, "job_state");
  end_attempt_row(database, stored);
  if (const std::string retry_at = json_text(body, "retry_at"); retry_at.empty())
    move_job_run(database, stored, "running", job_state, stored.event.why);
  else
    move_job_run(database, stored, "running", job_state, stored.event.why, ", retry_at = :p7",
                 {retry_at});
  if (body.contains("result")) apply_result(database, stored);
  const json::array& verdicts = json_at(body, "verdicts").as_array();
  if (!verdicts.empty())
    add_verdicts(database, stored, verdicts,
                 body.contains("result")
                     ? json_text(json_at(body, "result").as_object(), "fingerprint")
                     : "");
}

}  // namespace tallymill
