#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// What a job came to in one period.
struct TrendPoint {
  std::string period;
  std::int64_t rows = 0;    ///< that came in
  std::int64_t failed = 0;  ///< of these: failed a check, were rejected or parked, or are breaks
};

/// What the store knows of the graph's periods up to that of a run. Reads each period once.
class Trend {
 public:
  Trend(StoreView& store, const RunRecord& run);

  /// Of a job by period, ascending: the newest results of the twelve last periods, and then what
  /// the run itself came to (its part of the results, see run_results.h).
  std::vector<TrendPoint> points(const json::object& job) const;

 private:
  std::string period_;
  std::map<std::string, std::vector<TrendPoint>> earlier_;  ///< by job, ascending
};

/// Bars of rows with the failed ones in red, as SVG that stands in a page; empty if there is
/// nothing to compare.
std::string trend_chart(const std::vector<TrendPoint>& points);

}  // namespace tallymill
