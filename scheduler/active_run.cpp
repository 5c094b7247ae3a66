#include "scheduler/active_run.h"

#include <algorithm>

#include "core/error.h"
#include "scheduler/fingerprint.h"
#include "scheduler/job_changes.h"
#include "scheduler/job_name.h"
#include "scheduler/job_summary.h"
#include "scheduler/machine.h"
#include "scheduler/rule_book.h"

namespace tallymill {
namespace {

/// Jobs of one run considered in a turn: a big run shows progress and lets the others go on.
constexpr int kLargestBatch = 1000;

std::string approval_wanted(const JobNode& node) {
  const std::string ask = node.spec.options.text("ask");
  return std::string(kApprovalWanted) + (ask.empty() ? "" : ": " + ask);
}

}  // namespace

ActiveRun::ActiveRun(const RunServices& services, LoopBoard& board, std::uint32_t number,
                     RunSetup setup)
    : services_(services),
      board_(board),
      number_(number),
      workspace_(std::move(setup.workspace)),
      memory_(memory_per_attempt(workspace_->slots)),
      live_(std::move(setup.live)),
      run_(*live_),
      restored_(std::move(setup.job_runs)),
      files_(std::move(setup.files)),
      making_in_(std::make_shared<HeldFolder>(services.state.attempts_of(run_.record().id))),
      reading_in_(services.state.attempts_of(run_.record().id)),
      resolver_(*workspace_, run_, services.store.view()),
      forced_(run_.record().forced.begin(), run_.record().forced.end()),
      paused_(run_.record().state == RunState::paused) {
  for (ResultRecord& result :
       services_.store.view().results(run_.record().graph, run_.record().period)) {
    std::string job = result.job;
    results_.emplace(std::move(job), std::move(result));
  }
}

void ActiveRun::consider_released() {
  for (int i = 0; i < kLargestBatch && !released_.empty() && !interrupted_; ++i) {
    const JobIndex index = released_.front();
    released_.pop_front();
    consider(index);
  }
  if (interrupted_) released_.clear();
  tell_sweep();
}

void ActiveRun::tell_sweep() {
  if (sweep_.size() == 1) services_.store.append(to_event(sweep_.front()));
  if (sweep_.size() > 1)
    services_.store.append(to_event(JobsUpToDate{run_.record().id, std::move(sweep_)}));
  sweep_.clear();
}

void ActiveRun::wake(const std::set<std::string>& datasets) {
  for (const JobIndex index : held_) {
    const auto& inputs = run_.node(index).shape.inputs;
    if (std::any_of(inputs.begin(), inputs.end(),
                    [&](const DatasetUse& input) { return datasets.contains(input.dataset); }))
      released_.push_back(index);
  }
}

void ActiveRun::consider(JobIndex index) {
  LiveJob& job = run_.job(index);
  held_.erase(index);
  if (job.state != JobRunState::waiting || job.blocked || !job.decided) return;
  if (run_.trigger(index) == Trigger::skip) return skip(index, run_.skip_reason(index));
  if (!meets_condition(index)) return;
  if (run_.node(index).awaits_list()) return consider_unlisted(index);
  JobInputs inputs = resolver_.resolve(index);
  if (!inputs.failed.empty()) return fail(index, inputs.code, inputs.failed);
  if (!inputs.blocked.empty()) {
    changed_.push_back(index);
    return follow(run_.block(index, inputs.blocked));
  }
  if (!inputs.held.empty()) return hold(index, inputs);
  if (run_.node(index).shape.waits_for_person) {
    inputs.held = approval_wanted(run_.node(index));
    return hold(index, inputs);
  }
  job.held = false;
  job.reason.clear();
  job.inputs = std::move(inputs.versions);
  job.fingerprint = job_fingerprint(*workspace_, run_.node(index), run_.record().period,
                                    run_.record().params, files_, job.inputs, run_.record().as_of);
  resolver_.add_pins(inputs.new_pins);
  job.cause = cause_to_run(index);
  if (job.cause.empty()) return reuse(index, std::move(inputs.new_pins));
  if (job.cause == "changed" || job.cause == "rule_changed")
    job.changes = changes_since({*workspace_, run_.node(index), run_.record(), files_, job.inputs},
                                results_.at(run_.node(index).spec.name), services_.store.view(),
                                services_.state);
  services_.store.append(
      to_event(JobReady{run_.record().id, run_.node(index).spec.name, job.state, job.fingerprint,
                        std::move(inputs.new_pins), job.cause, job.changes}));
  make_ready(index);
}

void ActiveRun::hold(JobIndex index, const JobInputs& inputs) {
  LiveJob& job = run_.job(index);
  job.held = true;
  held_.insert(index);
  changed_.push_back(index);
  if (job.reason == inputs.held && job.code == inputs.code) return;
  job.reason = inputs.held;
  job.code = inputs.code;
  services_.store.append(
      to_event(JobHeld{run_.record().id, run_.node(index).spec.name, stored_reason(job)}));
}

void ActiveRun::fail(JobIndex index, const std::string& code, const std::string& sentence) {
  services_.store.append(
      to_event(JobFailed{run_.record().id, run_.node(index).spec.name, code, sentence}));
  run_.move(index, JobRunState::failed);
  LiveJob& job = run_.job(index);
  job.reason = code + ": " + sentence;
  job.summary.error = sentence;
  job.summary.error_class = to_string(ErrorClass::data);
  changed_.push_back(index);
  follow(run_.settle(index));
}

bool ActiveRun::spread(const std::string& list_job, const std::vector<std::string>& values) {
  std::vector<std::string> awaiting = run_.awaiting(list_job);
  const bool is_awaited = !awaiting.empty();
  services_.store.append(
      to_event(PartitionsListed{run_.record().id, list_job, values, std::move(awaiting)}));
  if (!is_awaited) return false;
  follow(run_.spread(list_job, values));
  // They point into the graph as it was.
  deadlines_.clear();
  watch_deadlines();
  return true;
}

void ActiveRun::consider_unlisted(JobIndex index) {
  const std::string list_job = run_.node(index).axis->list_job;
  const auto list =
      services_.store.view().partition_list(run_.record().graph, run_.record().period, list_job);
  if (list) {
    spread(list_job, *list);
    return;
  }
  JobInputs inputs;
  inputs.code = "input_missing";
  inputs.held = "its partitions are not known: job '" + list_job +
                "', no part of this run, has not listed them yet";
  hold(index, inputs);
}

void ActiveRun::make_ready(JobIndex index) {
  run_.move(index, JobRunState::ready);
  queue(index);
  changed_.push_back(index);
}

void ActiveRun::queue(JobIndex index) {
  const JobNode& node = run_.node(index);
  board_.slots.add(node.resource_pool, {node.priority, number_, index});
  if (node.queue_timeout.count() > 0)
    board_.timers.add({.at = services_.clock.now() + node.queue_timeout,
                       .kind = TimerKind::queue,
                       .run = number_,
                       .job = index,
                       .attempt = run_.job(index).attempts});
}

void ActiveRun::note_verdicts(const std::vector<GateVerdict>& verdicts) {
  for (const GateVerdict& verdict : verdicts) board_.published.insert(verdict.dataset);
}

bool ActiveRun::is_forced(const std::string& name) const {
  // Of a job that awaited its list the whole was forced.
  return forced_.contains(name) || forced_.contains(split_job_name(name).job);
}

std::string ActiveRun::cause_to_run(JobIndex index) const {
  const JobNode& node = run_.node(index);
  const std::string& name = node.spec.name;
  if (is_forced(name)) return "forced";
  const auto previous = results_.find(name);
  if (previous == results_.end()) return "no_result";
  if (previous->second.fingerprint != run_.job(index).fingerprint)
    return node.shape.reads_as_of                                                   ? "reads_as_of"
           : has_other_rule(services_.store.view(), previous->second, node, files_) ? "rule_changed"
                                                                                    : "changed";
  // Whether a source has changed only the worker can tell: it is asked, and may answer at once.
  if (node.shape.reads_source) return "source_may_differ";
  if (is_gate(node.shape) && !previous->second.gate_passed) return "no_verdict";
  return has_all_versions(index) ? "" : "version_missing";
}

bool ActiveRun::has_all_versions(JobIndex index) const {
  const JobNode& node = run_.node(index);
  const auto& made = resolver_.made_by(node.spec.name);
  for (const DatasetUse& output : node.shape.outputs)
    if (!made.contains(output.dataset)) return false;
  // Somebody may have deleted a version by hand: then it is made again.
  return std::all_of(made.begin(), made.end(), [&](const auto& entry) {
    const VersionRecord& version = entry.second;
    return std::filesystem::exists(
        services_.state.version(version.dataset, version.period, version.partition, version.id));
  });
}

void ActiveRun::reuse(JobIndex index, std::vector<PinnedVersion> pins) {
  LiveJob& job = run_.job(index);
  const JobNode& node = run_.node(index);
  const ResultRecord& previous = results_.at(node.spec.name);
  JobUpToDate change{run_.record().id, node.spec.name, job.fingerprint,
                     std::move(pins),  job.inputs,     {}};
  // The version may be a new one with the same data: the gate's word holds for it too.
  if (is_gate(node.shape))
    change.verdicts.push_back(verdict_of(node.shape, job.inputs, *previous.gate_passed));
  note_verdicts(change.verdicts);
  // A gate's word is asked of the store by whoever is looked at next.
  if (change.verdicts.empty())
    sweep_.push_back(std::move(change));
  else
    services_.store.append(to_event(change));
  run_.move(index, JobRunState::up_to_date);
  job.reason = "same_fingerprint";
  job.summary = summary_of(previous, resolver_.made_by(node.spec.name));
  changed_.push_back(index);
  if (node.spec.type == kPartitionListType) {
    const auto list = services_.store.view().partition_list(run_.record().graph,
                                                            run_.record().period, node.spec.name);
    if (spread(node.spec.name, list.value_or(std::vector<std::string>()))) return;
  }
  follow(run_.settle(index));
}

void ActiveRun::handle_timer(const Timer& timer) {
  const LiveJob& job = run_.job(timer.job);
  if (timer.kind == TimerKind::retry) {
    if (job.attempts != timer.attempt || job.state != JobRunState::retry_wait || interrupted_)
      return;
    services_.store.append(to_event(JobReady{run_.record().id,
                                             run_.node(timer.job).spec.name,
                                             JobRunState::retry_wait,
                                             job.fingerprint,
                                             {}}));
    return make_ready(timer.job);
  }
  if (timer.kind == TimerKind::queue) return give_up_waiting(timer);
  Flight& flight = flights_.at(handles_.at(timer.job));
  flight.timer.reset();
  if (timer.kind == TimerKind::timeout)
    stop_flight(flight, StopReason::timeout, StopSignal::terminate);
  else
    stop_flight(flight, flight.stop, StopSignal::kill);
}

void ActiveRun::interrupt(bool insist) {
  interrupted_ = true;
  for (auto& [handle, flight] : flights_)
    stop_flight(flight, StopReason::interrupted, insist ? StopSignal::kill : StopSignal::terminate);
}

void ActiveRun::kill_all() {
  for (const auto& [handle, flight] : flights_) services_.executor.stop(handle, StopSignal::kill);
}

bool ActiveRun::is_stuck() const {
  if (!flights_.empty() || !prepared_.empty()) return false;
  if (interrupted_ || shut_down_) return true;
  if (!released_.empty() || run_.count(JobRunState::retry_wait) > 0) return false;
  return paused_ || run_.count(JobRunState::ready) == 0;
}

std::vector<JobIndex> ActiveRun::all_jobs() const {
  std::vector<JobIndex> all;
  for (JobIndex i = 0; i < run_.size(); ++i)
    if (run_.job(i).included) all.push_back(i);
  return all;
}

std::vector<JobIndex> ActiveRun::take_changed() {
  std::vector<JobIndex> changed = std::move(changed_);
  changed_.clear();
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  return changed;
}

void ActiveRun::end_if_final() {
  const std::string& run = run_.record().id;
  // Jobs that wait for outside input keep the run open: it goes on when the input is there.
  if (ended_ || !is_stuck() || (!interrupted_ && run_.unfinished() > 0)) return;
  for (JobIndex i = 0; i < run_.size(); ++i) {
    LiveJob& job = run_.job(i);
    if (!job.included || is_final(job.state)) continue;
    const std::string why =
        job.blocked && !interrupted_ ? std::string(kBlockedReason) + job.reason : "interrupted";
    services_.store.append(to_event(JobCancelled{run, run_.node(i).spec.name, job.state, why}));
    run_.move(i, JobRunState::cancelled);
    changed_.push_back(i);
  }
  services_.store.append(to_event(
      RunEnded{run, interrupted_ ? "interrupted" : "", std::string(to_string(verdict()))}));
  ended_ = true;
}

bool ActiveRun::was_cancelled() const {
  for (JobIndex i = 0; i < run_.size(); ++i)
    if (run_.job(i).state == JobRunState::cancelled && run_.job(i).reason.starts_with(kAskedReason))
      return true;
  return false;
}

RunVerdict ActiveRun::verdict() const {
  if (interrupted_ || was_cancelled()) return RunVerdict::interrupted;
  bool held = false;
  bool findings = false;
  for (JobIndex i = 0; i < run_.size(); ++i) {
    const LiveJob& job = run_.job(i);
    if (job.state == JobRunState::failed) return RunVerdict::failed;
    held = held || job.held;
    findings = findings || job.blocked || job.summary.findings_error > 0 ||
               job.summary.gate_passed == false;
  }
  if (held || (paused_ && run_.unfinished() > 0)) return RunVerdict::waiting;
  return findings ? RunVerdict::findings : RunVerdict::ok;
}

}  // namespace tallymill
