#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scheduler/graph.h"

namespace tallymill {

/// What is known of a job that is still to be done.
struct ForecastJob {
  JobIndex job = 0;
  std::vector<std::chrono::milliseconds> history;  ///< how long it took before; 0: was skipped
  std::chrono::milliseconds ran{0};                ///< of a job at work: since when
  bool is_running = false;
  /// By when it must be done, from the start of the forecast on.
  std::vector<std::chrono::milliseconds> deadlines = {};
};

struct ForecastRequest {
  const Graph* graph = nullptr;
  int slots = 1;
  std::map<std::string, int> pools = {};  ///< by resource pool; those not named have no bound
  std::uint64_t seed = 0;
  int most_trials = 1000;         ///< large graphs are played through less often
  std::vector<ForecastJob> jobs;  ///< those not done yet; all others of the graph are done
};

struct JobOutlook {
  JobIndex job = 0;
  std::size_t samples = 0;           ///< earlier runs it is judged by; 0: the graph's median
  std::chrono::milliseconds p50{0};  ///< until it is done
  std::chrono::milliseconds p90{0};
  double critical_ratio = 0;          ///< of the trials in which it held up the end
  std::vector<double> missed_ratios;  ///< of the trials, per deadline
};

struct Forecast {
  int trials = 0;
  std::chrono::milliseconds p50{0};  ///< until all is done
  std::chrono::milliseconds p90{0};
  std::vector<JobOutlook> jobs;  ///< in the order of the request
  /// Of the trial in the middle: what held up the end, in order of time.
  std::vector<JobIndex> critical_path;
};

/// Plays the run through the slots many times, each job as long as in one of its earlier runs.
/// Chance comes from the seed alone: the same request has the same forecast.
Forecast forecast(const ForecastRequest& request);

}  // namespace tallymill
