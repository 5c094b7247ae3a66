// `tallymill run` reduced to what tests of the scheduler need, as a process that can be killed:
//   run_probe WORKSPACE GRAPH PERIOD [force] [new] [wait] [stale] [rerun]
//             [partition:name=value] [name=value ...]
//             [with=GRAPH ...]
// `with=` puts another graph to work at the same time, for the same period; `rerun`: what failed of
// the newest run. Or a backfill of graph g:
//   run_probe WORKSPACE backfill FROM TO NAME [force]
// Workers are test_worker beside it. Prints one line per job at the end and the verdict.
#include <iostream>

#include "core/error.h"
#include "core/files.h"
#include "scheduler/backfill_run.h"
#include "scheduler/rerun_plan.h"
#include "scheduler/scheduler.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

class Printer final : public RunObserver {
 public:
  void note(const std::string& text) override { std::cerr << text << std::endl; }
  void started(const LiveRun& run, bool goes_on) override {
    std::cout << (goes_on ? "goes on " : "starts ") << run.record().id << std::endl;
  }
};

constexpr const char* kVerdicts[] = {"ok", "findings", "waiting", "failed", "interrupted"};
constexpr std::string_view kWith = "with=";
constexpr int kExits[] = {0, 3, 4, 1, 130};

void print(const LiveRun& run) {
  for (JobIndex i = 0; i < run.size(); ++i) {
    const LiveJob& job = run.job(i);
    if (!job.included) continue;
    std::cout << run.node(i).spec.name << ' ' << to_string(job.state);
    if (job.blocked) std::cout << " blocked";
    if (job.held) std::cout << " held";
    if (!job.reason.empty()) std::cout << " (" << job.reason << ')';
    if (!job.summary.error.empty())
      std::cout << ' ' << job.summary.error_class << ": " << job.summary.error;
    std::cout << '\n';
  }
}

RunRequest request_of(int count, char** arguments, Scheduler& scheduler) {
  for (int i = 4; i < count; ++i)
    if (arguments[i] == std::string("rerun")) {
      StoreView& view = scheduler.store().view();
      return plan_rerun(scheduler.workspace(), view, view.find_run(arguments[2]), {.failed = true})
          .request;
    }
  RunRequest request{.graph = arguments[2], .period = Period::parse(arguments[3]).value()};
  for (int i = 4; i < count; ++i) {
    const std::string argument = arguments[i];
    request.force = request.force || argument == "force";
    request.fresh = request.fresh || argument == "new";
    request.allow_stale = request.allow_stale || argument == "stale";
    if (argument.starts_with(kWith)) continue;
    constexpr std::string_view kPartition = "partition:";
    if (const auto at = argument.find('='); argument.starts_with(kPartition))
      request.partition = PartitionChoice{
          argument.substr(kPartition.size(), at - kPartition.size()), argument.substr(at + 1)};
    else if (at != std::string::npos)
      request.params[argument.substr(0, at)] = argument.substr(at + 1);
  }
  return request;
}

class PeriodPrinter final : public BackfillObserver {
 public:
  void note(const std::string& text) override { std::cerr << text << std::endl; }
  void ended(const Period& period, const RunEnd& end) override {
    std::cout << period.text() << ' ' << to_string(end.verdict) << std::endl;
  }
};

int backfill(Scheduler& scheduler, int count, char** arguments) {
  const BackfillRequest request{.graph = "g",
                                .from = Period::parse(arguments[3]).value(),
                                .to = Period::parse(arguments[4]).value(),
                                .name = arguments[5],
                                .force = count > 6};
  PeriodPrinter printer;
  const RunVerdict verdict = run_backfill(
      scheduler, plan_backfill(scheduler.workspace(), scheduler.store().view(), request), printer);
  return kExits[static_cast<std::size_t>(verdict)];
}

/// Tries what nobody has been told yet, for a minute.
int deliver(Workspace workspace, const TestCatalog& catalog, SchedulerOptions options) {
  options.delivery_patience = std::chrono::minutes(1);
  Scheduler(std::move(workspace), catalog, options).retry_deliveries();
  return 0;
}

int run(int count, char** arguments) {
  const TestCatalog catalog;
  Diagnostics diagnostics;
  Workspace workspace = Workspace::load(arguments[1], catalog, diagnostics);
  std::cerr << diagnostics.render();
  if (diagnostics.has_errors()) return 2;
  SchedulerOptions options;
  options.doing = "run_probe";
  for (int i = 4; i < count; ++i)
    options.wait = options.wait || arguments[i] == std::string("wait");
  options.worker = executable_folder() / "test_worker";
  if (arguments[2] == std::string("deliver"))
    return deliver(std::move(workspace), catalog, options);
  Scheduler scheduler(std::move(workspace), catalog, options);
  if (arguments[2] == std::string("backfill")) return backfill(scheduler, count, arguments);
  const RunRequest request = request_of(count, arguments, scheduler);
  std::vector<std::shared_ptr<RunEnd>> others;
  for (int i = 4; i < count; ++i)
    if (const std::string argument = arguments[i]; argument.starts_with(kWith))
      others.push_back(
          scheduler.submit({.graph = argument.substr(kWith.size()), .period = request.period},
                           std::make_shared<Printer>()));
  Printer printer;
  const RunEnd end = scheduler.run(request, printer);
  for (const auto& other : others) print(*other->run);
  print(*end.run);
  const auto verdict = static_cast<std::size_t>(end.verdict);
  std::cout << "verdict " << kVerdicts[verdict] << std::endl;
  return kExits[verdict];
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) return 2;
  try {
    return run(count, arguments);
  } catch (const Error& error) {
    std::cerr << error.what() << std::endl;
    return error.error_class() == ErrorClass::config ? 2 : 1;
  }
}
