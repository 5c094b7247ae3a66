#include "scheduler/store/apply_control.h"

#include <stdexcept>

#include "scheduler/job_name.h"
#include "scheduler/store/apply_attempt.h"

namespace tallymill {
namespace {

void switch_run(Database& database, const StoredEvent& stored, std::string_view from,
                std::string_view to) {
  const std::int64_t changed = database.execute(
      "update run set state = :p0 where id = :p1 and state = :p2", {to, stored.event.run, from});
  if (changed != 1)
    throw std::logic_error("run " + stored.event.run + " is not " + std::string(from));
}

std::string with_why(const std::string& word, const std::string& why) {
  return why.empty() ? word : word + ": " + why;
}

}  // namespace

void apply_run_paused(Database& database, const StoredEvent& stored) {
  switch_run(database, stored, "active", "paused");
}

void apply_run_resumed(Database& database, const StoredEvent& stored) {
  switch_run(database, stored, "paused", "active");
}

void apply_job_approved(Database& database, const StoredEvent& stored) {
  move_job_run(database, stored, "waiting", "succeeded",
               with_why("approved by " + stored.who, stored.event.why));
}

void apply_job_rejected(Database& database, const StoredEvent& stored) {
  move_job_run(database, stored, "waiting", "failed",
               with_why("rejected by " + stored.who, stored.event.why));
}

void apply_job_marked(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const std::string from = json_text(body, "from");
  const std::string to = json_text(body, "to");
  const auto source = job_run_state_from(from);
  const auto target = job_run_state_from(to);
  if (!source || !target || !may_be_marked(*source, *target))
    throw std::logic_error("a job run cannot be marked from " + from + " to " + to);
  const JobName job = split_job_name(stored.event.job);
  const std::int64_t changed = database.execute(
      "update job_run set state = :p0, is_open = 0, reason = :p1, changed_at = :p2, retry_at = ''"
      " where run = :p3 and job = :p4 and partition = :p5 and state = :p6",
      {to, with_why("marked by " + stored.who, stored.event.why), stored.at, stored.event.run,
       job.job, job.partition, from});
  if (changed != 1)
    throw std::logic_error("job run " + stored.event.run + " " + stored.event.job + " is not " +
                           from);
}

void apply_attempt_stopped(Database& database, const StoredEvent& stored) {
  // The first reason counts: a job that is timed out stays so when everything is ended later. A
  // person's word goes before all of them.
  database.execute(
      "update attempt set stop = :p2 where id = :p1 and state = 'starting'"
      " and (stop = '' or :p0 = 'cancelled')",
      {stored.event.why, json_text(stored.event.body, "attempt"),
       with_why(stored.event.why, json_text_or(stored.event.body, "reason", ""))});
}

}  // namespace tallymill
