#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "scheduler/due_queue.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

namespace tallymill {

/// The machine's clocks, but a wall whose hands a test may set.
class HandClock final : public Clock {
 public:
  BootTime now() const override { return clock_.now(); }
  Instant wall() const override { return wall_.value_or(clock_.wall()); }
  void wait(std::span<const int> fds, std::optional<BootTime> until,
            std::optional<Instant> /*wall_until*/) override {
    clock_.wait(fds, until, std::nullopt);
  }
  void set(Instant wall) { wall_ = wall; }

 private:
  SystemClock clock_;
  std::optional<Instant> wall_;
};

/// A scheduler in this process whose wall clock a test sets by hand: nothing runs, runs only
/// become due.
class DueFixture : public RunFixture {
 public:
  void open() {
    Diagnostics diagnostics;
    auto workspace =
        std::make_shared<const Workspace>(Workspace::load(root(), catalog_, diagnostics));
    problems = diagnostics.render();
    SchedulerOptions options;
    options.worker = executable_folder() / "test_worker";
    options.clock = clock_;
    scheduler_.reset();
    scheduler_ = std::make_unique<Scheduler>(*workspace, catalog_, options);
    scheduler_->set_workspace(workspace);
    queue_ = std::make_unique<DueQueue>(*scheduler_, log_);
  }
  /// What the clock on the wall shows from now on.
  void set_clock(Instant wall) { clock_->set(wall); }
  Scheduler& scheduler() { return *scheduler_; }
  DueQueue& queue() { return *queue_; }
  ServiceLog& service_log() { return log_; }
  std::string said() const { return text_.str(); }

  static Instant at(const std::string& text) { return parse_instant(text).value(); }
  /// "2026-01 2026-02-04T06:00:00Z" of everything that is due.
  std::vector<std::string> due() {
    std::vector<std::string> texts;
    for (const DueRun& run : due_runs(scheduler_->store().view()))
      texts.push_back(run.graph + " " + run.period + " " + run.due);
    return texts;
  }

  std::string problems;

 private:
  TestCatalog catalog_;
  std::shared_ptr<HandClock> clock_ = std::make_shared<HandClock>();
  std::ostringstream text_;
  ServiceLog log_{text_};
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<DueQueue> queue_;
};

}  // namespace tallymill
