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
#include "scheduler/trigger_rule.h"

namespace tallymill {

/// What a job came to, for people.
struct JobSummary {
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t findings_error = 0;
  std::int64_t findings_warn = 0;
  std::optional<bool> gate_passed;  ///< of a gate
  /// Rows a check job keeps of what failed: none where only the dataset as a whole did. Unknown of
  /// an attempt that failed, which has no visible version.
  std::optional<std::int64_t> failing_rows = {};
  std::map<std::string, std::string> amounts;  ///< column -> exact sum of what went on
  /// Of an indicator: org and exact value, those of the worst severity first.
  std::vector<std::pair<std::string, std::string>> indicators;
  std::string error_class;
  std::string error;
};

/// One job of a run in memory.
struct LiveJob {
  bool included = false;  ///< a rerun may leave jobs out
  JobRunState state = JobRunState::waiting;
  JobsBefore before;            ///< what the jobs of this run it waits for have come to
  std::uint32_t open_data = 0;  ///< of those, makers and gates of what it reads that have not ended
  bool data_failed = false;     ///< one of them failed, or refused
  bool data_skipped = false;    ///< one of them was skipped
  bool decided = false;         ///< its trigger said to run or to skip
  bool told = false;            ///< those that wait for it have counted what it came to
  bool blocked = false;         ///< can never start in this run
  bool held = false;            ///< waits for something outside this run
  /// Deadlines that passed before it was done: the dataset (empty: its own), and the instant.
  std::map<std::string, std::string> late;
  std::string reason;              ///< why blocked, held, failed, retried
  std::string code;                ///< with held: a stable one, input_missing, ...
  std::string cause;               ///< why it had to run, a stable code
  std::vector<JobChange> changes;  ///< with "changed": what has
  int attempts = 0;                ///< number of the last one
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

/// Why a job does not run in this run: a stable code, and a sentence for people.
struct SkipReason {
  std::string code;  ///< trigger_rule, behind_skipped, input_skipped, condition_false
  std::string sentence;
};

/// Why a waiting job is held, as stored: the code before the sentence.
std::string stored_reason(const LiveJob& job);
/// The reverse; an empty text: it is not held.
void read_reason(const std::string& stored, LiveJob& job);

/// The state of one run: a function of its job runs' states and of the graph. Every change costs
/// time in proportion to the job's dependents, never to the size of the graph.
class LiveRun {
 public:
  /// All jobs in `included` (names) wait; the others are no part of the run. Names of partitions of
  /// a job that awaits its list say what that list is.
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

  /// Once, when all states are those the run stands in: jobs whose trigger is decided.
  std::vector<JobIndex> start();
  /// After `index` came to its end: jobs whose trigger that decides, to run or to skip; see
  /// trigger(). Those that can never start because of it are blocked, and what follows from that is
  /// followed, too.
  std::vector<JobIndex> settle(JobIndex index);
  /// The list that `list_job` makes is known: one job run per value stands where the jobs that
  /// awaited it stood. Numbers of jobs stay. Gives the jobs whose trigger is decided now.
  std::vector<JobIndex> spread(const std::string& list_job, const std::vector<std::string>& values);
  /// The jobs of this run that await that list.
  std::vector<std::string> awaiting(const std::string& list_job) const;
  /// `index` can never start: it is blocked; then as settle().
  std::vector<JobIndex> block(JobIndex index, const std::string& reason);

  /// What the trigger rule of a job and what it reads say so far. Whatever its rule, a job needs
  /// the makers and gates of its inputs to have succeeded.
  Trigger trigger(JobIndex index) const;
  /// Why trigger() says `skip`.
  SkipReason skip_reason(JobIndex index) const;

  std::size_t running() const { return running_; }
  /// Jobs that are neither final nor blocked.
  std::size_t unfinished() const { return unfinished_; }
  std::size_t count(JobRunState state) const { return counts_[static_cast<std::size_t>(state)]; }
  std::size_t blocked() const { return blocked_; }

 private:
  enum class Outcome : std::uint8_t { succeeded, failed, skipped };

  bool mark_blocked(JobIndex index, const std::string& reason);
  /// What `cause` came to, as `dependent` counts it: a gate that refused has failed for readers.
  Outcome outcome_for(JobIndex dependent, JobIndex cause) const;
  bool gives_data(JobIndex maker, JobIndex reader) const;
  bool has_refused(JobIndex gate, JobIndex reader) const;
  /// Its condition names a job that has not come to its end: also a rule that would not wait does.
  bool asks_of_open_job(JobIndex index) const;
  void count(JobIndex dependent, JobIndex cause);
  std::string blocked_reason(JobIndex dependent, JobIndex cause) const;

  std::shared_ptr<const Graph> graph_;
  RunRecord record_;
  std::vector<LiveJob> jobs_;
  std::array<std::size_t, 9> counts_{};
  std::size_t running_ = 0;
  std::size_t blocked_ = 0;
  std::size_t unfinished_ = 0;
};

}  // namespace tallymill
