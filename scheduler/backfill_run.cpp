#include "scheduler/backfill_run.h"

#include <algorithm>

#include "core/error.h"
#include "scheduler/backfill_store.h"
#include "scheduler/scheduler.h"

namespace tallymill {

/// What its runs say to people goes through; how each of their jobs does would be too much.
class BackfillWork::Watch final : public RunObserver {
 public:
  explicit Watch(BackfillWork& work) : work_(work) {}
  void note(const std::string& text) override {
    work_.tell([&](BackfillObserver& observer) { observer.note(text); });
  }
  void changed(const LiveRun&, const std::vector<JobIndex>&) override { waits_ = false; }
  void waits(const LiveRun&) override { waits_ = true; }
  bool is_waiting() const { return waits_; }

 private:
  BackfillWork& work_;
  bool waits_ = false;
};

BackfillWork::BackfillWork(Scheduler& scheduler, BackfillPlan plan, bool is_own)
    : scheduler_(scheduler), plan_(std::move(plan)), is_own_(is_own), left_(plan_.periods.size()) {
  for (const BackfillPeriod& period : plan_.periods) {
    if (!period.verdict) {
      to_do_.push_back(period.period);
      continue;
    }
    worst_ = std::max(worst_, *period.verdict);
    --left_;
  }
}

void BackfillWork::watch(std::weak_ptr<BackfillObserver> observer) {
  observers_.push_back(std::move(observer));
  told_waiting_ = false;
}

void BackfillWork::tell(const std::function<void(BackfillObserver&)>& call) {
  std::erase_if(observers_, [](const auto& observer) { return observer.expired(); });
  for (const auto& weak : observers_)
    if (const auto observer = weak.lock()) call(*observer);
}

bool BackfillWork::rests(const Work& work) { return !work.end->run && work.watch->is_waiting(); }

std::ptrdiff_t BackfillWork::moving() const {
  return std::count_if(work_.begin(), work_.end(), std::not_fn(rests));
}

bool BackfillWork::may_begin() const {
  if (to_do_.empty() || stopped_ || interrupted_ || closed_ ||
      scheduler_.loop().interrupts_taken() > 0)
    return false;
  // A period that reads the one before begins when that has ended, and never overtakes it.
  if (plan_.in_order) return work_.empty();
  return moving() < plan_.request.parallel;
}

bool BackfillWork::is_waiting() const {
  return !work_.empty() && std::all_of(work_.begin(), work_.end(), rests) && !may_begin();
}

bool BackfillWork::has_work() const {
  if (is_left_) return false;
  const auto has_ended = [](const Work& work) { return work.end->run != nullptr; };
  return work_.empty() || may_begin() || std::any_of(work_.begin(), work_.end(), has_ended) ||
         is_waiting() != told_waiting_;
}

void BackfillWork::step() {
  settle();
  while (may_begin()) {
    const Period period = to_do_.front();
    to_do_.pop_front();
    begin(period);
  }
  const bool waits = is_waiting();
  if (waits && !told_waiting_)
    tell([&](BackfillObserver& observer) {
      observer.backfill_waits(name(), std::max(worst_, RunVerdict::waiting));
    });
  told_waiting_ = waits;
  if (work_.empty()) leave();
}

void BackfillWork::close() {
  closed_ = true;
  for (const Work& work : work_) take_in(work);
  work_.clear();
  leave();
}

void BackfillWork::leave() {
  if (std::exchange(is_left_, true)) return;
  Store& store = scheduler_.store();
  if (left_ == 0)
    store.append(backfill_ended(name(), worst_));
  else if (interrupted_ || stopped_ || (is_own_ && scheduler_.loop().interrupts_taken() > 0))
    store.append(backfill_stopped(name(), stopped_ ? "failed" : "interrupted"));
  tell([&](BackfillObserver& observer) { observer.backfill_left(name(), worst_); });
}

void BackfillWork::begin(const Period& period) {
  const auto open = scheduler_.store().view().open_runs(plan_.request.graph, period.text());
  const bool is_own = open.empty() || open.front().backfill == name();
  if (!is_own)
    tell([&](BackfillObserver& observer) {
      observer.note("first going on with " + open.front().id + ", which is open");
    });
  Work work{period, is_own, std::make_shared<Watch>(*this), {}};
  try {
    work.end = scheduler_.submit(is_own ? request_for(period) : plain_request_for(period),
                                 work.watch, is_own_);
    work_.push_back(std::move(work));
  } catch (const Error& error) {
    // The disk or the store: nothing can go on, and the period is still to do.
    if (error.error_class() != ErrorClass::config && error.error_class() != ErrorClass::data) throw;
    tell([&](BackfillObserver& observer) {
      observer.note(period.text() + " cannot be run: " + error.message());
    });
    worst_ = std::max(worst_, RunVerdict::failed);
    stopped_ = stopped_ || plan_.request.stop_on_failure;
  }
}

RunRequest BackfillWork::plain_request_for(const Period& period) const {
  return {.graph = plan_.request.graph, .period = period};
}

RunRequest BackfillWork::request_for(const Period& period) const {
  RunRequest request = plain_request_for(period);
  request.params = plan_.request.params;
  request.force = plan_.request.force;
  request.reason = plan_.request.reason;
  request.backfill = name();
  return request;
}

void BackfillWork::settle() {
  for (auto at = work_.begin(); at != work_.end();) {
    if (!at->end->run) {
      ++at;
      continue;
    }
    const bool again = !at->is_own && at->end->verdict != RunVerdict::interrupted && !interrupted_;
    const Period period = at->period;
    if (!again) take_in(*at);
    at = work_.erase(at);
    if (again) begin(period);
  }
}

void BackfillWork::take_in(const Work& work) {
  const RunVerdict verdict = work.end->verdict;
  tell([&](BackfillObserver& observer) { observer.ended(work.period, *work.end); });
  worst_ = std::max(worst_, verdict);
  const bool stops = plan_.request.stop_on_failure || plan_.in_order;
  if (verdict == RunVerdict::failed && stops) stopped_ = true;
  if (verdict != RunVerdict::waiting && verdict != RunVerdict::interrupted && work.is_own) --left_;
}

void BackfillWork::interrupt(bool insist) {
  interrupted_ = true;
  for (const Work& work : work_)
    if (ActiveRun* run = scheduler_.loop().find(work.end->id)) run->interrupt(insist);
}

BackfillWork& Backfills::add(BackfillPlan plan, const std::shared_ptr<BackfillObserver>& observer,
                             bool is_own) {
  BackfillWork* work = find(plan.request.name);
  if (work == nullptr) {
    Store& store = scheduler_.store();
    if (!plan.is_known)
      store.append(backfill_started(plan));
    else if (plan.was_stopped)
      store.append(backfill_resumed(plan.request.name));
    work =
        at_work_.emplace_back(std::make_unique<BackfillWork>(scheduler_, std::move(plan), is_own))
            .get();
  }
  work->watch(observer);
  return *work;
}

BackfillWork* Backfills::find(const std::string& name) {
  for (const auto& work : at_work_)
    if (work->name() == name && !work->is_left()) return work.get();
  return nullptr;
}

bool Backfills::has_work() const {
  return std::any_of(at_work_.begin(), at_work_.end(),
                     [](const auto& work) { return work->has_work(); });
}

void Backfills::take_in() {
  for (const auto& work : at_work_)
    if (work->has_work()) work->step();
  std::erase_if(at_work_, [](const auto& work) { return work->is_left(); });
}

void Backfills::close() {
  for (const auto& work : at_work_) work->close();
  at_work_.clear();
}

RunVerdict run_backfill(Scheduler& scheduler, const BackfillPlan& plan,
                        BackfillObserver& observer) {
  if (plan.is_done) return plan.verdict;
  // The caller's observer outlives this call, and with it the work's use of it.
  class Forward final : public BackfillObserver {
   public:
    explicit Forward(BackfillObserver& to) : to_(to) {}
    void note(const std::string& text) override { to_.note(text); }
    void ended(const Period& period, const RunEnd& end) override { to_.ended(period, end); }
    void backfill_left(const std::string&, RunVerdict worst) override { verdict = worst; }
    RunVerdict verdict = RunVerdict::ok;

   private:
    BackfillObserver& to_;
  };
  const auto forward = std::make_shared<Forward>(observer);
  scheduler.backfills().add(plan, forward, true);
  scheduler.store().commit();
  scheduler.loop().run_until_stuck();
  scheduler.backfills().close();
  scheduler.store().commit();
  return forward->verdict;
}

}  // namespace tallymill
