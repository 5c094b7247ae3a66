#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/json.h"
#include "core/task.h"
#include "scheduler/state_folder.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Finds, for the jobs of one run, the attempts whose counts are theirs.
class AttemptFinder {
 public:
  /// Both outlive it.
  AttemptFinder(StoreView& store, const RunRecord& run) : store_(store), run_(run) {}
  /// Before all jobs are asked for: one question to the store instead of one for each.
  void load_all();

  /// The last attempt of the job in this run; of a job that is up to date the one that made the
  /// result it reuses. Empty if there is none.
  std::optional<AttemptRecord> find(const JobRunRecord& job);

 private:
  void load_earlier();

  StoreView& store_;
  const RunRecord& run_;
  std::optional<std::map<std::string, AttemptRecord>> last_;  ///< by job, after load_all()
  bool is_loaded_ = false;
  std::map<std::string, std::string> reused_;        ///< by job: the attempt of the visible result
  std::map<std::string, AttemptRecord> by_attempt_;  ///< of all runs of the graph and period
};

/// What an attempt left in its folder; empty if it left nothing.
std::optional<json::object> result_left_by(const StateFolder& state, const AttemptRecord& attempt);
/// What it was asked to do; empty if that is gone.
std::optional<Task> task_of(const StateFolder& state, const AttemptRecord& attempt);

/// The versions of the rules a job asked; none if the graph has no such job any more.
std::map<std::string, std::string> rules_of(const Workspace& workspace, StoreView& store,
                                            const std::string& graph, const std::string& job,
                                            const std::string& run);

/// Where rows lie that an attempt turned away, and how many they are.
struct TurnedAway {
  std::string dataset;  ///< "sound.failures", "clean.rejects", ...
  std::int64_t rows = 0;
  std::optional<std::filesystem::path> folder;  ///< empty: they are no longer kept
};
/// Empty if the job turns no rows away.
std::optional<TurnedAway> turned_away_by(const StateFolder& state, StoreView& store,
                                         const RunRecord& run, const AttemptRecord& attempt,
                                         const json::object& result);

/// What jobs call the rows they turn away: a job has one of these.
const std::vector<std::string>& turned_away_kinds();

}  // namespace tallymill
