#pragma once

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "scheduler/live_run.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What a job would read, or why it cannot start.
struct JobInputs {
  /// In the order of the job's inputs, then of periods and partitions, each once. One without a
  /// version stands for what nobody has made and counts as empty.
  std::vector<PinnedVersion> versions;
  std::vector<PinnedVersion> new_pins;  ///< those the run did not make and had not pinned yet
  std::string held;                     ///< waits for something outside the run, and what
  std::string code;                     ///< with held, blocked or failed: a stable reason code
  std::string blocked;                  ///< can never start in this run, and why
  std::string failed;                   ///< fails, as it has asked for, and why
  bool is_complete() const { return held.empty() && blocked.empty() && failed.empty(); }
};

/// Finds the versions a job reads: of this run's own jobs what they made visible; of others what
/// the run has pinned, else what is visible now and has passed its gates. There is no falling back
/// to an older version behind a refused one.
class InputResolver {
 public:
  InputResolver(const Workspace& workspace, const LiveRun& run, StoreView& view);

  /// `without`: a dataset that is not looked for.
  JobInputs resolve(JobIndex job, const std::string& without = {});
  /// Remembers pins whose event was appended.
  void add_pins(const std::vector<PinnedVersion>& pins);

  /// Visible versions made by a job run of this graph for the run's period, by dataset.
  const std::map<std::string, VersionRecord>& made_by(const std::string& job) const;
  /// After an attempt of `job` published: its visible versions are these.
  void replace_made(const std::string& job, std::map<std::string, VersionRecord> versions);

 private:
  using Place = std::tuple<std::string, std::string, std::string>;  // dataset, period, partition
  struct Missing {
    std::string period;
    std::string partition;
  };
  /// One input of one job, while it is resolved.
  struct Search {
    JobIndex job;
    const DatasetUse& use;
    const DatasetInfo& info;
    JobInputs& inputs;
    std::vector<Missing> missing = {};
    std::size_t found = 0;
  };

  void resolve_use(JobIndex job, const DatasetUse& use, JobInputs& inputs);
  /// Empty, with the search held, if the list of partitions has not been made yet.
  std::vector<std::string> partitions(Search& search, const std::string& period);
  void resolve_one(Search& search, const std::string& period, const std::string& partition);
  void resolve_own(Search& search, JobIndex maker);
  void pin_one(Search& search, const std::string& period, const std::string& partition);
  void settle_missing(Search& search);
  void check_gates(const VersionRecord& version, bool required, JobInputs& inputs);
  bool waits_for_gates(JobIndex job, const DatasetInfo& info, const std::string& period) const;

  const Workspace* workspace_;
  const LiveRun* run_;
  StoreView* view_;
  std::map<Place, PinnedVersion> pins_;
  std::unordered_map<std::string, std::map<std::string, VersionRecord>> made_;
};

/// The inputs of a job, by what it calls them, with the versions among `versions` that are theirs.
/// `run`: the run's period.
std::vector<std::pair<const DatasetUse*, std::vector<PinnedVersion>>> versions_by_input(
    const Workspace& workspace, const Graph& graph, const JobNode& job, const RunRecord& run,
    const std::vector<PinnedVersion>& versions);

/// What the job calls the inputs whose rows may be of several periods or partitions.
std::vector<std::string> inputs_of_several(const Workspace& workspace, const JobNode& job);

}  // namespace tallymill
