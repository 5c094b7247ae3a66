#include "scheduler/run_loop.h"

#include <algorithm>

#include "scheduler/machine.h"

namespace tallymill {

RunLoop::RunLoop(const RunServices& services, Interrupts& interrupts, const Workspace& limits)
    : services_(services),
      interrupts_(interrupts),
      board_{.slots = Slots(limits.slots, limits.resource_pools, usable_cores()),
             .timers = {},
             .memory_kills = out_of_memory_kills()} {}

void RunLoop::set_limits(const Workspace& limits) {
  board_.slots.resize(limits.slots, limits.resource_pools);
}

std::shared_ptr<RunEnd> RunLoop::add(RunSetup setup, bool goes_on,
                                     std::shared_ptr<RunObserver> observer, bool is_own) {
  const std::uint32_t number = ++last_number_;
  Entry entry{.run = std::make_unique<ActiveRun>(services_, board_, number, std::move(setup)),
              .observers = {observer},
              .own_observer = is_own ? observer : nullptr,
              .end = std::make_shared<RunEnd>(),
              .is_own = is_own};
  entry.end->id = entry.run->live().record().id;
  entry.end->goes_on = goes_on;
  observer->started(entry.run->live(), goes_on);
  if (house_) house_->started(entry.run->live(), goes_on);
  entry.run->restore();
  services_.store.commit();
  tell_one(entry);
  // An own observer looks at the run itself; others know only what they are told.
  if (goes_on && !is_own) observer->changed(entry.run->live(), entry.run->all_jobs());
  std::shared_ptr<RunEnd> end = entry.end;
  runs_.emplace(number, std::move(entry));
  return end;
}

void RunLoop::settle(RunSetup setup) {
  ActiveRun run(services_, board_, ++last_number_, std::move(setup));
  run.restore();
  services_.store.commit();
  run.clean_folders();
  board_.side.finish();
}

std::shared_ptr<RunEnd> RunLoop::observe(ActiveRun& run, std::weak_ptr<RunObserver> observer) {
  Entry& entry = runs_.at(run.number());
  entry.observers.push_back(std::move(observer));
  entry.told_waiting = false;
  return entry.end;
}

ActiveRun* RunLoop::find(const std::string& run) {
  for (auto& [number, entry] : runs_)
    if (entry.run->live().record().id == run) return entry.run.get();
  return nullptr;
}

void RunLoop::run_until_stuck() {
  work([this] { return !has_work() && !has_moving_runs(); });
  for (auto& [number, entry] : runs_) let_go(entry, entry.run->verdict());
  runs_.clear();
}

void RunLoop::run_until(const std::function<bool()>& stop) { work(stop); }

void RunLoop::work(const std::function<bool()>& stop) {
  try {
    for (;;) {
      turn();
      if (stop()) return;
      wait();
      take_in();
    }
  } catch (...) {
    // The store cannot take in what happens any more. Whoever runs next finds these attempts lost;
    // without this they would find them at work.
    for (const auto& [number, entry] : runs_) entry.run->kill_all();
    throw;
  }
}

void RunLoop::turn() {
  for (auto& [number, entry] : runs_) entry.run->consider_released();
  start_attempts();
  for (auto& [number, entry] : runs_) entry.run->end_if_final();
  services_.store.commit();
  send_signals();
  spawn_prepared();
  wake_readers();
  tell();
  let_go_of_ended();
  // What was told meanwhile may not have gone out in one piece.
  for (LoopInput* input : inputs_) input->committed();
}

void RunLoop::start_attempts() {
  while (const auto ready = board_.slots.next()) {
    const auto entry = runs_.find(ready->run);
    if (entry != runs_.end()) entry->second.run->prepare_attempt(ready->job);
  }
}

void RunLoop::send_signals() {
  for (const auto& [handle, signal] : board_.signals) services_.executor.stop(handle, signal);
  board_.signals.clear();
}

void RunLoop::spawn_prepared() {
  for (auto& [number, entry] : runs_)
    for (std::string& handle : entry.run->spawn_prepared())
      by_handle_.emplace(std::move(handle), number);
}

void RunLoop::wake_readers() {
  if (board_.published.empty()) return;
  for (auto& [number, entry] : runs_) entry.run->wake(board_.published);
  for (LoopInput* input : inputs_) input->published(board_.published);
  board_.published.clear();
}

template <class Call>
void RunLoop::each_observer(Entry& entry, Call call) {
  std::erase_if(entry.observers, [](const auto& observer) { return observer.expired(); });
  for (const auto& weak : entry.observers)
    if (const auto observer = weak.lock()) call(*observer);
  if (house_) call(*house_);
}

void RunLoop::tell() {
  for (LoopInput* input : inputs_) input->committed();
  for (auto& [number, entry] : runs_) tell_one(entry);
}

void RunLoop::tell_one(Entry& entry) {
  entry.run->clean_folders();
  const LiveRun& live = entry.run->live();
  for (const std::string& note : entry.run->take_notes())
    each_observer(entry, [&](RunObserver& observer) { observer.note(note); });
  const std::vector<JobIndex> changed = entry.run->take_changed();
  if (!changed.empty())
    each_observer(entry, [&](RunObserver& observer) { observer.changed(live, changed); });
  const bool waits =
      entry.run->is_stuck() && !entry.run->has_ended() && services_.store.uncommitted() == 0;
  if (waits && !entry.told_waiting)
    each_observer(entry, [&](RunObserver& observer) { observer.waits(live); });
  entry.told_waiting = waits;
}

void RunLoop::let_go_of_ended() {
  for (auto at = runs_.begin(); at != runs_.end();) {
    Entry& entry = at->second;
    if (!entry.run->has_ended()) {
      ++at;
      continue;
    }
    let_go(entry, entry.run->verdict());
    at = runs_.erase(at);
    for (LoopInput* input : inputs_) input->run_left();
  }
}

void RunLoop::let_go(Entry& entry, RunVerdict verdict) {
  board_.side.finish();  // whoever hears of the end finds the folders as they stay
  each_observer(entry, [&](RunObserver& observer) { observer.ended(entry.run->live(), verdict); });
  entry.end->verdict = verdict;
  entry.end->run = entry.run->take_live();
  if (left_) left_(*entry.end);
}

bool RunLoop::has_work() const {
  if (services_.store.uncommitted() > 0 || !board_.signals.empty()) return true;
  return std::any_of(runs_.begin(), runs_.end(),
                     [](const auto& run) { return run.second.run->has_released(); }) ||
         std::any_of(inputs_.begin(), inputs_.end(),
                     [](const LoopInput* input) { return input->has_work(); });
}

bool RunLoop::has_moving_runs() const {
  return std::any_of(runs_.begin(), runs_.end(),
                     [](const auto& run) { return !run.second.run->is_stuck(); });
}

void RunLoop::wait() {
  std::vector<int> fds{services_.executor.ready_fd(), interrupts_.ready_fd()};
  std::optional<BootTime> until = board_.timers.next();
  std::optional<Instant> wall_until;
  const auto earlier = [](auto& earliest, const auto& other) {
    if (other && (!earliest || *other < *earliest)) earliest = other;
  };
  for (const LoopInput* input : inputs_) {
    if (input->ready_fd() >= 0) fds.push_back(input->ready_fd());
    earlier(until, input->due_boot());
    earlier(wall_until, input->due());
  }
  for (const auto& [number, entry] : runs_) earlier(wall_until, entry.run->next_deadline());
  const BootTime now = services_.clock.now();
  std::optional<BootTime> tick;
  for (auto& [number, entry] : runs_)
    each_observer(entry, [&](RunObserver& observer) {
      if (const auto interval = observer.tick_interval())
        earlier(tick, std::optional<BootTime>(now + *interval));
    });
  earlier(until, tick);
  if (has_work()) until = now;
  services_.clock.wait(fds, until, wall_until);
  if (!tick || services_.clock.now() < *tick) return;
  for (auto& [number, entry] : runs_)
    each_observer(entry, [&](RunObserver& observer) { observer.tick(entry.run->live()); });
}

void RunLoop::take_in() {
  handle_interrupts();
  for (const AttemptExit& exit : services_.executor.collect()) {
    const auto number = by_handle_.find(exit.handle);
    if (number == by_handle_.end()) continue;
    if (const auto entry = runs_.find(number->second); entry != runs_.end())
      entry->second.run->settle_exit(exit);
    by_handle_.erase(number);
  }
  const BootTime now = services_.clock.now();
  while (const auto timer = board_.timers.take_due(now))
    if (const auto entry = runs_.find(timer->run); entry != runs_.end())
      entry->second.run->handle_timer(*timer);
  for (auto& [number, entry] : runs_) entry.run->check_deadlines(services_.clock.wall());
  for (LoopInput* input : inputs_) input->take_in();
}

void RunLoop::handle_interrupts() {
  const int count = interrupts_.take();
  if (count == 0) return;
  if (leaves_runs_) return leave_runs(count);
  // The first asks this process's own runs to end, the next one insists and asks the others too.
  const bool insist = interrupts_taken_ > 0 || count > 1;
  const bool insist_all = interrupts_taken_ > 1 || count > 2;
  interrupts_taken_ += count;
  std::size_t others = 0;
  for (auto& [number, entry] : runs_) {
    if (entry.is_own)
      entry.run->interrupt(insist);
    else if (insist)
      entry.run->interrupt(insist_all);
    else
      ++others;
  }
  std::string text = insist ? "interrupted again: killing what still runs"
                            : "interrupted: asking what runs to end (again: kill it)";
  if (others > 0) text += "; " + std::to_string(others) + " runs of others go on here";
  for (auto& [number, entry] : runs_)
    if (entry.is_own || insist)
      each_observer(entry, [&](RunObserver& observer) { observer.note(text); });
}

void RunLoop::leave_runs(int count) {
  const bool insist = interrupts_taken_ > 0 || count > 1;
  interrupts_taken_ += count;
  for (auto& [number, entry] : runs_) {
    entry.run->shut_down(insist);
    each_observer(entry, [](RunObserver& observer) {
      observer.note("the scheduler ends; the run goes on when one is there again");
    });
  }
}

}  // namespace tallymill
