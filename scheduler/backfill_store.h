#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scheduler/backfill.h"
#include "scheduler/events.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// A backfill as the store knows it.
struct BackfillRecord {
  std::string name;
  std::string graph;
  std::string from;
  std::string to;
  json::object options;  ///< force, reverse, stop_on_failure, parallel, params
  std::string who;
  std::string started_at;
  std::string ended_at;  ///< empty: open
  std::string verdict;   ///< of an open one: kStoppedBackfill, or empty
  bool is_stopped() const;
};

/// The verdict of an open backfill that begins nothing more until it is asked for again.
inline constexpr std::string_view kStoppedBackfill = "stopped";

/// Begins a backfill: recorded before its first run.
Event backfill_started(const BackfillPlan& plan);
/// Every period has ended; `verdict` is the worst of them.
Event backfill_ended(const std::string& name, RunVerdict verdict);

/// Somebody interrupted it, or it stopped at a failure: it goes on when it is asked for again.
Event backfill_stopped(const std::string& name, const std::string& why);
Event backfill_resumed(const std::string& name);

/// Those that a kill left in the middle, oldest first.
std::vector<BackfillRecord> unfinished_backfills(StoreView& view);
/// What was asked for.
BackfillRequest request_of(const BackfillRecord& record);

std::optional<BackfillRecord> find_backfill(StoreView& view, const std::string& name);
/// Newest first.
std::vector<BackfillRecord> backfills_of(StoreView& view, const std::string& graph);
/// Its newest run of each period, by period.
std::map<std::string, RunRecord> backfill_runs(StoreView& view, const std::string& name);

json::object backfill_options(const BackfillRequest& request);

}  // namespace tallymill
