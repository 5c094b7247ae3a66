#include "scheduler/daily_gc.h"

#include "scheduler/due_runs.h"

namespace tallymill {
namespace {

constexpr const char* kNoGraph = "*";  // the workspace's own mark among those of its graphs
constexpr const char* kCause = "gc";

Instant midnight_after(const Zone& zone, Date day) {
  LocalTime midnight = LocalTime::at(Date{day.days + 1});
  constexpr int kStep = 60;  // clocks are put forward by whole minutes
  std::vector<Instant> instants = zone.instants(midnight);
  while (instants.empty()) {
    midnight.seconds += kStep;
    instants = zone.instants(midnight);
  }
  return instants.front();
}

}  // namespace

void DailyGc::look(Instant now) {
  if (next_ && now < *next_) return;
  const Zone& zone = scheduler_.workspace().zone;
  const Date today = zone.local(now).day();
  next_ = midnight_after(zone, today);
  const auto last = trigger_state(scheduler_.store().view(), kNoGraph, kCause, "");
  if (last && *last >= today.text()) return;
  const TriggerSeen seen{kNoGraph, kCause, "", today.text()};
  if (!last) {
    scheduler_.store().append(to_event(seen));
    return;
  }
  const std::vector<Garbage> garbage = scheduler_.collect_garbage();
  std::uint64_t bytes = 0;
  for (const Garbage& item : garbage) bytes += item.bytes;
  scheduler_.store().append(to_event(GarbageCollected{seen, garbage.size(), bytes}));
  log_.info("gc", {{"taken", std::to_string(garbage.size())}, {"bytes", std::to_string(bytes)}});
}

}  // namespace tallymill
