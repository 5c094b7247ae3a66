#include "scheduler/deadline_watch.h"

#include <algorithm>

#include "core/error.h"
#include "core/time/fire.h"
#include "scheduler/due_runs.h"
#include "scheduler/graph_deadlines.h"
#include "scheduler/judgement.h"

namespace tallymill {
namespace {

constexpr const char* kCause = "deadlines";

/// How far from now the fires are whose deadlines may be near: a good two periods.
std::int64_t reach_seconds(PeriodKind kind) {
  constexpr std::int64_t kDays[] = {40, 60, 100, 220, 800};
  return kDays[static_cast<std::size_t>(kind)] * kSecondsPerDay;
}

bool has_deadlines(const Graph& graph) {
  return std::any_of(graph.jobs.begin(), graph.jobs.end(),
                     [](const JobNode& job) { return !job.deadlines.empty(); });
}

/// The last word about every job run of a graph and period, whatever run it belongs to.
std::map<std::pair<std::string, std::string>, JobRunState> last_states(StoreView& view,
                                                                       const std::string& graph,
                                                                       const std::string& period) {
  std::map<std::pair<std::string, std::string>, JobRunState> states;
  for (const SqlRow& row : view.database().select(
           "select j.job, j.partition, j.state from job_run j join run r on r.id = j.run"
           " where r.graph = :p0 and r.period = :p1 order by r.event",
           "ttt", {graph, period}))
    if (const auto state = job_run_state_from(row.text(2)))
      states[{row.text(0), row.text(1)}] = *state;
  return states;
}

}  // namespace

std::optional<Instant> DeadlineWatch::next() const {
  if (next_.empty()) return std::nullopt;
  return next_.begin()->first;
}

void DeadlineWatch::look(Instant now) {
  const auto& graphs = scheduler_.workspace().graphs;
  if (std::exchange(must_look_, false)) {
    next_.clear();
    stuck_.clear();
    for (const auto& [name, graph] : graphs)
      if (graph->schedule && has_deadlines(*graph)) look(*graph, now);
    return;
  }
  while (!next_.empty() && next_.begin()->first <= now) {
    const std::string name = next_.begin()->second;
    next_.erase(next_.begin());
    if (const auto graph = graphs.find(name); graph != graphs.end()) look(*graph->second, now);
  }
}

void DeadlineWatch::look(const Graph& graph, Instant now) {
  StoreView& view = scheduler_.store().view();
  const auto state = trigger_state(view, graph.name, kCause, "");
  const auto last = state ? parse_instant(*state) : std::nullopt;
  // Seen for the first time: what has passed before is nobody's.
  bool must_record = !last;
  std::optional<Instant> coming;
  for (const Due& due : dues(graph, now)) {
    if (due.at > now) {
      if (!coming || due.at < *coming) coming = due.at;
      continue;
    }
    if (!last || due.at <= *last) continue;
    must_record = true;
    if (!is_watched_by_its_run(graph, due.period) && !is_met(graph, due)) miss(graph, due);
  }
  if (must_record)
    scheduler_.store().append(to_event(TriggerSeen{graph.name, kCause, "", now.text()}));
  if (coming) next_.emplace(*coming, graph.name);
}

std::vector<DeadlineWatch::Due> DeadlineWatch::dues(const Graph& graph, Instant now) {
  std::vector<Due> dues;
  try {
    for (const Period& period : periods(graph, now)) {
      const DeadlineScope scope =
          deadline_scope(scheduler_.workspace(), graph, period, graph.params);
      for (JobIndex job = 0; job < graph.jobs.size(); ++job)
        for (const Deadline& deadline : graph.jobs[job].deadlines)
          dues.push_back({instant_of(deadline, scope), period, job, &deadline});
    }
  } catch (const Error& error) {
    if (error.error_class() != ErrorClass::config) throw;
    if (stuck_.insert(graph.name).second)
      log_.error("deadlines_stuck", {{"graph", graph.name}, {"error", error.message()}});
  }
  std::stable_sort(dues.begin(), dues.end(),
                   [](const Due& a, const Due& b) { return a.at < b.at; });
  return dues;
}

std::set<Period> DeadlineWatch::periods(const Graph& graph, Instant now) const {
  const Schedule& schedule = *graph.schedule;
  const Instant end{now.seconds + reach_seconds(graph.period)};
  std::set<Period> periods;
  Instant after{now.seconds - reach_seconds(graph.period)};
  while (const auto fire = next_fire(schedule, graph.period, after)) {
    if (fire->at > end) break;
    periods.insert(fire->period);
    // All fires of a day are for one period.
    const auto midnight = schedule.zone.instants(
        LocalTime{LocalTime::at(Date{fire->named.day().days + 1}).seconds - 1});
    after = midnight.empty() ? fire->at : std::max(fire->at, midnight.back());
  }
  return periods;
}

bool DeadlineWatch::is_watched_by_its_run(const Graph& graph, const Period& period) {
  for (const RunRecord& run : scheduler_.store().view().open_runs(graph.name, period.text()))
    if (scheduler_.loop().find(run.id) != nullptr) return true;
  return false;
}

bool DeadlineWatch::is_met(const Graph& graph, const Due& due) {
  StoreView& view = scheduler_.store().view();
  const std::string period = due.period.text();
  const auto states = last_states(view, graph.name, period);
  const auto is_well = [&](const std::string& job) {
    bool is_known = false;
    for (const auto& [key, state] : states) {
      if (key.first != job) continue;
      is_known = true;
      if (!is_good(state)) return false;
    }
    return is_known;
  };
  if (!is_well(graph.jobs[due.job].spec.name)) return false;
  const std::string& dataset = due.deadline->dataset;
  if (dataset.empty()) return true;
  const auto gates = gates_of(scheduler_.workspace(), dataset);
  if (!std::all_of(gates.begin(), gates.end(), is_well)) return false;
  for (const VersionRecord& version : view.visible_of(graph.name, period))
    if (version.dataset == dataset)
      for (const VerdictRecord& verdict : view.verdicts(dataset, version.id))
        if (!verdict.passed) return false;
  return true;
}

void DeadlineWatch::miss(const Graph& graph, const Due& due) {
  StoreView& view = scheduler_.store().view();
  const std::string period = due.period.text();
  const std::string& job = graph.jobs[due.job].spec.name;
  const auto last = view.last_run_number(graph.name, period);
  const std::string run = last > 0 ? graph.name + "." + period + "." + std::to_string(last)
                                   : run_before_runs(graph.name, period);
  for (const MissedDeadline& missed : view.missed_deadlines(run))
    if (missed.job == job && missed.dataset == due.deadline->dataset) return;
  scheduler_.store().append(
      to_event(DeadlineMissed{run, job, due.deadline->dataset, due.at.text(), graph.name, period}));
  log_.warn("late", {{"graph", graph.name},
                     {"period", period},
                     {"job", job},
                     {"dataset", due.deadline->dataset},
                     {"deadline", due.at.text()}});
}

}  // namespace tallymill
