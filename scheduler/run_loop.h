#pragma once

#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "scheduler/attempt_folder.h"
#include "scheduler/executors/executor.h"
#include "scheduler/input_resolver.h"
#include "scheduler/interrupts.h"
#include "scheduler/judgement.h"
#include "scheduler/live_run.h"
#include "scheduler/pinned_files.h"
#include "scheduler/run_observer.h"
#include "scheduler/state_folder.h"
#include "scheduler/store.h"
#include "scheduler/timers.h"

namespace tallymill {

/// What a run works with. Everything outlives the loop.
struct RunEnvironment {
  const Workspace& workspace;
  const StateFolder& state;
  Store& store;
  Executor& executor;
  Interrupts& interrupts;
  RunObserver& observer;
};

/// Runs one run: from completion to completion, no polling. Each turn takes in what ended, decides
/// what follows, appends all of it as events, commits once, and only then spawns, signals and
/// tells. After kill -9 at any point a new loop over the same run goes on from the last commit.
class RunLoop {
 public:
  RunLoop(const RunEnvironment& environment, LiveRun& run, PinnedFiles files);

  /// Takes the run's state from the store and settles every open attempt: its result is collected,
  /// or it is ended and counts as lost.
  void restore();
  /// Runs until nothing can move any more. The run has then ended, unless the verdict is `waiting`
  /// or some job waits for outside input.
  RunVerdict run();

 private:
  /// One attempt between its event and its end.
  struct Flight {
    JobIndex job = 0;
    int number = 1;
    std::string id;
    std::filesystem::path folder;
    Epoch epoch;
    std::string handle;
    StopReason stop = StopReason::none;
    int threads = 1;
    std::optional<FileLock> lock;  ///< ours until the worker has inherited it
    std::string problem;           ///< why it could not be prepared
    ErrorClass problem_class = ErrorClass::transient;
  };
  struct ReadyOrder {
    const Graph* graph;
    bool operator()(JobIndex a, JobIndex b) const;
  };

  /// run() without what must happen if it throws.
  void go_on();

  // What may start (run_loop.cpp)
  void consider(JobIndex index);
  void consider_released();
  bool is_up_to_date(JobIndex index) const;
  bool has_all_versions(JobIndex index) const;
  void reuse(JobIndex index, std::vector<PinnedVersion> pins);
  void hold(JobIndex index, const std::string& reason);
  void make_ready(JobIndex index);
  void end_run();
  RunVerdict verdict() const;
  /// After a commit, and after what is to run was started: folders nobody needs and the observer.
  void tell();
  void wait();
  void handle_signals();
  void handle_timers();

  // Attempts (run_attempts.cpp)
  void start_attempts();
  void prepare_attempt(JobIndex index);
  /// Its share of the cores: what nobody uses, divided among the jobs that can start now, and never
  /// less than with all slots taken. A job that runs alone has the whole machine.
  int threads_for(const LiveJob& job) const;
  Task task_of(const Flight& flight) const;
  void spawn_prepared();
  void collect_exits();
  void settle(Flight& flight, const AttemptEnding& ending, const AttemptExit* exit, bool was_lost);
  void settle_error(Flight& flight, const Error& error);
  void apply(Flight& flight, Judgement judgement);
  void publish_or_fail(const Flight& flight, const AttemptEnding& ending, Judgement& judgement);
  AttemptFacts facts_of(const Flight& flight, const AttemptEnding& ending) const;
  void note_good(JobIndex index, const AttemptEnded& ended);
  void stop_flight(Flight& flight, StopReason reason, StopSignal signal);
  void clean_folders();

  // After a restart (run_restore.cpp)
  void restore_tries();
  void restore_counters();
  void restore_inputs(JobIndex index);
  void restore_retry(JobIndex index, const std::string& retry_at);
  void restore_attempt(const AttemptRecord& record);

  RunEnvironment env_;
  int cores_;
  std::int64_t memory_;  ///< bytes an attempt may use
  LiveRun& run_;
  PinnedFiles files_;
  InputResolver resolver_;
  std::unordered_map<std::string, ResultRecord> results_;  ///< visible ones, by job
  std::set<std::string, std::less<>> forced_;
  std::vector<JobIndex> released_;  ///< wait for nothing in the run any more; to consider
  std::priority_queue<JobIndex, std::vector<JobIndex>, ReadyOrder> ready_;
  std::vector<Flight> prepared_;                     ///< committed next, spawned after
  std::unordered_map<std::string, Flight> flights_;  ///< running, by handle
  std::unordered_map<JobIndex, std::string> handles_;
  Timers timers_;
  int interrupts_taken_ = 0;
  std::int64_t memory_kills_ = 0;
  std::vector<JobIndex> changed_;                                 ///< to tell after the commit
  std::vector<std::pair<std::filesystem::path, bool>> to_clean_;  ///< attempt folder, keep staging
};

}  // namespace tallymill
