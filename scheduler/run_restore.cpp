// ActiveRun after a restart: its state comes from the store, open attempts are settled.
#include "core/error.h"
#include "scheduler/active_run.h"
#include "scheduler/job_summary.h"
#include "scheduler/machine.h"

namespace tallymill {

void ActiveRun::restore() {
  std::vector<std::pair<JobIndex, const JobRunRecord*>> found;
  found.reserve(restored_.size());
  for (const JobRunRecord& record : restored_)
    if (const auto index = run_.find(record.job); index && run_.job(*index).included)
      found.emplace_back(*index, &record);
  for (const auto& [index, record] : found) {
    LiveJob& job = run_.job(index);
    read_reason(record->reason, job);
    job.cause = record->cause;
    job.attempts = record->attempts;
    job.fingerprint = record->fingerprint;
    run_.restore(index, record->state);
    restore_tries(index, *record);
  }
  restore_summaries();
  restore_counters();
  for (const auto& [index, record] : found) {
    if (record->state == JobRunState::ready || record->state == JobRunState::running)
      restore_inputs(index);
    if (record->state == JobRunState::ready) queue(index);
    if (record->state == JobRunState::retry_wait) {
      restore_inputs(index);
      restore_retry(index, record->retry_at);
    }
  }
  restored_ = {};
  for (const AttemptRecord& attempt : services_.store.view().open_attempts())
    if (attempt.run == run_.record().id) restore_attempt(attempt);
  watch_deadlines();
}

void ActiveRun::restore_tries(JobIndex index, const JobRunRecord& record) {
  // A good job is not tried again, and the attempt that runs has come to nothing yet.
  const int running = record.state == JobRunState::running ? 1 : 0;
  if (is_good(record.state) || record.attempts <= running) return;
  LiveJob& job = run_.job(index);
  for (const AttemptRecord& attempt : services_.store.view().attempts(record.run, record.job)) {
    if (attempt.error_class == to_string(ErrorClass::transient)) ++job.tries.failed;
    if (attempt.error_class == to_string(ErrorClass::memory)) {
      ++job.tries.out_of_memory;
      job.one_thread = true;
    }
    if (attempt.state != AttemptState::failed) continue;
    job.summary.error = attempt.error;
    job.summary.error_class = attempt.error_class;
  }
}

void ActiveRun::restore_summaries() {
  for (JobIndex i = 0; i < run_.size(); ++i) {
    LiveJob& job = run_.job(i);
    const std::string& name = run_.node(i).spec.name;
    if (!job.included || !is_good(job.state)) continue;
    if (const auto result = results_.find(name); result != results_.end())
      job.summary = summary_of(result->second, resolver_.made_by(name));
  }
}

void ActiveRun::restore_counters() { follow(run_.start()); }

void ActiveRun::restore_inputs(JobIndex index) {
  // What the run has pinned or made has not changed since: this finds the same versions again.
  LiveJob& job = run_.job(index);
  job.inputs = resolver_.resolve(index).versions;
}

void ActiveRun::restore_retry(JobIndex index, const std::string& retry_at) {
  // The wall clock may have been set meanwhile: never wait longer than the backoff allows.
  const auto left = std::min(until_utc(retry_at), run_.node(index).backoff.max);
  board_.timers.add({.at = services_.clock.now() + left,
                     .kind = TimerKind::retry,
                     .run = number_,
                     .job = index,
                     .attempt = run_.job(index).attempts});
}

void ActiveRun::restore_attempt(const AttemptRecord& record) {
  Flight flight;
  flight.job = run_.find(record.job).value();
  flight.number = record.number;
  flight.id = record.id;
  flight.folder = services_.state.attempt(record.run, record.job, record.number);
  const std::string cancelled(to_string(StopReason::cancelled));
  if (record.stop == cancelled || record.stop.starts_with(cancelled + ": ")) {
    flight.stop = StopReason::cancelled;
    flight.why = record.stop.substr(std::min(record.stop.size(), cancelled.size() + 2));
  }
  flight.epoch = {record.epoch, record.nonce, services_.store.store_id()};
  if (services_.executor.is_alive(flight.folder)) {
    services_.store.append(to_event(AttemptStopped{
        record.run, record.job, record.id, std::string(to_string(StopReason::restart)), "TERM"}));
    services_.store.commit();
    services_.executor.end(flight.folder, services_.patience);
  }
  AttemptEnding ending =
      read_ending(flight.folder, flight.id, flight.epoch, std::nullopt, false, reading_in_);
  // What may go away by itself may have: whoever started us again has perhaps just made room on
  // the disk that had stopped both the worker and our predecessor.
  if (ending.result && ending.result->outcome == TaskOutcome::failed &&
      ending.result->error_class == ErrorClass::transient)
    ending = {{}, ErrorClass::transient, ending.result->error};
  settle(flight, ending, nullptr, !ending.result);
}

}  // namespace tallymill
