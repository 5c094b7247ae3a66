#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/events.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// A run that something made due and that has not been started yet.
struct DueRun {
  std::string graph;
  std::string period;
  std::string due;    ///< UTC instant
  std::string cause;  ///< "schedule", "dataset orders", "file incoming/*.csv"
};
/// In the order in which they became due.
std::vector<DueRun> due_runs(StoreView& view);

/// Up to where a cause was looked at; empty: never. `item`: a period, or "" for all of it.
std::optional<std::string> trigger_state(StoreView& view, const std::string& graph,
                                         const std::string& cause, const std::string& item);

/// A cause was looked at up to `state`; nothing became due.
struct TriggerSeen {
  std::string graph;
  std::string cause;
  std::string item;
  std::string state;
};
/// And this made a run due.
struct RunDue {
  TriggerSeen seen;
  DueRun run;
};
/// And this made none, or what was due is dropped.
struct DueSkipped {
  TriggerSeen seen;  ///< an empty graph: what was due is dropped
  DueRun run;
  std::string why;
};

/// The service has applied the workspace's retention for the day that `seen` names.
struct GarbageCollected {
  TriggerSeen seen;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
};

Event to_event(const TriggerSeen& change);
Event to_event(const GarbageCollected& change);
Event to_event(const RunDue& change);
Event to_event(const DueSkipped& change);

}  // namespace tallymill
