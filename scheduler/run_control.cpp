// ActiveRun: what people ask of a run.
#include "core/error.h"
#include "scheduler/active_run.h"
#include "scheduler/control_events.h"
#include "scheduler/judgement.h"

namespace tallymill {
namespace {

Error refusal(const std::string& message) { return Error(ErrorClass::config, message); }

}  // namespace

void ActiveRun::cancel(const std::string& why) {
  for (JobIndex i = 0; i < run_.size(); ++i)
    if (run_.job(i).included && !is_final(run_.job(i).state)) end_job(i, why);
}

void ActiveRun::cancel_job(JobIndex index, const std::string& why) {
  const LiveJob& job = run_.job(index);
  if (!job.included || is_final(job.state))
    throw refusal("job '" + run_.node(index).spec.name + "' of run " + run_.record().id + " is " +
                  (job.included ? std::string(to_string(job.state)) : "no part of the run") +
                  "; there is nothing to cancel");
  end_job(index, why);
}

void ActiveRun::end_job(JobIndex index, const std::string& why) {
  LiveJob& job = run_.job(index);
  if (job.state == JobRunState::running) {
    Flight& flight = flights_.at(handles_.at(index));
    if (flight.stop == StopReason::cancelled || flight.stop == StopReason::interrupted) return;
    // Asked to end already, because of its timeout or of the scheduler's end: it would be tried
    // again, and nobody wants that any more.
    flight.stop = StopReason::none;
    flight.why = why;
    stop_flight(flight, StopReason::cancelled, StopSignal::terminate);
    return;
  }
  services_.store.append(to_event(
      JobCancelled{run_.record().id, run_.node(index).spec.name, job.state, asked_reason(why)}));
  run_.move(index, JobRunState::cancelled);
  job.held = false;
  job.reason = asked_reason(why);
  held_.erase(index);
  changed_.push_back(index);
  follow(run_.settle(index));
}

void ActiveRun::pause(const std::string& why) {
  if (paused_) throw refusal("run " + run_.record().id + " is paused already");
  services_.store.append(to_event(RunPaused{run_.record().id, true, why}));
  paused_ = true;
}

void ActiveRun::resume(const std::string& why) {
  if (!paused_) throw refusal("run " + run_.record().id + " is not paused");
  services_.store.append(to_event(RunPaused{run_.record().id, false, why}));
  paused_ = false;
  for (const JobIndex index : parked_) queue(index);
  parked_.clear();
}

void ActiveRun::decide(JobIndex index, bool approved, const std::string& why) {
  LiveJob& job = run_.job(index);
  const JobNode& node = run_.node(index);
  if (!node.shape.waits_for_person)
    throw refusal("job '" + node.spec.name + "' is no approval job (its type is " + node.spec.type +
                  "); 'tallymill mark' says what any job came to");
  // It may not have been looked at yet: the run was put to work for this.
  if (job.state == JobRunState::waiting && !job.held) consider(index);
  const bool is_asked = job.held && job.reason.starts_with(kApprovalWanted);
  if (job.state != JobRunState::waiting || !is_asked)
    throw refusal("job '" + node.spec.name + "' of run " + run_.record().id +
                  " does not wait for approval: it is " +
                  (job.blocked ? "blocked" : std::string(to_string(job.state))) +
                  (job.held ? ", " + job.reason : ""));
  services_.store.append(to_event(JobDecided{run_.record().id, node.spec.name, approved, why}));
  const std::string word = approved ? "approved by " : "rejected by ";
  run_.move(index, approved ? JobRunState::succeeded : JobRunState::failed);
  job.held = false;
  job.reason = word + services_.store.who() + (why.empty() ? "" : ": " + why);
  held_.erase(index);
  changed_.push_back(index);
  follow(run_.settle(index));
}

void ActiveRun::require_not_running(JobIndex index) const {
  if (run_.job(index).state != JobRunState::running) return;
  const std::string& name = run_.node(index).spec.name;
  throw refusal("job '" + name + "' is running; cancel it first: tallymill cancel " +
                run_.record().id + " " + name);
}

void ActiveRun::require_visible_version(JobIndex index) const {
  const JobNode& node = run_.node(index);
  if (is_gate(node.shape))
    throw refusal("job '" + node.spec.name + "' is a gate: only data that passes it opens it");
  for (const DatasetUse& output : node.shape.outputs)
    if (!resolver_.made_by(node.spec.name).contains(output.dataset))
      throw refusal("job '" + node.spec.name + "' has no visible version of '" + output.dataset +
                    "' for " + run_.record().period +
                    ", so it cannot be marked success; mark it skipped, or run it");
}

void ActiveRun::mark(JobIndex index, JobRunState to, const std::string& why) {
  LiveJob& job = run_.job(index);
  const std::string& name = run_.node(index).spec.name;
  if (!job.included) throw refusal("job '" + name + "' is no part of run " + run_.record().id);
  require_not_running(index);
  if (!may_be_marked(job.state, to))
    throw refusal("job '" + name + "' is " + std::string(to_string(job.state)) + " already");
  if (to == JobRunState::succeeded) require_visible_version(index);
  services_.store.append(to_event(JobMarked{run_.record().id, name, job.state, to, why}));
  job.state = to;  // counted anew below
  job.held = false;
  job.reason = "marked by " + services_.store.who() + (why.empty() ? "" : ": " + why);
  if (to != JobRunState::failed) job.summary.error.clear();
  changed_.push_back(index);
  recount();
}

void ActiveRun::give_away(JobIndex index) {
  LiveJob& job = run_.job(index);
  if (is_final(job.state)) return;
  run_.move(index, JobRunState::cancelled);
  job.held = false;
  job.reason = "taken_over";
  held_.erase(index);
  changed_.push_back(index);
  follow(run_.settle(index));
}

void ActiveRun::shut_down(bool insist) {
  shut_down_ = true;
  for (auto& [handle, flight] : flights_)
    stop_flight(flight, StopReason::shutdown, insist ? StopSignal::kill : StopSignal::terminate);
}

void ActiveRun::recount() {
  std::vector<LiveJob> before;
  std::vector<std::string> included;
  for (JobIndex i = 0; i < run_.size(); ++i) {
    before.push_back(run_.job(i));
    if (run_.job(i).included) included.push_back(run_.node(i).spec.name);
  }
  run_ = LiveRun(run_.graph_pointer(), run_.record(), included);
  for (JobIndex i = 0; i < run_.size(); ++i) {
    if (!before[i].included) continue;
    LiveJob& job = run_.job(i);
    const LiveJob counted = job;
    const bool was_blocked = before[i].blocked;
    const JobRunState state = before[i].state;
    before[i].state = job.state;
    job = std::move(before[i]);
    job.before = counted.before;
    job.open_data = counted.open_data;
    job.data_failed = job.data_skipped = job.decided = job.told = false;
    job.blocked = false;
    if (was_blocked) job.reason.clear();
    if (was_blocked) changed_.push_back(i);
    run_.restore(i, state);
  }
  released_.clear();
  held_.clear();
  restore_counters();
}

}  // namespace tallymill
