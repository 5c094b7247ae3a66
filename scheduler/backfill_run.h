#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/backfill.h"
#include "scheduler/run_loop.h"
#include "scheduler/run_request.h"

namespace tallymill {

class Scheduler;

/// Hears how a backfill goes.
class BackfillObserver {
 public:
  virtual ~BackfillObserver() = default;
  virtual void note(const std::string& text) = 0;
  /// After the commit that ended the period's run, or left it waiting.
  virtual void ended(const Period& period, const RunEnd& end) = 0;
  /// Nothing of it can move without outside input; it stays open.
  virtual void backfill_waits(const std::string& /*name*/, RunVerdict /*so_far*/) {}
  /// It has ended, or begins nothing more. Said before the commit that records it.
  virtual void backfill_left(const std::string& /*name*/, RunVerdict /*worst*/) {}
};

/// Runs what is left of a planned backfill, beside whatever else its scheduler does. A period that
/// fails does not keep others from running, unless it was asked to; one that waits for input stays
/// open. Whatever stops this on the way, the next call with the same name goes on.
class BackfillWork {
 public:
  BackfillWork(Scheduler& scheduler, BackfillPlan plan, bool is_own);

  const std::string& name() const { return plan_.request.name; }
  void watch(std::weak_ptr<BackfillObserver> observer);
  /// step() would do something.
  bool has_work() const;
  /// Takes in what has ended, begins what may; appends events, never waits.
  void step();
  /// The loop has let go of every run: takes that in and begins nothing more.
  void close();
  /// Nothing is left to do here: it has ended, or goes on another time.
  bool is_left() const { return is_left_; }
  /// Begins nothing more and asks what runs of it to end; `insist`: kills it.
  void interrupt(bool insist);
  /// The worst that came of a period, those of earlier calls counted.
  RunVerdict verdict() const { return worst_; }

 private:
  class Watch;
  /// A period at work.
  struct Work {
    Period period;
    bool is_own = true;  ///< false: what somebody else has left open of it goes first
    std::shared_ptr<Watch> watch;
    std::shared_ptr<RunEnd> end;
  };

  static bool rests(const Work& work);
  bool may_begin() const;
  bool is_waiting() const;
  std::ptrdiff_t moving() const;
  void begin(const Period& period);
  void settle();
  void take_in(const Work& work);
  void leave();
  RunRequest plain_request_for(const Period& period) const;
  RunRequest request_for(const Period& period) const;
  void tell(const std::function<void(BackfillObserver&)>& call);

  Scheduler& scheduler_;
  BackfillPlan plan_;
  bool is_own_;       ///< the first interrupt of the process means it
  std::size_t left_;  ///< periods without an end
  RunVerdict worst_ = RunVerdict::ok;
  bool stopped_ = false;      ///< a period failed
  bool interrupted_ = false;  ///< somebody asked it to end
  bool closed_ = false;
  bool told_waiting_ = false;
  bool is_left_ = false;
  std::list<Period> to_do_;
  std::list<Work> work_;
  std::vector<std::weak_ptr<BackfillObserver>> observers_;
};

/// Every backfill a scheduler is at, as an input of its loop.
class Backfills final : public LoopInput {
 public:
  explicit Backfills(Scheduler& scheduler) : scheduler_(scheduler) {}

  /// Records that it begins, or goes on, and puts it to work; with `observer` telling how it goes.
  /// One that is at work already is only watched.
  BackfillWork& add(BackfillPlan plan, const std::shared_ptr<BackfillObserver>& observer,
                    bool is_own);
  /// Null: not at work here.
  BackfillWork* find(const std::string& name);
  /// See BackfillWork::close(), of all of them.
  void close();

  bool has_work() const override;
  void take_in() override;

 private:
  Scheduler& scheduler_;
  std::list<std::unique_ptr<BackfillWork>> at_work_;
};

/// Begins it, and runs it and everything else of this process as far as that goes. The worst that
/// came of a period.
RunVerdict run_backfill(Scheduler& scheduler, const BackfillPlan& plan, BackfillObserver& observer);

}  // namespace tallymill
