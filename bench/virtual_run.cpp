// Runs a graph of a workspace as far as it goes, with an executor that runs nothing: every attempt
// succeeds at once in virtual time. Loop, store, folders and commits are the real ones, so what it
// prints is what the scheduler itself costs.
// usage: virtual_run WORKSPACE GRAPH PERIOD
#include <sys/resource.h>

#include <chrono>
#include <iostream>
#include <type_traits>

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

/// Tells apart what the stand-in for workers costs: reading tasks and writing results is the work
/// of other processes, which here nobody does beside us.
class TimedExecutor final : public Executor {
 public:
  explicit TimedExecutor(std::shared_ptr<VirtualExecutor> executor)
      : executor_(std::move(executor)) {}

  std::string spawn(const Launch& launch) override {
    return timed([&] { return executor_->spawn(launch); });
  }
  std::vector<AttemptExit> collect() override {
    return timed([&] { return executor_->collect(); });
  }
  int ready_fd() const override { return executor_->ready_fd(); }
  void stop(const std::string& handle, StopSignal signal) override {
    executor_->stop(handle, signal);
  }
  bool is_alive(const std::filesystem::path& folder) const override {
    return executor_->is_alive(folder);
  }
  void end(const std::filesystem::path& folder, std::chrono::milliseconds patience) override {
    executor_->end(folder, patience);
  }
  double took() const { return took_.count(); }

 private:
  template <class Call>
  std::invoke_result_t<Call> timed(Call call) {
    const auto began = std::chrono::steady_clock::now();
    std::invoke_result_t<Call> result = call();
    took_ += std::chrono::steady_clock::now() - began;
    return result;
  }

  std::shared_ptr<VirtualExecutor> executor_;
  Seconds took_{0};
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
  const auto timed = std::make_shared<TimedExecutor>(executor);
  options.executor = timed;
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
            << " durable changes a second (" << events / (took - timed->took()) << " without the "
            << timed->took() << " s of the stand-in for workers), peak " << usage.ru_maxrss / 1024
            << " MiB\n";
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
