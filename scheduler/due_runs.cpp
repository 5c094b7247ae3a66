#include "scheduler/due_runs.h"

namespace tallymill {
namespace {

json::object seen_json(const TriggerSeen& seen) {
  return {{"graph", seen.graph}, {"cause", seen.cause}, {"item", seen.item}, {"state", seen.state}};
}

json::object run_json(const DueRun& run) {
  return {{"graph", run.graph}, {"period", run.period}, {"due", run.due}, {"cause", run.cause}};
}

}  // namespace

std::vector<DueRun> due_runs(StoreView& view) {
  std::vector<DueRun> runs;
  for (const SqlRow& row : view.database().select(
           "select graph, period, due, cause from due_run order by event, due", "tttt"))
    runs.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
  return runs;
}

std::optional<std::string> trigger_state(StoreView& view, const std::string& graph,
                                         const std::string& cause, const std::string& item) {
  const auto rows = view.database().select(
      "select state from trigger_mark where graph = :p0 and cause = :p1 and item = :p2", "t",
      {graph, cause, item});
  if (rows.empty()) return std::nullopt;
  return rows[0].text(0);
}

Event to_event(const TriggerSeen& change) {
  return {"trigger_seen", "", "", "", {{"seen", seen_json(change)}}};
}

Event to_event(const GarbageCollected& change) {
  return {"garbage_collected",
          "",
          "",
          "retention",
          {{"seen", seen_json(change.seen)},
           {"items", static_cast<std::int64_t>(change.items)},
           {"bytes", static_cast<std::int64_t>(change.bytes)}}};
}

Event to_event(const RunDue& change) {
  return {"run_due",
          "",
          "",
          change.run.cause,
          {{"seen", seen_json(change.seen)}, {"run", run_json(change.run)}}};
}

Event to_event(const DueSkipped& change) {
  return {"due_skipped",
          "",
          "",
          change.why,
          {{"seen", seen_json(change.seen)}, {"run", run_json(change.run)}}};
}

}  // namespace tallymill
