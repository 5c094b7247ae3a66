#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "scheduler/due_queue.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

namespace tallymill {

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
    scheduler_.reset();
    scheduler_ = std::make_unique<Scheduler>(*workspace, catalog_, options);
    scheduler_->set_workspace(workspace);
    queue_ = std::make_unique<DueQueue>(*scheduler_, log_);
  }
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
  std::ostringstream text_;
  ServiceLog log_{text_};
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<DueQueue> queue_;
};

}  // namespace tallymill
