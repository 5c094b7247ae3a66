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

}  // namespace tallymill
