#include "scheduler/run_loop.h"

#include <poll.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "scheduler/fingerprint.h"
#include "scheduler/job_summary.h"
#include "scheduler/machine.h"

namespace tallymill {
namespace {

/// A batch of events is committed at least this often, so that a big run shows progress.
constexpr std::int64_t kLargestBatch = 1000;

}  // namespace

bool RunLoop::ReadyOrder::operator()(JobIndex a, JobIndex b) const {
  const int first = graph->jobs[a].priority;
  const int second = graph->jobs[b].priority;
  return first != second ? first < second : a > b;
}

RunLoop::RunLoop(const RunEnvironment& environment, LiveRun& run, PinnedFiles files)
    : env_(environment),
      cores_(usable_cores()),
      memory_(memory_per_attempt(environment.workspace.slots)),
      run_(run),
      files_(std::move(files)),
      resolver_(environment.workspace, run, environment.store.view()),
      forced_(run.record().forced.begin(), run.record().forced.end()),
      ready_(ReadyOrder{&run.graph()}),
      memory_kills_(out_of_memory_kills()) {
  for (ResultRecord& result : env_.store.view().results(run.record().graph, run.record().period)) {
    std::string job = result.job;
    results_.emplace(std::move(job), std::move(result));
  }
}

RunVerdict RunLoop::run() {
  try {
    go_on();
  } catch (...) {
    // The store cannot take in what happens any more. Whoever runs next finds these attempts lost;
    // without this they would find them at work.
    for (const auto& [handle, flight] : flights_) env_.executor.stop(handle, StopSignal::kill);
    throw;
  }
  return verdict();
}

void RunLoop::go_on() {
  for (;;) {
    consider_released();
    start_attempts();
    env_.store.commit();
    spawn_prepared();
    tell();
    // What a spawn could not do is settled in the next turn, before waiting.
    if (!released_.empty() || env_.store.uncommitted() > 0) continue;
    if (flights_.empty() && (interrupts_taken_ > 0 || run_.count(JobRunState::retry_wait) == 0))
      break;
    wait();
    handle_signals();
    collect_exits();
    handle_timers();
  }
  end_run();
  env_.store.commit();
  tell();
}

void RunLoop::consider_released() {
  while (!released_.empty() && interrupts_taken_ == 0) {
    const JobIndex index = released_.back();
    released_.pop_back();
    consider(index);
    if (env_.store.uncommitted() >= kLargestBatch) {
      env_.store.commit();
      tell();
    }
  }
  if (interrupts_taken_ > 0) released_.clear();
}

void RunLoop::consider(JobIndex index) {
  LiveJob& job = run_.job(index);
  if (job.state != JobRunState::waiting || job.blocked || job.waits_for > 0) return;
  JobInputs inputs = resolver_.resolve(index);
  if (!inputs.blocked.empty()) {
    run_.block(index, inputs.blocked);
    changed_.push_back(index);
    return;
  }
  if (!inputs.held.empty()) return hold(index, inputs.held);
  job.held = false;
  job.reason.clear();
  job.inputs = std::move(inputs.versions);
  job.fingerprint = job_fingerprint(env_.workspace, run_.node(index), run_.record().period,
                                    run_.record().params, files_, job.inputs, run_.record().as_of);
  resolver_.add_pins(inputs.new_pins);
  if (is_up_to_date(index)) return reuse(index, std::move(inputs.new_pins));
  env_.store.append(to_event(JobReady{run_.record().id, run_.node(index).spec.name, job.state,
                                      job.fingerprint, std::move(inputs.new_pins)}));
  make_ready(index);
}

void RunLoop::hold(JobIndex index, const std::string& reason) {
  LiveJob& job = run_.job(index);
  job.held = true;
  changed_.push_back(index);
  if (job.reason == reason) return;
  job.reason = reason;
  env_.store.append(to_event(JobHeld{run_.record().id, run_.node(index).spec.name, reason}));
}

void RunLoop::make_ready(JobIndex index) {
  run_.move(index, JobRunState::ready);
  ready_.push(index);
  changed_.push_back(index);
}

bool RunLoop::is_up_to_date(JobIndex index) const {
  const JobNode& node = run_.node(index);
  const std::string& name = node.spec.name;
  // Whether a source has changed only the worker can tell: it is asked, and may answer at once.
  if (node.shape.reads_source || forced_.contains(name)) return false;
  const auto previous = results_.find(name);
  if (previous == results_.end() || previous->second.fingerprint != run_.job(index).fingerprint)
    return false;
  if (is_gate(node.shape) && !previous->second.gate_passed) return false;
  return has_all_versions(index);
}

bool RunLoop::has_all_versions(JobIndex index) const {
  const JobNode& node = run_.node(index);
  const auto& made = resolver_.made_by(node.spec.name);
  for (const DatasetUse& output : node.shape.outputs)
    if (!made.contains(output.dataset)) return false;
  // Somebody may have deleted a version by hand: then it is made again.
  return std::all_of(made.begin(), made.end(), [&](const auto& entry) {
    const VersionRecord& version = entry.second;
    return std::filesystem::exists(
        env_.state.version(version.dataset, version.period, version.partition, version.id));
  });
}

void RunLoop::reuse(JobIndex index, std::vector<PinnedVersion> pins) {
  LiveJob& job = run_.job(index);
  const JobNode& node = run_.node(index);
  const ResultRecord& previous = results_.at(node.spec.name);
  JobUpToDate change{run_.record().id, node.spec.name, job.fingerprint,
                     std::move(pins),  job.inputs,     {}};
  // The version may be a new one with the same data: the gate's word holds for it too.
  if (is_gate(node.shape))
    change.verdicts.push_back(verdict_of(node.shape, job.inputs, *previous.gate_passed));
  env_.store.append(to_event(change));
  run_.move(index, JobRunState::up_to_date);
  job.reason = "same_fingerprint";
  job.summary = summary_of(previous, resolver_.made_by(node.spec.name));
  changed_.push_back(index);
  for (const JobIndex next : run_.release(index)) released_.push_back(next);
}

void RunLoop::tell() {
  clean_folders();
  if (changed_.empty()) return;
  std::vector<JobIndex> changed = std::move(changed_);
  changed_.clear();
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  env_.observer.changed(run_, changed);
}

void RunLoop::wait() {
  std::array<pollfd, 3> sources{
      pollfd{.fd = env_.executor.ready_fd(), .events = POLLIN, .revents = 0},
      pollfd{.fd = timers_.ready_fd(), .events = POLLIN, .revents = 0},
      pollfd{.fd = env_.interrupts.ready_fd(), .events = POLLIN, .revents = 0}};
  const auto tick = env_.observer.tick_interval();
  const int timeout = tick ? static_cast<int>(tick->count()) : -1;
  if (::poll(sources.data(), sources.size(), timeout) == 0) env_.observer.tick(run_);
}

void RunLoop::handle_signals() {
  const int count = env_.interrupts.take();
  if (count == 0) return;
  // The first asks everything to end, the next one insists.
  const bool insist = interrupts_taken_ > 0 || count > 1;
  interrupts_taken_ += count;
  for (auto& [handle, flight] : flights_)
    stop_flight(flight, StopReason::interrupted, insist ? StopSignal::kill : StopSignal::terminate);
  env_.observer.note(insist ? "interrupted again: killing what still runs"
                            : "interrupted: asking what runs to end (again: kill it)");
}

void RunLoop::handle_timers() {
  for (const Timer& timer : timers_.due()) {
    const LiveJob& job = run_.job(timer.job);
    if (job.attempts != timer.attempt) continue;
    if (timer.kind == TimerKind::retry) {
      if (job.state != JobRunState::retry_wait || interrupts_taken_ > 0) continue;
      env_.store.append(to_event(JobReady{run_.record().id,
                                          run_.node(timer.job).spec.name,
                                          JobRunState::retry_wait,
                                          job.fingerprint,
                                          {}}));
      make_ready(timer.job);
      continue;
    }
    const auto handle = handles_.find(timer.job);
    if (handle == handles_.end()) continue;
    Flight& flight = flights_.at(handle->second);
    if (timer.kind == TimerKind::timeout)
      stop_flight(flight, StopReason::timeout, StopSignal::terminate);
    else
      stop_flight(flight, flight.stop, StopSignal::kill);
  }
}

void RunLoop::end_run() {
  const std::string& run = run_.record().id;
  const bool interrupted = interrupts_taken_ > 0;
  // Jobs that wait for outside input keep the run open: it goes on when the input is there.
  if (!interrupted && run_.unfinished() > 0) return;
  for (JobIndex i = 0; i < run_.size(); ++i) {
    LiveJob& job = run_.job(i);
    if (!job.included || is_final(job.state)) continue;
    const std::string why =
        job.blocked && !interrupted ? std::string(kBlockedReason) + job.reason : "interrupted";
    env_.store.append(to_event(JobCancelled{run, run_.node(i).spec.name, job.state, why}));
    run_.move(i, JobRunState::cancelled);
    changed_.push_back(i);
  }
  env_.store.append(
      to_event(RunEnded{run, interrupted ? "interrupted" : "", std::string(to_string(verdict()))}));
}

RunVerdict RunLoop::verdict() const {
  if (interrupts_taken_ > 0) return RunVerdict::interrupted;
  bool held = false;
  bool findings = false;
  for (JobIndex i = 0; i < run_.size(); ++i) {
    const LiveJob& job = run_.job(i);
    if (job.state == JobRunState::failed) return RunVerdict::failed;
    held = held || job.held;
    findings = findings || job.blocked || job.summary.findings_error > 0 ||
               job.summary.gate_passed == false;
  }
  if (held) return RunVerdict::waiting;
  return findings ? RunVerdict::findings : RunVerdict::ok;
}

}  // namespace tallymill
