#include "scheduler/due_queue.h"

#include <algorithm>
#include <set>

#include "core/error.h"

namespace tallymill {

bool DueQueue::is_active(const std::string& graph) {
  const auto open = scheduler_.store().view().open_runs();
  return std::any_of(open.begin(), open.end(),
                     [&](const RunRecord& run) { return run.graph == graph; });
}

bool DueQueue::is_waiting(const std::string& graph) {
  const auto waiting = due_runs(scheduler_.store().view());
  return std::any_of(waiting.begin(), waiting.end(),
                     [&](const DueRun& run) { return run.graph == graph; });
}

void DueQueue::cancel_oldest(const std::string& graph) {
  for (const RunRecord& run : scheduler_.store().view().open_runs()) {
    if (run.graph != graph) continue;
    if (ActiveRun* active = scheduler_.loop().find(run.id)) active->cancel("a later run is due");
    return;
  }
}

void DueQueue::skip(const TriggerSeen& seen, const DueRun& run, const std::string& why) {
  scheduler_.store().append(to_event(DueSkipped{seen, run, why}));
  log_.warn("due_skipped", {{"graph", run.graph},
                            {"period", run.period},
                            {"due", run.due},
                            {"cause", run.cause},
                            {"why", why}});
}

void DueQueue::add(const TriggerSeen& seen, const DueRun& run, WhileActive while_active) {
  if (while_active == WhileActive::skip && (is_waiting(run.graph) || is_active(run.graph)))
    return skip(seen, run, "overlap");
  scheduler_.store().append(to_event(RunDue{seen, run}));
  log_.info("run_due",
            {{"graph", run.graph}, {"period", run.period}, {"due", run.due}, {"cause", run.cause}});
  if (while_active == WhileActive::cancel_oldest) cancel_oldest(run.graph);
  dirty_ = true;
}

void DueQueue::start_due() {
  if (!std::exchange(dirty_, false)) return;
  std::set<std::string> taken;
  for (const DueRun& run : due_runs(scheduler_.store().view())) {
    if (!taken.insert(run.graph).second) continue;
    if (!scheduler_.workspace().graphs.contains(run.graph))
      skip({}, run, "graph_gone");
    else if (!is_active(run.graph))
      start(run);
  }
}

void DueQueue::start(const DueRun& run) {
  const auto period = Period::parse(run.period);
  try {
    if (!period) throw Error(ErrorClass::config, "'" + run.period + "' is no period");
    RunRequest request{.graph = run.graph, .period = *period};
    request.cause = run.cause;
    request.due = run.due;
    const auto end = scheduler_.submit_for(request, std::make_shared<RunObserver>(), true);
    dirty_ = dirty_ || end->run != nullptr;  // all was up to date: the next one may start
  } catch (const Error& error) {
    // The disk or the store: nothing can go on, and the run stays due.
    if (error.error_class() != ErrorClass::config && error.error_class() != ErrorClass::data) throw;
    skip({}, run, "cannot_start: " + error.message());
    dirty_ = true;
  }
}

}  // namespace tallymill
