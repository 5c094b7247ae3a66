#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "scheduler/live_run.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What a job would read, or why it cannot start.
struct JobInputs {
  std::vector<PinnedVersion> versions;  ///< in the order of the job's inputs
  std::vector<PinnedVersion> new_pins;  ///< those the run did not make and had not pinned yet
  std::string held;                     ///< waits for something outside the run, and what
  std::string blocked;                  ///< can never start in this run, and why
  bool is_complete() const { return held.empty() && blocked.empty(); }
};

/// Finds the versions a job reads: of this run's own jobs what they made visible; of others what
/// the run has pinned, else what is visible now and has passed its gates. There is no falling back
/// to an older version behind a refused one.
class InputResolver {
 public:
  InputResolver(const Workspace& workspace, const LiveRun& run, StoreView& view);

  JobInputs resolve(JobIndex job);
  /// Remembers pins whose event was appended.
  void add_pins(const std::vector<PinnedVersion>& pins);

  /// Visible versions made by a job of this graph for the run's period, by dataset.
  const std::map<std::string, VersionRecord>& made_by(const std::string& job) const;
  /// After an attempt of `job` published: its visible versions are these.
  void replace_made(const std::string& job, std::map<std::string, VersionRecord> versions);

 private:
  void resolve_one(JobIndex job, const std::string& dataset, JobInputs& inputs);
  void pin_one(JobIndex job, const DatasetInfo& info, JobInputs& inputs);
  void check_gates(const VersionRecord& version, bool required, JobInputs& inputs);
  bool waits_for_gates(JobIndex job, const DatasetInfo& info) const;

  const Workspace* workspace_;
  const LiveRun* run_;
  StoreView* view_;
  std::map<std::string, PinnedVersion> pins_;  ///< by dataset; all of the run's period
  std::unordered_map<std::string, std::map<std::string, VersionRecord>> made_;
};

}  // namespace tallymill
