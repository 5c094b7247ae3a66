#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scheduler/graph.h"
#include "scheduler/retry.h"
#include "scheduler/run_state.h"
#include "scheduler/store_view.h"
#include "scheduler/timers.h"

namespace tallymill {

/// What a job came to, for people.
struct JobSummary {
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t findings_error = 0;
  std::int64_t findings_warn = 0;
  std::optional<bool> gate_passed;             ///< of a gate
  std::map<std::string, std::string> amounts;  ///< column -> exact sum of what went on
  std::string error_class;
  std::string error;
};

/// One job of a run in memory.
struct LiveJob {
  bool included = false;  ///< a rerun may leave jobs out
  JobRunState state = JobRunState::waiting;
  std::uint32_t waits_for = 0;  ///< jobs of this run before it that are not good yet
  bool blocked = false;         ///< can never start in this run
  bool held = false;            ///< waits for something outside this run
  std::string reason;           ///< why blocked, held, failed, retried
  int attempts = 0;             ///< number of the last one
  TryCount tries;
  bool one_thread = false;
  std::string fingerprint;
  std::vector<PinnedVersion> inputs;
  JobSummary summary;
  BootTime started{0};  ///< of the first attempt in this process; 0: none
  BootTime ended{0};
};

/// Begins the stored reason of a job that was blocked when its run ended, before why it was.
inline constexpr std::string_view kBlockedReason = "blocked: ";
/// Begins the stored reason of an approval job that a person is asked about.
inline constexpr std::string_view kApprovalWanted = "waits for approval";
/// Begins the stored reason of a job that a person cancelled.
inline constexpr std::string_view kAskedReason = "asked";

/// The state of one run: a function of its job runs' states and of the graph. Every change costs
/// time in proportion to the job's dependents, never to the size of the graph.
class LiveRun {
 public:
  /// All jobs in `included` (names) wait; the others are no part of the run.
  LiveRun(std::shared_ptr<const Graph> graph, RunRecord record,
          const std::vector<std::string>& included);

  const Graph& graph() const { return *graph_; }
  std::shared_ptr<const Graph> graph_pointer() const { return graph_; }
  const RunRecord& record() const { return record_; }
  std::size_t size() const { return jobs_.size(); }
  LiveJob& job(JobIndex index) { return jobs_[index]; }
  const LiveJob& job(JobIndex index) const { return jobs_[index]; }
  const JobNode& node(JobIndex index) const { return graph_->jobs[index]; }
  std::optional<JobIndex> find(const std::string& name) const;

  /// Throws std::logic_error if the job may not move so.
  void move(JobIndex index, JobRunState to);

  /// Of a run that an earlier process began: the state it stood in. Before any other change.
  void restore(JobIndex index, JobRunState state);

  /// Of a run that another process works on: the job stands as it says.
  void mirror(JobIndex index, LiveJob job);

  /// After `index` became good: jobs that wait for nothing any more. A gate that refused its
  /// dataset blocks those that read it.
  std::vector<JobIndex> release(JobIndex index);
  /// `index` can never start: it and all that come after it, directly or not, are blocked.
  void block(JobIndex index, const std::string& reason);
  /// After `index` failed or was cancelled: all that come after it are blocked.
  void block_dependents(JobIndex index);

  std::size_t running() const { return running_; }
  /// Jobs that are neither final nor blocked.
  std::size_t unfinished() const { return unfinished_; }
  std::size_t count(JobRunState state) const { return counts_[static_cast<std::size_t>(state)]; }
  std::size_t blocked() const { return blocked_; }

 private:
  bool mark_blocked(JobIndex index, const std::string& reason);
  bool is_gated_by(JobIndex job, JobIndex gate) const;

  std::shared_ptr<const Graph> graph_;
  RunRecord record_;
  std::vector<LiveJob> jobs_;
  std::array<std::size_t, 9> counts_{};
  std::size_t running_ = 0;
  std::size_t blocked_ = 0;
  std::size_t unfinished_ = 0;
};

}  // namespace tallymill
