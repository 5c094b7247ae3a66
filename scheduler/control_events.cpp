#include "scheduler/control_events.h"

namespace tallymill {

Event to_event(const RunPaused& change) {
  return {change.paused ? "run_paused" : "run_resumed", change.run, "", change.why, {}};
}

Event to_event(const JobDecided& change) {
  return {
      change.approved ? "job_approved" : "job_rejected", change.run, change.job, change.why, {}};
}

Event to_event(const JobMarked& change) {
  return {
      "job_marked",
      change.run,
      change.job,
      change.why,
      {{"from", json::string(to_string(change.from))}, {"to", json::string(to_string(change.to))}}};
}

Event to_event(const SensitiveShown& change) {
  return {"sensitive_shown",
          change.run,
          "",
          change.why,
          {{"command", change.command},
           {"dataset", change.dataset},
           {"period", change.period},
           {"versions", json::array(change.versions.begin(), change.versions.end())},
           {"columns", json::array(change.columns.begin(), change.columns.end())}}};
}

}  // namespace tallymill
