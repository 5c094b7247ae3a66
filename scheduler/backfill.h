#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/time/period.h"
#include "scheduler/run_state.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// A graph run for many periods, one run each.
struct BackfillRequest {
  std::string graph;
  Period from;
  Period to;         ///< included
  std::string name;  ///< empty: the planner gives one
  bool reverse = false;
  bool force = false;
  bool stop_on_failure = false;
  int parallel = 1;                                ///< runs at once
  std::map<std::string, std::string> params = {};  ///< over the graph's defaults
  std::string reason = {};                         ///< why, for the journal
};

/// One period of a backfill.
struct BackfillPeriod {
  Period period;
  std::string run;                       ///< this backfill's, if it has one
  std::optional<RunVerdict> verdict;     ///< of that run, if it has ended: the period is done
  std::map<std::string, int> actions{};  ///< of a period to do: how many jobs would run, be reused
  std::string note;                      ///< the first thing a job of it would wait for
};

/// A backfill before it happens, or before it goes on.
struct BackfillPlan {
  BackfillRequest request;
  std::shared_ptr<const Graph> graph;
  bool is_known = false;                ///< it was begun before
  bool is_done = false;                 ///< and has ended
  bool was_stopped = false;             ///< it begins nothing more until it is asked for again
  RunVerdict verdict = RunVerdict::ok;  ///< of one that has ended
  std::string who;                      ///< began it
  std::string ended_at;
  bool in_order = false;                ///< one period after the other: each reads the one before
  std::vector<BackfillPeriod> periods;  ///< in the order they run
  std::int64_t job_runs = 0;            ///< in all periods
  std::string digest;                   ///< 12 hex digits over all that decides what it does
};

/// More periods than this at once are refused: a hundred years of months, ten of days.
inline constexpr int kMostBackfillPeriods = 4000;

/// Plans a new backfill, or the rest of one that was begun: without a name an open one of the same
/// graph, periods and options. Throws Error(config) if the periods do not fit the graph or each
/// other, are too many, or the name belongs to another backfill.
BackfillPlan plan_backfill(const Workspace& workspace, StoreView& view,
                           const BackfillRequest& request);
/// The same in a workspace that has run nothing yet.
BackfillPlan plan_backfill(const Workspace& workspace, const BackfillRequest& request);

json::object to_wire(const BackfillRequest& request, const std::string& digest);
/// Throws Error(data) for what cannot be read.
BackfillRequest backfill_request_from(const json::object& object);

/// Whether a job of the graph reads what the graph made for an earlier period.
bool reads_own_past(const Workspace& workspace, const Graph& graph);

json::object backfill_json(const BackfillPlan& plan);

}  // namespace tallymill
