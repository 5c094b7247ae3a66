#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "scheduler/attempt_folder.h"
#include "scheduler/clock.h"
#include "scheduler/executors/executor.h"
#include "scheduler/input_resolver.h"
#include "scheduler/judgement.h"
#include "scheduler/live_run.h"
#include "scheduler/pinned_files.h"
#include "scheduler/run_observer.h"
#include "scheduler/side_thread.h"
#include "scheduler/slots.h"
#include "scheduler/state_folder.h"
#include "scheduler/store.h"
#include "scheduler/timers.h"

namespace tallymill {

/// What all runs of a process share. Everything outlives the loop.
struct RunServices {
  const StateFolder& state;
  Store& store;
  Executor& executor;
  Clock& clock;
  std::chrono::milliseconds patience{5000};  ///< between TERM and KILL
};

/// What a loop and its runs hand to each other.
struct LoopBoard {
  Slots slots;
  Timers timers;
  SideThread side = {};  ///< makes folders of attempts, and takes away what is left in them
  /// Signals to send once the events that tell of them are committed.
  std::vector<std::pair<std::string, StopSignal>> signals = {};
  /// Datasets of which a version or a gate's word was published this turn: other runs may wait.
  std::set<std::string> published = {};
  std::int64_t memory_kills = 0;  ///< of the kernel, so far
};

/// What one run works with, apart from what it shares.
struct RunSetup {
  std::shared_ptr<const Workspace> workspace;  ///< with the graph the run has pinned
  std::unique_ptr<LiveRun> live;
  std::vector<JobRunRecord> job_runs;  ///< as they stand in the store
  PinnedFiles files;
};

/// One run at work in this process: takes in what happened to its jobs, decides what follows and
/// appends that as events. It never commits, waits or signals, except while it restores: RunLoop
/// does, once for all runs.
class ActiveRun {
 public:
  ActiveRun(const RunServices& services, LoopBoard& board, std::uint32_t number, RunSetup setup);

  /// Takes the run's state from the store and settles every open attempt: its result is collected,
  /// or it is ended and counts as lost.
  void restore();

  std::uint32_t number() const { return number_; }
  LiveRun& live() { return *live_; }
  const LiveRun& live() const { return *live_; }
  std::unique_ptr<LiveRun> take_live() { return std::move(live_); }
  const Workspace& workspace() const { return *workspace_; }

  /// Considers jobs that wait for nothing in the run any more, until the batch is full.
  void consider_released();
  bool has_released() const { return !released_.empty(); }
  /// Jobs that wait for one of `datasets` from outside are considered again.
  void wake(const std::set<std::string>& datasets);
  /// Begins an attempt of a job that was ready; nothing happens if it is not any more.
  void prepare_attempt(JobIndex index);
  /// After the commit. Returns the handles of what runs now.
  std::vector<std::string> spawn_prepared();
  void settle_exit(const AttemptExit& exit);
  void handle_timer(const Timer& timer);
  /// When the clock on the wall shows the next deadline; empty: none is left.
  std::optional<Instant> next_deadline() const;
  /// Records what is not there although its deadline has passed.
  void check_deadlines(Instant now);
  /// Asks what runs to end, or insists; starts nothing any more. The run ends when nothing runs.
  void interrupt(bool insist);
  bool is_interrupted() const { return interrupted_; }

  // What people ask (run_control.cpp). All throw Error(config) that says what stands against it.
  /// Nothing of the run starts any more; what runs is asked to end, then killed.
  void cancel(const std::string& why);
  void cancel_job(JobIndex index, const std::string& why);
  /// What runs goes on; nothing starts until resume().
  void pause(const std::string& why);
  void resume(const std::string& why);
  /// A person's word about an approval job.
  void decide(JobIndex index, bool approved, const std::string& why);
  /// A person says that the job came to this; its dependents go by that.
  void mark(JobIndex index, JobRunState to, const std::string& why);
  /// A rerun has taken the job run over: the store says so already.
  void give_away(JobIndex index);
  /// This process ends: what runs is asked to end, and the next one takes it up again.
  void shut_down(bool insist);

  /// SIGKILL to every attempt, without a word in the store: it cannot take it in any more.
  void kill_all();

  /// What could not be reckoned with, to be told once.
  std::vector<std::string> take_notes() { return std::move(notes_); }

  /// Nothing runs, is ready or waits for a time: only outside input can move the run.
  bool is_stuck() const;
  /// Ends a run that is stuck, unless a job of it waits for outside input.
  void end_if_final();
  bool has_ended() const { return ended_; }
  RunVerdict verdict() const;

  std::vector<JobIndex> all_jobs() const;
  /// Jobs that changed since the last call, each once, in order.
  std::vector<JobIndex> take_changed();
  void clean_folders();

 private:
  /// What the side thread prepares for an attempt while its event is committed.
  struct Preparation {
    SideThread::Number number = 0;  ///< of the work; 0: there is none
    std::optional<FileLock> lock;   ///< ours until the worker has inherited it
    std::string problem;            ///< why it could not be prepared; empty: it is
    ErrorClass problem_class = ErrorClass::transient;
  };
  /// One attempt between its event and its end.
  struct Flight {
    JobIndex job = 0;
    int number = 1;
    std::string id;
    std::filesystem::path folder;
    Epoch epoch;
    std::string handle;
    StopReason stop = StopReason::none;
    std::string why;  ///< of whoever cancelled it, in their words
    int threads = 1;
    bool in_slot = false;                      ///< false: taken over from an earlier process
    std::shared_ptr<Preparation> preparation;  ///< until it was spawned
    std::optional<Timers::Id> timer;           ///< timeout, or kill once it was asked to end
  };

  // What does not run, and what is late (run_flow.cpp)
  /// Considers jobs whose trigger was decided, in this turn.
  void follow(const std::vector<JobIndex>& decided);
  void skip(JobIndex index, const SkipReason& reason);
  /// Else the job was skipped, or blocked where there is no answer.
  bool meets_condition(JobIndex index);
  /// A job that was ready for longer than its queue_timeout has failed.
  void give_up_waiting(const Timer& timer);
  void watch_deadlines();
  bool meets(JobIndex index, const Deadline& deadline) const;

  // What may start (active_run.cpp)
  void consider(JobIndex index);
  /// Why the visible result of a job will not do, as plan_judge.h has the codes; empty: it will.
  std::string cause_to_run(JobIndex index) const;
  bool is_forced(const std::string& name) const;
  bool has_all_versions(JobIndex index) const;
  void reuse(JobIndex index, std::vector<PinnedVersion> pins);
  /// Appends what reuse() found, as one event.
  void tell_sweep();
  void hold(JobIndex index, const JobInputs& inputs);
  /// It fails without an attempt.
  void fail(JobIndex index, const std::string& code, const std::string& sentence);
  /// The list of `list_job` is known. False: no job of this run awaits it.
  bool spread(const std::string& list_job, const std::vector<std::string>& values);
  /// A job that awaits a list which no job of this run makes.
  void consider_unlisted(JobIndex index);
  void make_ready(JobIndex index);
  void queue(JobIndex index);
  void note_verdicts(const std::vector<GateVerdict>& verdicts);

  // Attempts (run_attempts.cpp)
  std::shared_ptr<Preparation> prepare(const Flight& flight);
  std::string spawn(const Flight& flight, Preparation& made);
  /// Waits until prepared[i] is ready to be spawned.
  void await_preparation(const std::vector<Flight>& prepared, std::size_t i);
  Task task_of(const Flight& flight) const;
  void add_inputs(const LiveJob& job, const JobNode& node, Task& task) const;
  void settle(Flight& flight, const AttemptEnding& ending, const AttemptExit* exit, bool was_lost);
  void settle_error(Flight& flight, const Error& error);
  void apply(Flight& flight, Judgement judgement);
  void publish_or_fail(const Flight& flight, const AttemptEnding& ending, Judgement& judgement);
  bool has_same_schema(const Flight& flight, const TaskOutput& output) const;
  AttemptFacts facts_of(const Flight& flight, const AttemptEnding& ending) const;
  void note_good(JobIndex index, const AttemptEnded& ended);
  void stop_flight(Flight& flight, StopReason reason, StopSignal signal);
  void set_timer(Flight& flight, TimerKind kind, std::chrono::milliseconds delay);
  void drop_timer(Flight& flight);

  void require_not_running(JobIndex index) const;
  void require_visible_version(JobIndex index) const;
  void end_job(JobIndex index, const std::string& why);
  bool was_cancelled() const;
  /// Counts anew what waits for what, after a job has left a state it could not leave by itself.
  void recount();

  // After a restart (run_restore.cpp)
  void restore_tries(JobIndex index, const JobRunRecord& record);
  void restore_summaries();
  /// What waits for what, from the states alone.
  void restore_counters();
  void restore_inputs(JobIndex index);
  void restore_retry(JobIndex index, const std::string& retry_at);
  void restore_attempt(const AttemptRecord& record);

  RunServices services_;
  LoopBoard& board_;
  std::uint32_t number_;
  std::shared_ptr<const Workspace> workspace_;
  std::int64_t memory_;  ///< bytes an attempt may use
  std::unique_ptr<LiveRun> live_;
  LiveRun& run_;                        ///< what live_ holds
  std::vector<JobRunRecord> restored_;  ///< until restore() has looked at them
  PinnedFiles files_;
  std::shared_ptr<HeldFolder> making_in_;  ///< the folder of the run's attempts: the side thread's
  HeldFolder reading_in_;                  ///< and ours
  InputResolver resolver_;
  std::unordered_map<std::string, ResultRecord> results_;  ///< visible ones, by job
  std::set<std::string, std::less<>> forced_;
  std::deque<JobIndex> released_;   ///< wait for nothing in the run any more; to consider
  std::set<JobIndex> held_;         ///< wait for something outside the run
  std::vector<JobUpToDate> sweep_;  ///< found up to date, not appended yet
  std::vector<Flight> prepared_;    ///< committed next, spawned after
  std::unordered_map<std::string, Flight> flights_;  ///< running, by handle
  std::unordered_map<JobIndex, std::string> handles_;
  std::vector<JobIndex> parked_;  ///< ready, while the run is paused
  std::multimap<Instant, std::pair<JobIndex, Deadline>> deadlines_;  ///< not passed yet
  bool interrupted_ = false;
  bool paused_ = false;
  bool shut_down_ = false;
  bool ended_ = false;
  std::vector<std::string> notes_;
  std::vector<JobIndex> changed_;                                 ///< to tell after the commit
  std::vector<std::pair<std::filesystem::path, bool>> to_clean_;  ///< attempt folder, keep staging
};

}  // namespace tallymill
