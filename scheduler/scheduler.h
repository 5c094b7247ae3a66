#pragma once

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/backfill_run.h"
#include "scheduler/cascade_run.h"
#include "scheduler/corrections.h"
#include "scheduler/executors/local.h"
#include "scheduler/garbage.h"
#include "scheduler/interrupts.h"
#include "scheduler/notify/announce.h"
#include "scheduler/notify/deliveries.h"
#include "scheduler/requests.h"
#include "scheduler/rule_book.h"
#include "scheduler/run_loop.h"
#include "scheduler/run_request.h"
#include "scheduler/socket_server.h"
#include "scheduler/workspace.h"
#include "scheduler/writer_lock.h"

namespace tallymill {

/// Begins what a rerun is told whose plan is not the one that was asked for.
inline constexpr std::string_view kPlanChanged = "the plan has changed";

struct SchedulerOptions {
  std::string doing = "tallymill";        ///< what others are told who find the lock held
  std::shared_ptr<WriterLock> lock = {};  ///< taken already; null: take it
  bool wait = false;                      ///< wait for the lock instead of giving up
  std::function<void(const std::string& holder)> waiting = [](const std::string&) {};
  std::filesystem::path worker = LocalExecutor::default_program();
  std::chrono::milliseconds patience{5000};  ///< between TERM and KILL
  std::shared_ptr<Executor> executor = {};   ///< instead of one that starts `worker`
  std::shared_ptr<Clock> clock = {};         ///< instead of the machine's
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
  Scheduler(std::shared_ptr<const Workspace> workspace, const JobCatalog& catalog,
            const SchedulerOptions& options);
  Scheduler(Workspace workspace, const JobCatalog& catalog, const SchedulerOptions& options)
      : Scheduler(std::make_shared<const Workspace>(std::move(workspace)), catalog, options) {}
  /// Waits a little for messages that are on their way; what is left stays in the outbox.
  ~Scheduler();

  /// Goes on with the open run of the graph and period, or starts one, and runs it as far as it
  /// goes. Before that, open attempts of all other runs are settled. Throws Error(config) if the
  /// request does not fit the graph or the open run.
  RunEnd run(const RunRequest& request, RunObserver& observer);

  /// The same in two steps, for several runs at once: the run is put to work, and
  /// `loop().run_until_stuck()` brings it, and all others, as far as they go.
  std::shared_ptr<RunEnd> submit(const RunRequest& request, std::shared_ptr<RunObserver> observer);
  /// `is_own`: see RunLoop::add().
  std::shared_ptr<RunEnd> submit(const RunRequest& request, std::shared_ptr<RunObserver> observer,
                                 bool is_own);
  RunLoop& loop() { return *loop_; }

  // For others, who only watch: what runs goes on without them (scheduler_requests.cpp).
  std::shared_ptr<RunEnd> submit_for(const RunRequest& request,
                                     const std::shared_ptr<RunObserver>& watcher,
                                     bool is_own = false);
  /// Throws Error(config) that begins with kPlanChanged if the plan is not the one of the digest.
  std::shared_ptr<RunEnd> submit_rerun_for(const RerunRequest& request,
                                           const std::shared_ptr<RunObserver>& watcher,
                                           bool is_own = false,
                                           const std::weak_ptr<CascadeObserver>& cascade = {});
  Cascades& cascades() { return *cascades_; }
  /// Does what people ask of a run, which is put to work for it if it is open and nobody is at it.
  /// Null: the run had ended before, and only its record changed. Throws Error(config) if it
  /// cannot be done.
  std::shared_ptr<RunEnd> operate(const RunOperation& operation,
                                  const std::shared_ptr<RunObserver>& watcher, bool is_own = false);

  /// Records what somebody decides about a rule. Throws Error(config) if it cannot be.
  void decide(const RuleOrder& order);
  /// Keeps what a person says of a job's rows; the next run of the job goes by it.
  void correct(const CorrectionOrder& order);

  /// Goes on with an open run that nobody is at.
  void take_up(const RunRecord& record, std::shared_ptr<RunObserver> observer);
  /// The plan as it is now. Throws Error(config) that begins with kPlanChanged if it is not the one
  /// of the digest; no digest: whatever it is.
  BackfillPlan plan_of(const BackfillRequest& request, const std::string& digest);
  /// That plan, put to work, or watched if it is at work already; one that has ended
  /// has only its end told. `watcher`: null if nobody looks.
  BackfillPlan submit_backfill_for(const BackfillRequest& request, const std::string& digest,
                                   const std::shared_ptr<BackfillObserver>& watcher,
                                   bool is_own = false);
  Backfills& backfills() { return *backfills_; }
  /// Tries every message again that is not delivered yet, also what was given up.
  void retry_deliveries();
  /// Applies the workspace's retention now; what was taken away.
  std::vector<Garbage> collect_garbage();
  Clock& clock() { return *clock_; }

  /// Takes requests of other processes from now on, as long as this one lives.
  void listen();
  /// The graphs of new runs from now on; without this call they are read anew for each request.
  void set_workspace(std::shared_ptr<const Workspace> workspace);

  Store& store() { return *store_; }
  Deliveries& deliveries() { return *deliveries_; }
  const Workspace& workspace() const { return *workspace_; }

 private:
  /// Begins a run and, in the same transaction, gives up those it is wanted instead of.
  RunRecord start(const RunRequest& request, const std::vector<RunRecord>& given_up);
  RunStarted started(const RunRequest& request, const PinnedFiles& files);
  /// The files of a new run: rules as they count for it, and those that run beside.
  PinnedFiles pin_for(const RunRequest& request);
  /// Every rule a run pins is kept in the store before the run is.
  void keep_rules(const PinnedFiles& files);
  /// The whole run at once, where a large graph is settled; null: jobs have to be looked at.
  std::shared_ptr<RunEnd> sweep(const RunRequest& request, const std::vector<RunRecord>& given_up,
                                RunObserver& observer);
  /// After a run that left every job of a large graph good.
  void remember(const RunEnd& end);
  /// Fills in the jobs of the one partition; the open runs of just these jobs.
  std::vector<RunRecord> narrow(RunRequest& request);
  bool has_ended(const std::string& run);
  /// Settling open attempts may have ended some since the rerun was planned. Throws Error(config)
  /// if one is running: only its own run may end it.
  std::vector<std::pair<std::string, std::string>> still_open(
      const std::vector<std::pair<std::string, std::string>>& job_runs);
  /// Ends runs of which nothing is left after others took their jobs over.
  void end_emptied(const std::vector<std::pair<std::string, std::string>>& taken);
  /// Left to the caller to commit: nothing is given up for what then cannot begin.
  void give_up(const std::vector<RunRecord>& runs);
  void require_same(const RunRecord& record, const RunRequest& request) const;
  std::shared_ptr<RunEnd> put_to_work(const RunRecord& record, bool goes_on,
                                      std::shared_ptr<RunObserver> observer, bool is_own);
  std::shared_ptr<RunEnd> watch(ActiveRun& run, const std::shared_ptr<RunObserver>& watcher);
  /// Reads the graph anew, and what it reads from, unless somebody keeps the workspace current.
  void refresh(const std::string& graph);
  void apply(const RunOperation& operation, ActiveRun& run);
  void mark_ended(const RunRecord& record, const RunOperation& operation);
  void take_over(const std::vector<std::pair<std::string, std::string>>& taken);
  RunSetup setup_of(const RunRecord& record);
  void settle_others(const std::string& run, RunObserver& observer);
  void settle_other(const RunRecord& record, RunObserver& observer);
  /// What people are to be told goes into the outbox with the event that causes it.
  void tell_people(const std::filesystem::path& courier);
  RunServices services() { return {state_, *store_, *executor_, *clock_, patience_}; }

  std::shared_ptr<const Workspace> workspace_;
  const JobCatalog* catalog_;
  StateFolder state_;
  std::shared_ptr<WriterLock> lock_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<Executor> executor_;
  std::shared_ptr<Clock> clock_;
  std::chrono::milliseconds patience_;
  std::unique_ptr<Interrupts> interrupts_;  ///< from when the lock is ours
  std::unique_ptr<RunLoop> loop_;
  std::unique_ptr<Backfills> backfills_;
  std::unique_ptr<Cascades> cascades_;
  std::unique_ptr<Deliveries> deliveries_;
  std::chrono::milliseconds delivery_patience_;
  int exceptions_ = std::uncaught_exceptions();  ///< on their way when this was made
  std::unique_ptr<SocketServer> server_;         ///< stops accepting before the lock goes
  bool others_settled_ = false;
  bool workspace_is_kept_ = false;
};

/// Values of a run's parameters: the graph's defaults, replaced by `given`. Throws Error(config)
/// for names the graph does not declare and values that are not of their type.
std::map<std::string, TaskParam> run_params(const Workspace& workspace, const Graph& graph,
                                            const std::map<std::string, std::string>& given);

/// Refuses a store that ends before an attempt folder was made (an older copy was put in place).
/// Throws Error(config) naming both.
void require_current_store(const StateFolder& state, Store& store);

}  // namespace tallymill
