// Runs a graph of a workspace as far as it goes, with an executor that runs nothing: every attempt
// succeeds at once in virtual time. Loop, store, folders and commits are the real ones, so what it
// prints is what the scheduler itself costs.
// usage: virtual_run WORKSPACE GRAPH PERIOD
#include <sys/resource.h>

#include <chrono>
#include <iostream>

#include "cli/catalog.h"
#include "scheduler/scheduler.h"
#include "tests/scheduler/virtual_executor.h"

using namespace tallymill;

namespace {

using Seconds = std::chrono::duration<double>;
const auto kBegan = std::chrono::steady_clock::now();

double seconds() { return Seconds(std::chrono::steady_clock::now() - kBegan).count(); }

/// Notes when the run was restored and may go on: its first change is told then.
class Watch final : public RunObserver {
 public:
  void started(const LiveRun& run, bool goes_on) override {
    std::cout << (goes_on ? "goes on " : "starts ") << run.record().id << " after " << seconds()
              << " s\n";
  }
};

int run(char** arguments) {
  const UnitCatalog catalog;
  Diagnostics diagnostics;
  Workspace workspace = Workspace::load(arguments[1], catalog, diagnostics, arguments[2]);
  if (diagnostics.has_errors()) {
    std::cerr << diagnostics.render();
    return 2;
  }
  const double loaded = seconds();
  double first_attempt = 0;
  const auto executor = std::make_shared<VirtualExecutor>([&](const Task& task) {
    if (first_attempt == 0) first_attempt = seconds();
    return virtual_success(task, std::chrono::seconds(1));
  });
  SchedulerOptions options;
  options.executor = executor;
  options.clock = std::make_shared<VirtualClock>(*executor);
  Scheduler scheduler(std::move(workspace), catalog, options);
  const std::int64_t before = scheduler.store().head().number;
  Watch watch;
  const RunEnd end =
      scheduler.run({.graph = arguments[2], .period = Period::parse(arguments[3]).value()}, watch);
  const double took = seconds() - loaded;
  const auto events = static_cast<double>(scheduler.store().head().number - before);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::cout << "loaded in " << loaded << " s, first attempt after " << first_attempt << " s\n"
            << executor->spawned() << " attempts, at most " << executor->most_at_once()
            << " at once, " << events << " events in " << took << " s: " << events / took
            << " durable changes a second, peak " << usage.ru_maxrss / 1024 << " MiB\n";
  return end.verdict == RunVerdict::ok ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: virtual_run WORKSPACE GRAPH PERIOD\n";
    return 2;
  }
  try {
    return run(arguments);
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
