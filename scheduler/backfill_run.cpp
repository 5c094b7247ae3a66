#include "scheduler/backfill_run.h"

#include <algorithm>
#include <functional>
#include <list>

#include "core/error.h"
#include "scheduler/backfill_store.h"

namespace tallymill {
namespace {

/// What its runs say to people goes through; how each of their jobs does would be too much.
class PeriodWatch final : public RunObserver {
 public:
  explicit PeriodWatch(BackfillObserver& observer) : observer_(observer) {}
  void note(const std::string& text) override { observer_.note(text); }
  void changed(const LiveRun&, const std::vector<JobIndex>&) override { waits_ = false; }
  void waits(const LiveRun&) override { waits_ = true; }
  bool is_waiting() const { return waits_; }

 private:
  BackfillObserver& observer_;
  bool waits_ = false;
};

/// A period at work.
struct Work {
  Period period;
  bool is_own = true;  ///< false: what somebody else has left open of it goes first
  std::shared_ptr<PeriodWatch> watch;
  std::shared_ptr<RunEnd> end;
};

class BackfillRunner {
 public:
  BackfillRunner(Scheduler& scheduler, const BackfillPlan& plan, BackfillObserver& observer)
      : scheduler_(scheduler), plan_(plan), observer_(observer), left_(plan.periods.size()) {
    for (const BackfillPeriod& period : plan.periods) {
      if (!period.verdict) {
        to_do_.push_back(period.period);
        continue;
      }
      worst_ = std::max(worst_, *period.verdict);
      --left_;
    }
  }

  RunVerdict run() {
    for (;;) {
      begin_what_may();
      moving_ = moving();
      if (moving_ == 0) break;
      scheduler_.loop().run_until([this] { return has_news(); });
      settle();
    }
    // What waits for input now leaves the loop, and stays open.
    scheduler_.loop().run_until_stuck();
    for (Work& work : work_) take_in(work);
    if (left_ == 0) {
      scheduler_.store().append(backfill_ended(plan_.request.name, worst_));
      scheduler_.store().commit();
    }
    return worst_;
  }

 private:
  static bool has_ended(const Work& work) { return work.end->run != nullptr; }
  static bool rests(const Work& work) { return !has_ended(work) && work.watch->is_waiting(); }

  bool may_begin() const {
    if (to_do_.empty() || stopped_ || scheduler_.loop().interrupts_taken() > 0) return false;
    // A period that reads the one before begins when that has ended, and never overtakes it.
    if (plan_.in_order) return work_.empty();
    return moving() < plan_.request.parallel;
  }

  void begin_what_may() {
    while (may_begin()) {
      const Period period = to_do_.front();
      to_do_.pop_front();
      begin(period);
    }
  }

  void begin(const Period& period) {
    const auto open = scheduler_.store().view().open_runs(plan_.request.graph, period.text());
    const bool is_own = open.empty() || open.front().backfill == plan_.request.name;
    if (!is_own) observer_.note("first going on with " + open.front().id + ", which is open");
    Work work{period, is_own, std::make_shared<PeriodWatch>(observer_), {}};
    try {
      work.end =
          scheduler_.submit(is_own ? request_for(period) : plain_request_for(period), work.watch);
      work_.push_back(std::move(work));
    } catch (const Error& error) {
      observer_.note(period.text() + " cannot be run: " + error.message());
      worst_ = std::max(worst_, RunVerdict::failed);
    }
  }

  RunRequest plain_request_for(const Period& period) const {
    return {.graph = plan_.request.graph, .period = period};
  }

  RunRequest request_for(const Period& period) const {
    RunRequest request = plain_request_for(period);
    request.params = plan_.request.params;
    request.force = plan_.request.force;
    request.reason = plan_.request.reason;
    request.backfill = plan_.request.name;
    return request;
  }

  std::ptrdiff_t moving() const {
    return std::count_if(work_.begin(), work_.end(), std::not_fn(rests));
  }

  bool has_news() const {
    return moving() < moving_ || std::any_of(work_.begin(), work_.end(), has_ended);
  }

  void settle() {
    for (auto at = work_.begin(); at != work_.end();) {
      if (!has_ended(*at)) {
        ++at;
        continue;
      }
      const bool again = !at->is_own && at->end->verdict != RunVerdict::interrupted;
      const Period period = at->period;
      if (!again) take_in(*at);
      at = work_.erase(at);
      if (again) begin(period);
    }
  }

  void take_in(const Work& work) {
    const RunVerdict verdict = work.end->verdict;
    observer_.ended(work.period, *work.end);
    worst_ = std::max(worst_, verdict);
    const bool stops = plan_.request.stop_on_failure || plan_.in_order;
    if (verdict == RunVerdict::failed && stops) stopped_ = true;
    if (verdict != RunVerdict::waiting && verdict != RunVerdict::interrupted && work.is_own)
      --left_;
  }

  Scheduler& scheduler_;
  const BackfillPlan& plan_;
  BackfillObserver& observer_;
  std::size_t left_;  ///< periods without an end
  RunVerdict worst_ = RunVerdict::ok;
  bool stopped_ = false;
  std::ptrdiff_t moving_ = 0;  ///< when the loop was last let go
  std::list<Period> to_do_;
  std::list<Work> work_;
};

}  // namespace

RunVerdict run_backfill(Scheduler& scheduler, const BackfillPlan& plan,
                        BackfillObserver& observer) {
  if (plan.is_done) return plan.verdict;
  if (!plan.is_known) {
    scheduler.store().append(backfill_started(plan));
    scheduler.store().commit();
  }
  return BackfillRunner(scheduler, plan, observer).run();
}

}  // namespace tallymill
