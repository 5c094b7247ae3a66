#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scheduler/pinned_files.h"
#include "scheduler/state_folder.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// A large graph is settled for a period when a run has left every job of it good, and nothing that
/// its fingerprints depend on has changed since. That is known without looking at a single job: the
/// next run is one sweep, two events however many jobs there are. It is remembered in cache/, which
/// may be deleted at any time; then jobs are looked at one by one again.
struct Settled {
  std::string token;       ///< of settled_token()
  std::int64_t event = 0;  ///< the newest event when the run ended
  std::string hash;        ///< and its hash
  std::string run;         ///< the run whose job runs tell of every job
};

/// Graphs of fewer jobs are looked at job by job in no time, and their runs tell more.
inline constexpr std::size_t kLargeGraph = 5000;

/// False for graphs with jobs that must be asked each time: readers of sources, of the as-of
/// instant, of people, and those that deliver.
bool may_be_settled(const Graph& graph);
/// Of everything that the fingerprints of the graph's jobs depend on, input versions apart.
std::string settled_token(const Workspace& workspace, const PinnedFiles& files,
                          const std::map<std::string, TaskParam>& params);

/// Never fails: what cannot be remembered is found out again.
void remember_settled(const StateFolder& state, const std::string& graph, const std::string& period,
                      const Settled& settled);
/// The run that settled the graph, if the token is still the same, no result or version of the
/// store can have changed since, and all versions stand on disk.
std::optional<std::string> settled_by(const StateFolder& state, StoreView& view, const Graph& graph,
                                      const std::string& period, const std::string& token);

}  // namespace tallymill
