#include "scheduler/run_forecast.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/error.h"
#include "core/time/date.h"
#include "scheduler/graph_deadlines.h"

namespace tallymill {
namespace {

using Millis = std::chrono::milliseconds;

/// So many earlier runs are looked at: what was long ago says little.
constexpr int kRuns = 30;

bool follows_failure_only(const JobNode& job) {
  return !job.needs.empty() &&
         (job.when.rule == TriggerRule::one_failed || job.when.rule == TriggerRule::all_failed ||
          job.when.rule == TriggerRule::all_skipped);
}

Millis between(const std::string& from, const std::string& to) {
  const auto start = parse_timestamp(from);
  const auto end = parse_timestamp(to);
  if (!start || !end || end.value < start.value) return Millis(0);
  return std::chrono::duration_cast<Millis>(std::chrono::microseconds(end.value - start.value));
}

/// The same graph, run or not, has the same chances.
std::uint64_t seed_of(const ForecastSubject& subject) {
  std::uint64_t seed = 0xcbf29ce484222325U;
  for (const char c : subject.graph.sha256 + subject.period.text())
    seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return seed;
}

class RequestMaker {
 public:
  RequestMaker(const ForecastSubject& subject, StoreView* view) : subject_(subject) {
    if (view == nullptr) return;
    for (const DurationRecord& record : view->durations(subject.graph.name, kRuns))
      history_[record.job].push_back(between(record.started_at, record.ended_at));
    if (subject.run == nullptr) return;
    for (const AttemptRecord& attempt : view->attempts(subject.run->record().id))
      if (attempt.state == AttemptState::starting) started_[attempt.job] = attempt.started_at;
  }

  ForecastRequest request() {
    ForecastRequest request;
    request.graph = &subject_.graph;
    request.slots = subject_.workspace.slots;
    request.pools = subject_.workspace.resource_pools;
    request.seed = seed_of(subject_);
    for (JobIndex i = 0; i < subject_.graph.jobs.size(); ++i)
      if (is_left(i)) request.jobs.push_back(asked(i));
    add_deadlines(request);
    return request;
  }

  std::vector<std::vector<AskedDeadline>> deadlines;
  std::vector<std::string> notes;

 private:
  bool is_left(JobIndex index) const {
    if (subject_.run != nullptr) {
      const LiveJob& job = subject_.run->job(index);
      if (!job.included || job.blocked || is_final(job.state)) return false;
      if (job.state != JobRunState::waiting) return true;
    }
    return !follows_failure_only(subject_.graph.jobs[index]);
  }

  ForecastJob asked(JobIndex index) const {
    const std::string& name = subject_.graph.jobs[index].spec.name;
    ForecastJob job{.job = index, .history = {}};
    if (const auto known = history_.find(name); known != history_.end())
      job.history = known->second;
    if (const auto started = started_.find(name); started != started_.end()) {
      job.is_running = true;
      job.ran = between(started->second, subject_.from.text());
    }
    return job;
  }

  /// A dataset is there when its last gate has passed it.
  bool must_meet(JobIndex index, const Deadline& deadline, JobIndex maker) const {
    if (deadline.dataset.empty()) return index == maker;
    const auto is_gate_of = [&](const JobNode& job) { return job.shape.gates == deadline.dataset; };
    const auto& jobs = subject_.graph.jobs;
    if (std::none_of(jobs.begin(), jobs.end(), is_gate_of)) return index == maker;
    return is_gate_of(jobs[index]);
  }

  void add_deadlines(ForecastRequest& request) {
    const DeadlineScope scope =
        deadline_scope(subject_.workspace, subject_.graph, subject_.period, subject_.params);
    deadlines.resize(request.jobs.size());
    for (JobIndex maker = 0; maker < subject_.graph.jobs.size(); ++maker)
      for (const Deadline& deadline : subject_.graph.jobs[maker].deadlines) {
        try {
          add_deadline(request, maker, deadline, instant_of(deadline, scope));
        } catch (const Error& error) {
          notes.push_back(error.message());
        }
      }
  }

  void add_deadline(ForecastRequest& request, JobIndex maker, const Deadline& deadline,
                    Instant at) {
    const Millis left = std::chrono::seconds(at.seconds - subject_.from.seconds);
    for (std::size_t i = 0; i < request.jobs.size(); ++i) {
      if (!must_meet(request.jobs[i].job, deadline, maker)) continue;
      request.jobs[i].deadlines.push_back(left);
      deadlines[i].push_back({deadline.dataset, at});
    }
  }

  const ForecastSubject& subject_;
  std::unordered_map<std::string, std::vector<Millis>> history_;
  std::unordered_map<std::string, std::string> started_;
};

}  // namespace

RunForecast forecast_run(const ForecastSubject& subject, StoreView* view) {
  RequestMaker maker(subject, view);
  const ForecastRequest request = maker.request();
  return {forecast(request), std::move(maker.deadlines), std::move(maker.notes)};
}

}  // namespace tallymill
