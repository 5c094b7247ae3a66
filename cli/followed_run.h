#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/catalog.h"
#include "scheduler/live_run.h"
#include "scheduler/run_observer.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Of a verdict as the scheduler tells it. Throws Error(data) for a word that is none.
RunVerdict verdict_from_wire(const std::string& text);
/// Throws the Error that a line of the scheduler tells of, if it does.
void throw_if_refused(const json::object& line);

/// A run that another process works on, mirrored from what it says, line by line, so that a
/// terminal shows it as if it ran here.
class FollowedRun {
 public:
  FollowedRun(const UnitCatalog& catalog, std::shared_ptr<const Workspace> workspace,
              RunObserver& progress)
      : catalog_(catalog), workspace_(std::move(workspace)), progress_(progress) {}

  /// Takes in one line of the scheduler. Throws the Error it tells of.
  void take(const json::object& line);
  bool has_started() const { return live_ != nullptr; }
  bool is_accepted() const { return accepted_; }
  /// Set when the run has ended or waits.
  std::optional<RunVerdict> verdict() const { return verdict_; }
  const LiveRun& live() const { return *live_; }
  void tick() {
    if (live_) progress_.tick(*live_);
  }

 private:
  void start(const json::object& line);
  /// What the line is about, by the store, or for people who may not read it by the workspace.
  std::pair<std::shared_ptr<const Workspace>, std::optional<RunRecord>> run_of(
      const json::object& line) const;
  /// A list of partitions was made: the run has job runs it did not have when it started.
  void take_in_partitions();

  const UnitCatalog& catalog_;
  std::shared_ptr<const Workspace> workspace_;
  RunObserver& progress_;
  std::shared_ptr<const Graph> graph_;  ///< as the run has pinned it
  std::unique_ptr<LiveRun> live_;
  bool accepted_ = false;
  std::optional<RunVerdict> verdict_;
};

}  // namespace tallymill
