#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "scheduler/active_run.h"
#include "scheduler/interrupts.h"

namespace tallymill {

/// What a run came to when it left the loop.
struct RunEnd {
  std::string id;  ///< of the run
  RunVerdict verdict = RunVerdict::ok;
  bool goes_on = false;          ///< it was begun by an earlier process
  std::unique_ptr<LiveRun> run;  ///< as it stands at the end; null: still at work
};

/// Something else the loop waits for and takes in: requests, the clock on the wall, edited files.
class LoopInput {
 public:
  virtual ~LoopInput() = default;
  /// Readable (poll) when there is something to take in; negative: never.
  virtual int ready_fd() const { return -1; }
  /// When the clock on the wall makes something due; empty: never.
  virtual std::optional<Instant> due() const { return std::nullopt; }
  /// When the boot clock does.
  virtual std::optional<BootTime> due_boot() const { return std::nullopt; }
  /// take_in() would do something by itself: nobody waits, or ends, before it did.
  virtual bool has_work() const { return false; }
  /// Takes in what there is. Appends events at most; never waits.
  virtual void take_in() = 0;
  /// All that was appended before is committed: now it may be said.
  virtual void committed() {}
  /// Versions, or words of gates, about these were published.
  virtual void published(const std::set<std::string>& /*datasets*/) {}
  /// A run has ended and left the loop.
  virtual void run_left() {}
};

/// Runs any number of runs in one process, from completion to completion, without polling. Each
/// turn takes in what ended, decides what follows, appends all of it as events, commits once for
/// all runs, and only then spawns, signals and tells. After kill -9 at any point a new loop over
/// the same runs goes on from the last commit.
class RunLoop {
 public:
  /// `limits`: slots and resource pools of this workspace.
  RunLoop(const RunServices& services, Interrupts& interrupts, const Workspace& limits);

  /// Puts a run to work after restoring it from the store. `is_own`: the first interrupt of this
  /// process means it, and the loop keeps its observer alive. The end is filled in when the run
  /// leaves the loop.
  std::shared_ptr<RunEnd> add(RunSetup setup, bool goes_on, std::shared_ptr<RunObserver> observer,
                              bool is_own = true);
  /// Settles the open attempts of a run that nobody puts to work now.
  void settle(RunSetup setup);
  /// Observes a run that is at work, until it leaves the loop or the observer goes.
  std::shared_ptr<RunEnd> observe(ActiveRun& run, std::weak_ptr<RunObserver> observer);
  /// Told of every run of this process, whoever asked for it. It outlives the loop.
  void observe_all(RunObserver& observer) { house_ = &observer; }
  /// Called with every run that leaves the loop, after the commit of what it came to.
  void when_left(std::function<void(const RunEnd&)> call) { left_ = std::move(call); }
  RunObserver* house_observer() const { return house_; }
  /// Null: not at work here.
  ActiveRun* find(const std::string& run);
  void add_input(LoopInput& input) { inputs_.push_back(&input); }
  void remove_input(LoopInput& input) { std::erase(inputs_, &input); }
  /// An interrupt ends this process, not its runs: whoever comes next goes on with them.
  void leave_runs_when_interrupted() { leaves_runs_ = true; }
  void set_limits(const Workspace& limits);
  LoopBoard& board() { return board_; }

  /// Until every run has ended or waits for outside input. All of them leave the loop.
  void run_until_stuck();
  /// Until `stop` says so after a turn. Runs that wait for outside input stay.
  void run_until(const std::function<bool()>& stop);

  bool is_empty() const { return runs_.empty(); }
  bool has_moving_runs() const;
  int interrupts_taken() const { return interrupts_taken_; }

 private:
  struct Entry {
    std::unique_ptr<ActiveRun> run;
    std::vector<std::weak_ptr<RunObserver>> observers;
    std::shared_ptr<RunObserver> own_observer;  ///< kept alive by the loop
    std::shared_ptr<RunEnd> end;
    bool is_own = true;
    bool told_waiting = false;
  };

  void work(const std::function<bool()>& stop);
  void turn();
  void start_attempts();
  void send_signals();
  void spawn_prepared();
  void wake_readers();
  void tell();
  void tell_one(Entry& entry);
  void let_go_of_ended();
  void let_go(Entry& entry, RunVerdict verdict);
  bool has_work() const;
  void wait();
  void take_in();
  void handle_interrupts();
  void leave_runs(int count);
  template <class Call>
  void each_observer(Entry& entry, Call call);

  RunServices services_;
  Interrupts& interrupts_;
  LoopBoard board_;
  std::uint32_t last_number_ = 0;
  std::map<std::uint32_t, Entry> runs_;  ///< by number: the oldest first
  std::unordered_map<std::string, std::uint32_t> by_handle_;
  std::vector<LoopInput*> inputs_;
  int interrupts_taken_ = 0;
  bool leaves_runs_ = false;
  RunObserver* house_ = nullptr;
  std::function<void(const RunEnd&)> left_;
};

}  // namespace tallymill
