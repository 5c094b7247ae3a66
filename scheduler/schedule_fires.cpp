#include "scheduler/schedule_fires.h"

#include <algorithm>

#include "core/digest.h"
#include "core/error.h"

namespace tallymill {
namespace {

constexpr const char* kCause = "schedule";
/// Fires taken up in one look; the rest follow in the next ones.
constexpr std::size_t kMostFires = 1000;
/// A fire that is noticed later than this was missed.
constexpr std::int64_t kOnTimeSeconds = 60;

/// The text of the schedule: another one begins anew from the moment it is read.
std::string identity_of(const Graph& graph) {
  const YamlNode schedule = graph.document->root().find("schedule");
  return sha256_hex(json::serialize(schedule.to_json())).substr(0, 12);
}

std::string state_text(const std::string& identity, Instant at) {
  return identity + " " + at.text();
}

}  // namespace

void ScheduleFires::reread() { must_look_ = true; }

std::optional<Instant> ScheduleFires::next() const {
  if (next_.empty()) return std::nullopt;
  return next_.begin()->first;
}

void ScheduleFires::fire_due(Instant now) {
  if (must_look_) {
    must_look_ = false;
    next_.clear();
    for (const auto& [name, graph] : scheduler_.workspace().graphs)
      if (graph->schedule) look(name, *graph, now);
    return;
  }
  while (!next_.empty() && next_.begin()->first <= now) {
    const std::string name = next_.begin()->second;
    next_.erase(next_.begin());
    const auto graph = scheduler_.workspace().graphs.find(name);
    if (graph != scheduler_.workspace().graphs.end() && graph->second->schedule)
      look(name, *graph->second, now);
  }
}

void ScheduleFires::look(const std::string& name, const Graph& graph, Instant now) {
  const std::string identity = identity_of(graph);
  const auto state = trigger_state(scheduler_.store().view(), name, kCause, "");
  std::optional<Instant> last;
  if (state && state->starts_with(identity + " "))
    last = parse_instant(state->substr(identity.size() + 1));
  if (!last) {
    // Seen for the first time: what was due before is nobody's.
    scheduler_.store().append(to_event(TriggerSeen{name, kCause, "", state_text(identity, now)}));
    last = now;
  }
  try {
    std::vector<Fire> fires;
    auto fire_at = next_fire(*graph.schedule, graph.period, *last);
    for (; fire_at && fire_at->at <= now && fires.size() < kMostFires;
         fire_at = next_fire(*graph.schedule, graph.period, fires.back().at))
      fires.push_back(*fire_at);
    if (!fires.empty()) fire(graph, identity, fires, now);
    if (fire_at) next_.emplace(fire_at->at, name);
  } catch (const Error& error) {
    log_.error("schedule_stuck", {{"graph", name}, {"error", error.message()}});
  }
}

void ScheduleFires::fire(const Graph& graph, const std::string& identity,
                         const std::vector<Fire>& fires, Instant now) {
  const Schedule& schedule = *graph.schedule;
  for (std::size_t i = 0; i < fires.size(); ++i) {
    const Fire& one = fires[i];
    const bool is_last = i + 1 == fires.size();
    const bool on_time = is_last && now.seconds - one.at.seconds <= kOnTimeSeconds;
    const TriggerSeen seen{graph.name, kCause, "", state_text(identity, one.at)};
    const DueRun run{graph.name, one.period.text(), one.at.text(), kCause};
    if (schedule.catch_up == CatchUp::none && !on_time)
      queue_.skip(seen, run, "missed, catch_up: none");
    else if (schedule.catch_up == CatchUp::latest && !is_last)
      queue_.skip(seen, run, "missed, catch_up: latest");
    else
      queue_.add(seen, run, schedule.while_active);
  }
}

}  // namespace tallymill
