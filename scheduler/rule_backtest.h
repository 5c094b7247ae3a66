#pragma once

#include <string>
#include <vector>

#include "core/task.h"
#include "core/time/period.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// A job run that a rule would be asked in, and why it cannot be looked at; empty: it can.
struct BacktestGap {
  std::string graph;
  std::string job;
  std::string period;
  std::string why;
};

/// What a rule is asked about from `from` to `to`: one task for each job, period and partition
/// whose inputs are there (ImaginedRun); the caller puts in the two texts to compare.
struct Backtest {
  std::vector<Task> tasks;
  std::vector<BacktestGap> gaps;
  std::vector<std::string> jobs;  ///< "graph.job" of all that name the rule
};
Backtest plan_backtest(const Workspace& workspace, StoreView& view, const std::string& file,
                       const Period& from, const Period& to);

}  // namespace tallymill
