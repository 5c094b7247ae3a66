#pragma once

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/time/period.h"
#include "scheduler/executors/local.h"
#include "scheduler/interrupts.h"
#include "scheduler/notify/announce.h"
#include "scheduler/notify/deliveries.h"
#include "scheduler/run_loop.h"
#include "scheduler/workspace.h"
#include "scheduler/writer_lock.h"

namespace tallymill {

/// What somebody asks to run.
struct RunRequest {
  std::string graph;
  Period period;
  std::map<std::string, std::string> params = {};  ///< over the graph's defaults
  bool force = false;                              ///< every job runs, up to date or not
  bool fresh = false;        ///< give up an open run of the same period and start a new one
  bool allow_stale = false;  ///< exports may read stale versions

  // A rerun.
  std::string of = {};                                               ///< the run it repeats
  std::vector<std::string> jobs = {};                                ///< empty: all of the graph
  std::vector<std::string> forced = {};                              ///< run even if up to date
  std::vector<std::pair<std::string, std::string>> takes_over = {};  ///< run, job
};

struct SchedulerOptions {
  std::string doing = "tallymill";  ///< what others are told who find the lock held
  bool wait = false;                ///< wait for the lock instead of giving up
  std::function<void(const std::string& holder)> waiting = [](const std::string&) {};
  std::filesystem::path worker = LocalExecutor::default_program();
  std::shared_ptr<Executor> executor = {};  ///< instead of one that starts `worker`
  std::shared_ptr<Clock> clock = {};        ///< instead of the machine's
  std::filesystem::path courier = Deliveries::default_courier();
  /// How long the end of the process may wait for messages that are on their way.
  std::chrono::milliseconds delivery_patience{5'000};
};

/// The one writer of a workspace's state, for as long as it lives: holds the lock, the store and
/// the executor. Its makers: `tallymill run` and `rerun --apply`.
class Scheduler {
 public:
  /// Takes the lock, opens the store. Throws Error(transient) if another process holds the lock,
  /// Error(config) if the store is newer or older than the state folder.
  Scheduler(Workspace workspace, const JobCatalog& catalog, const SchedulerOptions& options);
  /// Waits a little for messages that are on their way; what is left stays in the outbox.
  ~Scheduler();

  /// Goes on with the open run of the graph and period, or starts one, and runs it as far as it
  /// goes. Before that, open attempts of all other runs are settled. Throws Error(config) if the
  /// request does not fit the graph or the open run.
  RunEnd run(const RunRequest& request, RunObserver& observer);

  /// The same in two steps, for several runs at once: the run is put to work, and
  /// `loop().run_until_stuck()` brings it, and all others, as far as they go.
  std::shared_ptr<RunEnd> submit(const RunRequest& request, std::shared_ptr<RunObserver> observer);
  RunLoop& loop() { return *loop_; }

  Store& store() { return *store_; }
  Deliveries& deliveries() { return *deliveries_; }
  const Workspace& workspace() const { return *workspace_; }

 private:
  RunRecord start(const RunRequest& request);
  RunStarted started(const RunRequest& request, const PinnedFiles& files);
  /// The whole run at once, where a large graph is settled; null: jobs have to be looked at.
  std::shared_ptr<RunEnd> sweep(const RunRequest& request, RunObserver& observer);
  /// After a run that left every job of a large graph good.
  void remember(const RunEnd& end);
  bool has_ended(const std::string& run);
  /// Settling open attempts may have ended some since the rerun was planned.
  std::vector<std::pair<std::string, std::string>> still_open(
      const std::vector<std::pair<std::string, std::string>>& job_runs);
  /// Ends runs of which nothing is left after others took their jobs over.
  void end_emptied(const std::vector<std::pair<std::string, std::string>>& taken);
  void give_up(const RunRecord& record);
  void require_same(const RunRecord& record, const RunRequest& request) const;
  std::shared_ptr<RunEnd> put_to_work(const RunRecord& record, bool goes_on,
                                      std::shared_ptr<RunObserver> observer);
  RunSetup setup_of(const RunRecord& record);
  void settle_others(const std::string& run, RunObserver& observer);
  void settle_other(const RunRecord& record, RunObserver& observer);
  std::unique_ptr<LiveRun> live_run(const Workspace& workspace, const RunRecord& record);
  /// What people are to be told goes into the outbox with the event that causes it.
  void tell_people(const std::filesystem::path& courier);
  RunServices services() { return {state_, *store_, *executor_, *clock_}; }

  std::shared_ptr<const Workspace> workspace_;
  const JobCatalog* catalog_;
  StateFolder state_;
  std::unique_ptr<WriterLock> lock_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<Executor> executor_;
  std::shared_ptr<Clock> clock_;
  std::unique_ptr<Interrupts> interrupts_;  ///< from when the lock is ours
  std::unique_ptr<RunLoop> loop_;
  std::unique_ptr<Deliveries> deliveries_;
  std::chrono::milliseconds delivery_patience_;
  int exceptions_ = std::uncaught_exceptions();  ///< on their way when this was made
  bool others_settled_ = false;
};

/// Values of a run's parameters: the graph's defaults, replaced by `given`. Throws Error(config)
/// for names the graph does not declare and values that are not of their type.
std::map<std::string, TaskParam> run_params(const Workspace& workspace, const Graph& graph,
                                            const std::map<std::string, std::string>& given);

/// Refuses a store that ends before an attempt folder was made (an older copy was put in place).
/// Throws Error(config) naming both.
void require_current_store(const StateFolder& state, Store& store);

}  // namespace tallymill
