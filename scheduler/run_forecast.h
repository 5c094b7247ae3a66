#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/time/local_time.h"
#include "scheduler/forecast.h"
#include "scheduler/live_run.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What a forecast is asked about: a graph as a whole, or what is left of a run.
struct ForecastSubject {
  const Workspace& workspace;
  const Graph& graph;
  const LiveRun* run = nullptr;  ///< null: every job of the graph is still to be done
  Period period;
  std::map<std::string, TaskParam> params;
  Instant from;  ///< when the forecast starts
};

/// A deadline the forecast was asked about, in the order of ForecastJob::deadlines.
struct AskedDeadline {
  std::string dataset;  ///< empty: of the job itself
  Instant at;
};

struct RunForecast {
  Forecast forecast;
  std::vector<std::vector<AskedDeadline>> deadlines;  ///< by place in forecast.jobs
  std::vector<std::string> notes;                     ///< what could not be reckoned with
};

/// From the durations of the newest ended runs in `view` (null: nothing has run yet). All that is
/// left is taken to go well: jobs that only follow a failure take no part.
RunForecast forecast_run(const ForecastSubject& subject, StoreView* view);

}  // namespace tallymill
