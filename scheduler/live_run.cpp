#include "scheduler/live_run.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include "scheduler/job_name.h"
#include "scheduler/partition_spread.h"

namespace tallymill {

std::string stored_reason(const LiveJob& job) {
  return job.code.empty() ? job.reason : job.code + ": " + job.reason;
}

void read_reason(const std::string& stored, LiveJob& job) {
  const std::size_t colon = stored.find(": ");
  const bool has_code = stored.starts_with("input_") && colon < stored.find(' ');
  job.code = has_code ? stored.substr(0, colon) : "";
  job.reason = has_code ? stored.substr(colon + 2) : stored;
}

LiveRun::LiveRun(std::shared_ptr<const Graph> graph, RunRecord record,
                 const std::vector<std::string>& included)
    : graph_(spread_by_names(std::move(graph), included)),
      record_(std::move(record)),
      jobs_(graph_->jobs.size()) {
  for (const std::string& name : included)
    if (const auto index = find(name)) jobs_[*index].included = true;
  for (JobIndex i = 0; i < jobs_.size(); ++i) {
    if (!jobs_[i].included) continue;
    ++counts_[static_cast<std::size_t>(JobRunState::waiting)];
    ++unfinished_;
    for (const JobIndex dependent : graph_->jobs[i].dependents) {
      ++jobs_[dependent].before.total;
      jobs_[dependent].open_data += gives_data(i, dependent);
    }
  }
}

std::optional<JobIndex> LiveRun::find(const std::string& name) const {
  const JobNode* node = graph_->find(name);
  if (!node) return std::nullopt;
  return static_cast<JobIndex>(node - graph_->jobs.data());
}

void LiveRun::move(JobIndex index, JobRunState to) {
  LiveJob& job = jobs_[index];
  if (!may_move(job.state, to))
    throw std::logic_error("job '" + graph_->jobs[index].spec.name + "' cannot move from " +
                           std::string(to_string(job.state)) + " to " + std::string(to_string(to)));
  --counts_[static_cast<std::size_t>(job.state)];
  ++counts_[static_cast<std::size_t>(to)];
  running_ -= job.state == JobRunState::running;
  running_ += to == JobRunState::running;
  if (is_final(to)) {
    if (job.blocked)
      --blocked_;
    else
      --unfinished_;
  }
  job.state = to;
}

namespace {

/// The edges from `from` among the sorted `needs` of a job.
auto edges_from(const std::vector<Edge>& needs, JobIndex from) {
  const auto begin =
      std::lower_bound(needs.begin(), needs.end(), from,
                       [](const Edge& edge, JobIndex wanted) { return edge.from < wanted; });
  auto end = begin;
  while (end != needs.end() && end->from == from) ++end;
  return std::span<const Edge>(begin, end);
}

}  // namespace

bool LiveRun::gives_data(JobIndex maker, JobIndex reader) const {
  const auto edges = edges_from(graph_->jobs[reader].needs, maker);
  return std::any_of(edges.begin(), edges.end(),
                     [](const Edge& edge) { return edge.kind != EdgeKind::job; });
}

bool LiveRun::has_refused(JobIndex gate, JobIndex reader) const {
  if (jobs_[gate].summary.gate_passed != false) return false;
  const auto edges = edges_from(graph_->jobs[reader].needs, gate);
  return std::any_of(edges.begin(), edges.end(),
                     [](const Edge& edge) { return edge.kind == EdgeKind::gate; });
}

LiveRun::Outcome LiveRun::outcome_for(JobIndex dependent, JobIndex cause) const {
  const LiveJob& job = jobs_[cause];
  if (job.state == JobRunState::skipped) return Outcome::skipped;
  if (job.blocked || !is_good(job.state) || has_refused(cause, dependent)) return Outcome::failed;
  return Outcome::succeeded;
}

void LiveRun::count(JobIndex dependent, JobIndex cause) {
  LiveJob& job = jobs_[dependent];
  const Outcome outcome = outcome_for(dependent, cause);
  job.before.succeeded += outcome == Outcome::succeeded;
  job.before.failed += outcome == Outcome::failed;
  job.before.skipped += outcome == Outcome::skipped;
  if (!gives_data(cause, dependent)) return;
  --job.open_data;
  job.data_failed = job.data_failed || outcome == Outcome::failed;
  job.data_skipped = job.data_skipped || outcome == Outcome::skipped;
}

bool LiveRun::asks_of_open_job(JobIndex index) const {
  const JobNode& node = graph_->jobs[index];
  if (!node.when.condition) return false;
  const std::vector<ConditionJob>& asked = node.when.condition->jobs();
  return std::any_of(node.needs.begin(), node.needs.end(), [&](const Edge& edge) {
    if (!jobs_[edge.from].included || jobs_[edge.from].told) return false;
    const std::string_view name = split_job_name(graph_->jobs[edge.from].spec.name).job;
    return std::any_of(asked.begin(), asked.end(),
                       [&](const ConditionJob& one) { return one.job == name; });
  });
}

Trigger LiveRun::trigger(JobIndex index) const {
  const LiveJob& job = jobs_[index];
  const Trigger rule = trigger_of(graph_->jobs[index].when.rule, job.before);
  if (rule != Trigger::run) return rule;
  if (job.data_failed) return Trigger::block;
  if (job.open_data > 0 || asks_of_open_job(index)) return Trigger::wait;
  return job.data_skipped ? Trigger::skip : Trigger::run;
}

SkipReason LiveRun::skip_reason(JobIndex index) const {
  const JobNode& node = graph_->jobs[index];
  const bool is_default = node.when.rule == TriggerRule::all_success;
  if (!is_default && trigger_of(node.when.rule, jobs_[index].before) == Trigger::skip)
    return {"trigger_rule", "rule " + std::string(to_string(node.when.rule)) +
                                " does not hold: " + counts_text(jobs_[index].before)};
  for (const Edge& edge : node.needs) {
    if (jobs_[edge.from].state != JobRunState::skipped || !jobs_[edge.from].included) continue;
    const std::string& before = graph_->jobs[edge.from].spec.name;
    if (is_default) return {"behind_skipped", "behind " + before + " (skipped)"};
    if (edge.kind != EdgeKind::job)
      return {"input_skipped", "it reads '" + edge.dataset + "', and " + before + " was skipped"};
  }
  return {"behind_skipped", "behind skipped jobs"};
}

std::vector<JobIndex> LiveRun::start() {
  std::vector<JobIndex> decided;
  for (JobIndex i = 0; i < jobs_.size(); ++i) {
    if (!jobs_[i].included) continue;
    if (is_final(jobs_[i].state)) {
      const std::vector<JobIndex> next = settle(i);
      decided.insert(decided.end(), next.begin(), next.end());
    } else if (const Trigger trigger = this->trigger(i);
               jobs_[i].state == JobRunState::waiting && !jobs_[i].decided &&
               (trigger == Trigger::run || trigger == Trigger::skip)) {
      jobs_[i].decided = true;
      decided.push_back(i);
    }
  }
  return decided;
}

std::vector<JobIndex> LiveRun::settle(JobIndex index) {
  std::vector<JobIndex> decided;
  // A work list, not a recursion: a chain may be as long as the graph.
  std::vector<JobIndex> causes{index};
  for (std::size_t next = 0; next < causes.size(); ++next) {
    const JobIndex cause = causes[next];
    if (std::exchange(jobs_[cause].told, true)) continue;
    for (const JobIndex dependent : graph_->jobs[cause].dependents) {
      LiveJob& job = jobs_[dependent];
      if (!job.included) continue;
      count(dependent, cause);
      if (job.state != JobRunState::waiting || job.blocked || job.decided) continue;
      const Trigger trigger = this->trigger(dependent);
      if (trigger == Trigger::block) {
        mark_blocked(dependent, blocked_reason(dependent, cause));
        causes.push_back(dependent);
      } else if (trigger != Trigger::wait) {
        job.decided = true;
        decided.push_back(dependent);
      }
    }
  }
  return decided;
}

std::string LiveRun::blocked_reason(JobIndex dependent, JobIndex cause) const {
  const JobNode& before = graph_->jobs[cause];
  const LiveJob& job = jobs_[cause];
  // Where a gate has failed altogether, that is what people look for.
  if (is_good(job.state) && has_refused(cause, dependent))
    for (const Edge& edge : edges_from(graph_->jobs[dependent].needs, cause))
      if (edge.kind == EdgeKind::gate) return before.spec.name + " refused " + edge.dataset;
  // The last one to end decides some rules: then a failure before it is the cause.
  if (outcome_for(dependent, cause) != Outcome::failed)
    for (const Edge& edge : graph_->jobs[dependent].needs)
      if (jobs_[edge.from].told && outcome_for(dependent, edge.from) == Outcome::failed)
        return blocked_reason(dependent, edge.from);
  return "behind " + before.spec.name + " (" +
         (job.blocked ? "blocked" : std::string(to_string(job.state))) + ")";
}

bool LiveRun::mark_blocked(JobIndex index, const std::string& reason) {
  LiveJob& job = jobs_[index];
  if (!job.included || job.blocked || job.state != JobRunState::waiting) return false;
  job.blocked = true;
  job.held = false;
  job.reason = reason;
  ++blocked_;
  --unfinished_;
  return true;
}

std::vector<JobIndex> LiveRun::block(JobIndex index, const std::string& reason) {
  return mark_blocked(index, reason) ? settle(index) : std::vector<JobIndex>{};
}

void LiveRun::mirror(JobIndex index, LiveJob job) {
  LiveJob& mine = jobs_[index];
  const auto is_unfinished = [](const LiveJob& one) {
    return !is_final(one.state) && !one.blocked;
  };
  const auto is_blocked = [](const LiveJob& one) { return !is_final(one.state) && one.blocked; };
  --counts_[static_cast<std::size_t>(mine.state)];
  ++counts_[static_cast<std::size_t>(job.state)];
  running_ -= mine.state == JobRunState::running;
  running_ += job.state == JobRunState::running;
  unfinished_ -= is_unfinished(mine);
  unfinished_ += is_unfinished(job);
  blocked_ -= is_blocked(mine);
  blocked_ += is_blocked(job);
  job.included = mine.included;
  mine = std::move(job);
}

std::vector<JobIndex> LiveRun::spread(const std::string& list_job,
                                      const std::vector<std::string>& values) {
  std::vector<std::string> included;
  for (JobIndex i = 0; i < jobs_.size(); ++i) {
    const JobNode& node = graph_->jobs[i];
    if (!jobs_[i].included) continue;
    if (!node.awaits_list() || node.axis->list_job != list_job)
      included.push_back(node.spec.name);
    else
      for (const std::string& value : values) included.push_back(job_name(node.spec.name, value));
  }
  LiveRun spread(spread_listed(*graph_, list_job, values), record_, included);
  for (JobIndex i = 0; i < jobs_.size(); ++i) {
    LiveJob& job = spread.jobs_[i];
    if (!job.included) continue;
    const LiveJob fresh = job;  // what it counts is counted anew
    const JobRunState state = jobs_[i].state;
    job = std::move(jobs_[i]);
    job.before = fresh.before;
    job.open_data = fresh.open_data;
    job.data_failed = job.data_skipped = job.decided = job.told = job.blocked = false;
    job.state = JobRunState::waiting;
    spread.restore(i, state);
  }
  *this = std::move(spread);
  return start();
}

std::vector<std::string> LiveRun::awaiting(const std::string& list_job) const {
  std::vector<std::string> names;
  for (JobIndex i = 0; i < jobs_.size(); ++i)
    if (const JobNode& node = graph_->jobs[i];
        jobs_[i].included && node.awaits_list() && node.axis->list_job == list_job)
      names.push_back(node.spec.name);
  return names;
}

void LiveRun::restore(JobIndex index, JobRunState state) {
  LiveJob& job = jobs_[index];
  --counts_[static_cast<std::size_t>(job.state)];
  ++counts_[static_cast<std::size_t>(state)];
  running_ += state == JobRunState::running;
  unfinished_ -= is_final(state);
  job.state = state;
}

}  // namespace tallymill
