#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "cli/catalog.h"
#include "cli/invocation.h"
#include "scheduler/scheduler.h"
#include "scheduler/socket_client.h"

namespace tallymill {

/// For commands that must be the scheduler themselves: `doing` is what others are told; with
/// `--wait` it is said whom this waits for.
SchedulerOptions scheduler_options(const Invocation& invocation, std::string doing);

/// How commands that change something reach the one scheduler of a workspace: where a process
/// holds the lock they ask it, else they become the scheduler themselves.
class SchedulerLink {
 public:
  /// `doing` is what others are told who find the workspace at work.
  SchedulerLink(const Invocation& invocation, const UnitCatalog& catalog, Workspace workspace,
                std::string doing);

  /// Runs until the run has ended or waits for outside input, with progress on the terminal, and
  /// prints the report, or JSON with `--json`.
  /// Where an open run of only some jobs is in the way (a rerun), that one is brought to its end
  /// first, and then the whole graph is run.
  Exit run(const RunRequest& request);
  /// `plan_now` renders the plan as it stands, for people whose plan has changed.
  Exit rerun(const RerunRequest& request, const std::function<std::string()>& plan_now);
  /// `name`: the backfill's, once it is known. The worst that came of a period; waiting: where a
  /// scheduler is at work it goes on with it by itself.
  RunVerdict backfill(const BackfillRequest& request, const std::string& digest,
                      BackfillObserver& lines, std::string& name);
  /// Applies the workspace's retention; what was taken away.
  std::vector<Garbage> collect_garbage();
  /// Tries every message that is still to be delivered, now. False: the scheduler that is at work
  /// was asked to.
  bool deliver(std::chrono::milliseconds patience);
  /// Where a scheduler is at work it goes on with the run by itself; `follow`: show that to the
  /// end. Otherwise this process goes on with it, as far as that goes.
  Exit operate(const RunOperation& operation, const std::string& said, bool follow);

  /// Has a person's word about a rule recorded.
  Exit decide(const RuleOrder& order, const std::string& said);
  Exit correct(const CorrectionOrder& order, const std::string& said);

 private:
  /// Tries to become the scheduler or to reach it, for 5 seconds; with `--wait` until it can.
  std::variant<std::unique_ptr<Scheduler>, SocketClient> reach();
  using Submit = std::function<std::shared_ptr<RunEnd>(const std::shared_ptr<RunObserver>&)>;
  Exit here(Scheduler& scheduler, const Submit& submit, const std::string& said);
  Exit done(const std::string& said) const;
  /// An open run of only some jobs of the graph, which a request for all of them went on with.
  struct PartOfGraph {
    std::string run;
    std::string of;
    std::size_t jobs = 0;
    std::size_t all_jobs = 0;
    RunVerdict verdict = RunVerdict::ok;
  };
  /// Empty: the scheduler that was asked went away before it had accepted the request.
  std::optional<Exit> run_once(const RunRequest& request);
  void report(const LiveRun& run, RunVerdict verdict);
  /// Tells of part_. True: it has ended, so the whole graph is to be run now.
  bool goes_on_with_all(const RunRequest& request) const;
  /// Runs a rerun, and what follows it, within this process.
  Exit rerun_here(Scheduler& scheduler, const RerunRequest& request);
  void say_left(std::int64_t left) const;
  /// The first line of the answer before "done", else that one. Empty: as there().
  static std::optional<json::object> answer_of(SocketClient& client, const json::object& request);
  std::optional<RunVerdict> backfill_there(SocketClient& client, const json::object& request,
                                           BackfillObserver& lines, std::string& name);
  /// Waits for the next line, or the first interrupts, which it passes on. False: neither came
  /// within `patience`.
  bool wait_for_line(SocketClient& client, Interrupts& interrupts, int& interrupted,
                     std::optional<std::chrono::milliseconds> patience);
  /// Empty: the other process went away before it had accepted the request.
  std::optional<Exit> there(SocketClient& client, const json::object& request,
                            const std::string& said, bool follow);

  const Invocation& invocation_;
  const UnitCatalog& catalog_;
  std::shared_ptr<const Workspace> workspace_;
  std::string doing_;
  BootTime began_;
  bool wants_all_ = false;  ///< a run of the whole graph was asked for
  std::optional<PartOfGraph> part_;
};

}  // namespace tallymill
