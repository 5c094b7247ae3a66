#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/live_run.h"

namespace tallymill {

/// Told what happens in a run, always after the commit that makes it true.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// The run begins, or goes on after an earlier process left it.
  virtual void started(const LiveRun&, bool /*goes_on*/) {}
  /// These jobs changed their state.
  virtual void changed(const LiveRun&, const std::vector<JobIndex>&) {}
  /// Nothing can move any more without outside input; the run stays open.
  virtual void waits(const LiveRun&) {}
  /// It is over, or left as it stands because nothing can move.
  virtual void ended(const LiveRun&, RunVerdict) {}
  /// Called about this often while the run waits; empty: never.
  virtual std::optional<std::chrono::milliseconds> tick_interval() const { return std::nullopt; }
  virtual void tick(const LiveRun&) {}
  /// Something worth a line that is no change of a job.
  virtual void note(const std::string&) {}
};

}  // namespace tallymill
