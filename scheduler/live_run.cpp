#include "scheduler/live_run.h"

#include <stdexcept>

namespace tallymill {

LiveRun::LiveRun(std::shared_ptr<const Graph> graph, RunRecord record,
                 const std::vector<std::string>& included)
    : graph_(std::move(graph)), record_(std::move(record)), jobs_(graph_->jobs.size()) {
  for (const std::string& name : included)
    if (const auto index = find(name)) jobs_[*index].included = true;
  for (JobIndex i = 0; i < jobs_.size(); ++i) {
    if (!jobs_[i].included) continue;
    ++counts_[static_cast<std::size_t>(JobRunState::waiting)];
    ++unfinished_;
    for (const JobIndex dependent : graph_->jobs[i].dependents) ++jobs_[dependent].waits_for;
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

bool LiveRun::is_gated_by(JobIndex index, JobIndex gate) const {
  for (const Edge& edge : graph_->jobs[index].needs)
    if (edge.from == gate && edge.kind == EdgeKind::gate) return true;
  return false;
}

std::vector<JobIndex> LiveRun::release(JobIndex index) {
  std::vector<JobIndex> ready;
  const bool refused = jobs_[index].summary.gate_passed == false;
  for (const JobIndex dependent : graph_->jobs[index].dependents) {
    LiveJob& job = jobs_[dependent];
    if (!job.included || is_final(job.state)) continue;
    if (refused && is_gated_by(dependent, index))
      block(dependent,
            graph_->jobs[index].spec.name + " refused " + graph_->jobs[index].shape.gates);
    else if (--job.waits_for == 0 && !job.blocked && job.state == JobRunState::waiting)
      ready.push_back(dependent);
  }
  return ready;
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

void LiveRun::block(JobIndex index, const std::string& reason) {
  if (mark_blocked(index, reason)) block_dependents(index);
}

void LiveRun::block_dependents(JobIndex index) {
  // A work list, not a recursion: a chain may be as long as the graph.
  std::vector<JobIndex> causes{index};
  while (!causes.empty()) {
    const JobIndex cause = causes.back();
    causes.pop_back();
    const LiveJob& job = jobs_[cause];
    const std::string reason = "behind " + graph_->jobs[cause].spec.name + " (" +
                               (job.blocked ? "blocked" : std::string(to_string(job.state))) + ")";
    for (const JobIndex dependent : graph_->jobs[cause].dependents)
      if (mark_blocked(dependent, reason)) causes.push_back(dependent);
  }
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

void LiveRun::restore(JobIndex index, JobRunState state) {
  LiveJob& job = jobs_[index];
  --counts_[static_cast<std::size_t>(job.state)];
  ++counts_[static_cast<std::size_t>(state)];
  running_ += state == JobRunState::running;
  unfinished_ -= is_final(state);
  job.state = state;
}

}  // namespace tallymill
