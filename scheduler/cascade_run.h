#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/run_loop.h"
#include "scheduler/run_request.h"
#include "scheduler/store_view.h"

namespace tallymill {

class Scheduler;

/// A rerun that goes on into other graphs and periods, as the store knows it.
struct CascadeRecord {
  std::string run;                ///< its first run
  std::vector<RunRequest> steps;  ///< what follows, in this order
  std::size_t done = 0;           ///< of them: begun
  std::string current;            ///< the run that was begun last
};
/// Those that have not ended, oldest first.
std::vector<CascadeRecord> open_cascades(StoreView& view);

/// Hears how a cascade goes, beside what each of its runs tells.
class CascadeObserver {
 public:
  virtual ~CascadeObserver() = default;
  virtual void cascade_begins(std::size_t /*steps*/) {}
  /// A run of it has ended; before the next one begins.
  virtual void cascade_run_ended(const RunEnd& /*end*/) {}
  /// It has ended with `left` runs of its plan not begun. Said before the commit that records it.
  virtual void cascade_ended(std::size_t /*left*/, RunVerdict /*worst*/) {}
};

/// The runs that follow a rerun, one after the other; one that does not end well keeps the rest
/// from running. Each step is recorded, so that the next service goes on after a kill.
class CascadeWork {
 public:
  CascadeWork(Scheduler& scheduler, CascadeRecord record, std::shared_ptr<RunEnd> current,
              bool is_own);

  void watch(const std::shared_ptr<RunObserver>& runs, std::weak_ptr<CascadeObserver> observer);
  bool has_work() const;
  void step();
  /// The loop has let go of every run: what waits goes on another time.
  void close();
  bool is_left() const { return is_left_; }

 private:
  std::optional<RunVerdict> ended() const;
  void begin_next();
  void end(RunVerdict worst);

  Scheduler& scheduler_;
  CascadeRecord record_;
  std::shared_ptr<RunEnd> current_;
  bool is_own_;
  RunVerdict worst_ = RunVerdict::ok;
  bool is_left_ = false;
  std::shared_ptr<RunObserver> nobody_ = std::make_shared<RunObserver>();
  std::weak_ptr<RunObserver> runs_;
  std::weak_ptr<CascadeObserver> observer_;
};

/// Every cascade a scheduler is at, as an input of its loop.
class Cascades final : public LoopInput {
 public:
  explicit Cascades(Scheduler& scheduler) : scheduler_(scheduler) {}

  /// After the first run was begun: records what follows it.
  void add(const std::shared_ptr<RunEnd>& first, std::vector<RunRequest> steps,
           const std::shared_ptr<RunObserver>& runs, const std::weak_ptr<CascadeObserver>& observer,
           bool is_own);
  /// Goes on with one that was left in the middle; its open runs have been taken up.
  void resume(CascadeRecord record);
  void close();

  bool has_work() const override;
  void take_in() override;

 private:
  Scheduler& scheduler_;
  std::list<CascadeWork> at_work_;
};

}  // namespace tallymill
