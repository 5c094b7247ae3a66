// ActiveRun: what a run does without, and what is late.
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "core/time/date.h"
#include "scheduler/active_run.h"
#include "scheduler/condition_facts.h"
#include "scheduler/graph_deadlines.h"
#include "scheduler/job_name.h"
#include "scheduler/job_summary.h"

namespace tallymill {
namespace {

Instant instant_from(const std::string& timestamp) {
  constexpr std::int64_t kMicros = 1'000'000;
  const auto micros = parse_timestamp(timestamp);
  return {micros ? micros.value / kMicros : 0};
}

}  // namespace

void ActiveRun::follow(const std::vector<JobIndex>& decided) {
  released_.insert(released_.end(), decided.begin(), decided.end());
}

void ActiveRun::skip(JobIndex index, const SkipReason& reason) {
  services_.store.append(to_event(
      JobSkipped{run_.record().id, run_.node(index).spec.name, reason.code, reason.sentence}));
  run_.move(index, JobRunState::skipped);
  run_.job(index).held = false;
  run_.job(index).reason = reason.code + ": " + reason.sentence;
  changed_.push_back(index);
  follow(run_.settle(index));
}

bool ActiveRun::meets_condition(JobIndex index) {
  const auto& condition = run_.node(index).when.condition;
  if (!condition) return true;
  const auto last = [&](const auto& job) {
    const auto result = results_.find(job);
    if (result == results_.end()) return std::optional<JobSummary>();
    return std::optional(summary_of(result->second, resolver_.made_by(job)));
  };
  const ConditionAnswer answer =
      condition->evaluate(condition_facts(run_, last, run_.node(index).partition));
  if (answer.kind == ConditionAnswer::Kind::no) skip(index, {"condition_false", answer.sentence});
  if (answer.kind == ConditionAnswer::Kind::undecided) {
    changed_.push_back(index);
    follow(run_.block(index, "its condition has no answer: " + answer.sentence));
  }
  return answer.kind == ConditionAnswer::Kind::yes;
}

void ActiveRun::give_up_waiting(const Timer& timer) {
  LiveJob& job = run_.job(timer.job);
  if (job.state != JobRunState::ready || job.attempts != timer.attempt || interrupted_) return;
  const JobNode& node = run_.node(timer.job);
  const std::string sentence =
      "could start and got no slot for " + format_duration(node.queue_timeout);
  services_.store.append(
      to_event(JobFailed{run_.record().id, node.spec.name, "queue_timeout", sentence}));
  run_.move(timer.job, JobRunState::failed);
  job.reason = "queue_timeout: " + sentence;
  job.summary.error = sentence;
  job.summary.error_class = to_string(ErrorClass::transient);
  changed_.push_back(timer.job);
  follow(run_.settle(timer.job));
}

void ActiveRun::watch_deadlines() {
  const RunRecord& record = run_.record();
  const auto period = Period::parse(record.period);
  if (!period) return;
  for (const MissedDeadline& missed : services_.store.view().missed_deadlines(record.id))
    if (const auto index = run_.find(missed.job))
      run_.job(*index).late[missed.dataset] = missed.deadline;
  // What passed before any run of the period was there has been told.
  std::set<std::pair<std::string, std::string>> told;
  for (const MissedDeadline& missed :
       services_.store.view().missed_deadlines(run_before_runs(record.graph, record.period)))
    told.emplace(missed.job, missed.dataset);
  const DeadlineScope scope = deadline_scope(*workspace_, run_.graph(), *period, record.params);
  // Whoever repeats a run after a deadline did not miss it: the run before him did.
  const bool is_first = record.number == 1 && record.of.empty();
  const Instant started = instant_from(record.started_at);
  for (JobIndex i = 0; i < run_.size(); ++i) {
    if (!run_.job(i).included) continue;
    for (const Deadline& deadline : run_.node(i).deadlines) {
      if (run_.job(i).late.contains(deadline.dataset)) continue;
      try {
        const Instant at = instant_of(deadline, scope);
        if (told.contains({run_.node(i).spec.name, deadline.dataset}))
          run_.job(i).late[deadline.dataset] = at.text();
        else if (is_first || at > started)
          deadlines_.emplace(at, std::pair{i, deadline});
      } catch (const Error& error) {
        notes_.push_back(error.message() + "; the deadline is not watched");
      }
    }
  }
  check_deadlines(services_.clock.wall());
}

std::optional<Instant> ActiveRun::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void ActiveRun::check_deadlines(Instant now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto [at, asked] = *deadlines_.begin();
    const auto [index, deadline] = asked;
    deadlines_.erase(deadlines_.begin());
    if (meets(index, deadline)) continue;
    services_.store.append(to_event(
        DeadlineMissed{run_.record().id, run_.node(index).spec.name, deadline.dataset, at.text()}));
    run_.job(index).late[deadline.dataset] = at.text();
    changed_.push_back(index);
  }
}

bool ActiveRun::meets(JobIndex index, const Deadline& deadline) const {
  if (!is_good(run_.job(index).state)) return false;
  if (deadline.dataset.empty() || run_.job(index).state == JobRunState::skipped) return true;
  for (const std::string& name : gates_of(*workspace_, deadline.dataset)) {
    const std::string own = job_name(name, run_.node(index).partition);
    const auto gate = run_.find(run_.find(own) ? own : name);
    if (!gate || !run_.job(*gate).included) continue;
    if (!is_good(run_.job(*gate).state) || run_.job(*gate).summary.gate_passed == false)
      return false;
  }
  return true;
}

}  // namespace tallymill
