#include "cli/scheduler_link.h"

#include <poll.h>

#include <array>
#include <thread>

#include "cli/common_flags.h"
#include "cli/followed_run.h"
#include "cli/run_progress.h"
#include "cli/run_report.h"
#include "cli/run_words.h"
#include "cli/state_access.h"
#include "core/error.h"

namespace tallymill {
namespace {

using namespace std::chrono_literals;

/// How long the holder of the lock may take to listen.
constexpr auto kPatience = 5s;
constexpr auto kBetweenTries = 50ms;

bool will_end(RunVerdict verdict) {
  return verdict != RunVerdict::waiting && verdict != RunVerdict::interrupted;
}

}  // namespace

SchedulerOptions scheduler_options(const Invocation& invocation, std::string doing) {
  return {.doing = std::move(doing),
          .wait = invocation.has("wait"),
          .waiting = [&invocation](const std::string& holder) {
            invocation.err() << "waiting for " << holder << std::endl;
          }};
}

SchedulerLink::SchedulerLink(const Invocation& invocation, const UnitCatalog& catalog,
                             Workspace workspace, std::string doing)
    : invocation_(invocation),
      catalog_(catalog),
      workspace_(std::make_shared<const Workspace>(std::move(workspace))),
      doing_(std::move(doing)),
      began_(boot_time_now()) {}

std::variant<std::unique_ptr<Scheduler>, SocketClient> SchedulerLink::reach() {
  const StateFolder state(workspace_->state);
  // Who may not touch the state asks the one that may, or nobody.
  if (!may_read_state(*workspace_)) {
    if (auto client = SocketClient::connect(workspace_->socket())) return std::move(*client);
    throw Error(ErrorClass::config, "you may not write the state folder '" +
                                        workspace_->state.string() +
                                        "', and no scheduler listens at '" +
                                        workspace_->socket().string() + "' to do it for you");
  }
  state.prepare();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (bool said = false;;) {
    if (auto lock = WriterLock::try_acquire(state, doing_)) {
      auto scheduler = std::make_unique<Scheduler>(
          workspace_, catalog_,
          SchedulerOptions{.doing = doing_,
                           .lock = std::make_shared<WriterLock>(std::move(*lock))});
      try {
        scheduler->listen();
      } catch (const Error& error) {
        invocation_.err() << "others cannot hand runs to this one: " << error.message()
                          << std::endl;
      }
      return scheduler;
    }
    if (auto client = SocketClient::connect(workspace_->socket())) return std::move(*client);
    if (std::chrono::steady_clock::now() > deadline && !invocation_.has("wait"))
      throw Error(ErrorClass::transient, "the state folder '" + state.root().string() +
                                             "' is in use by " + lock_holder(state) +
                                             ", which takes no requests; wait until it ends, or "
                                             "use --wait");
    if (invocation_.has("wait") && !std::exchange(said, true))
      invocation_.err() << "waiting for " << lock_holder(state) << std::endl;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

Exit SchedulerLink::here(Scheduler& scheduler, const Submit& submit, const std::string& said) {
  std::shared_ptr<RunObserver> progress = make_progress(invocation_.terminal());
  const std::shared_ptr<RunEnd> end = submit(progress);
  scheduler.store().commit();
  if (!said.empty()) invocation_.err() << said << std::endl;
  scheduler.loop().run_until_stuck();
  progress.reset();  // the live table goes, the report stays
  if (!end || !end->run) return done(said);
  report(*end->run, end->verdict);
  return exit_of(end->verdict);
}

Exit SchedulerLink::done(const std::string& said) const {
  if (invocation_.json()) invocation_.out() << pretty_json(json::object{{"done", said}});
  return Exit::ok;
}

bool SchedulerLink::wait_for_line(SocketClient& client, Interrupts& interrupts, int& interrupted,
                                  std::optional<std::chrono::milliseconds> patience) {
  std::array<pollfd, 2> sources{
      pollfd{.fd = client.fd(), .events = POLLIN, .revents = 0},
      pollfd{.fd = interrupts.ready_fd(), .events = POLLIN, .revents = 0}};
  const int ready =
      ::poll(sources.data(), sources.size(), patience ? static_cast<int>(patience->count()) : -1);
  if (const int count = interrupts.take(); count > 0) {
    interrupted += count;
    client.send({{"format", kWireFormat}, {"request", "interrupt"}, {"insist", interrupted > 1}});
  }
  return ready != 0;
}

std::optional<Exit> SchedulerLink::there(SocketClient& client, const json::object& request,
                                         const std::string& said, bool follow) {
  if (!client.send(request)) return std::nullopt;
  Interrupts interrupts;
  int interrupted = 0;
  std::int64_t cascade = 0;  // runs that follow this one
  bool is_accepted = false;
  for (;;) {
    std::unique_ptr<RunObserver> progress = make_progress(invocation_.terminal());
    FollowedRun run(catalog_, workspace_, *progress);
    std::optional<RunVerdict> all;  // of a cascade that has ended
    while (!all && (!run.verdict() || !is_accepted)) {
      if (client.is_closed()) {
        if (!is_accepted) return std::nullopt;
        throw Error(ErrorClass::transient,
                    "the scheduler that worked on the run has gone; the run goes on when it is "
                    "there again, or with 'tallymill run'");
      }
      if (const auto line = client.next(0ms)) {
        run.take(*line);
        is_accepted = is_accepted || run.is_accepted();
        if (line->contains("cascade")) cascade = json_integer(*line, "cascade");
        if (line->contains("cascade_left")) {
          all = verdict_from_wire(json_text(*line, "verdict"));
          say_left(json_integer(*line, "cascade_left"));
        }
        if (is_accepted && !follow) break;
        continue;
      }
      if (!wait_for_line(client, interrupts, interrupted, progress->tick_interval())) run.tick();
    }
    progress.reset();
    if (all) return exit_of(*all);
    if (!said.empty()) invocation_.err() << said << std::endl;
    if (!follow || !run.has_started()) return done(said);
    report(run.live(), *run.verdict());
    // Of a cascade the scheduler says when it has ended; what waits does not keep this one waiting.
    if (cascade == 0 || *run.verdict() == RunVerdict::waiting) return exit_of(*run.verdict());
  }
}

void SchedulerLink::say_left(std::int64_t left) const {
  if (left > 0)
    invocation_.err() << "left as they are, and stale where they read what has changed: " << left
                      << " more runs of the plan" << std::endl;
}

void SchedulerLink::report(const LiveRun& run, RunVerdict verdict) {
  std::size_t jobs = 0;
  std::size_t all = 0;
  for (JobIndex i = 0; i < run.size(); ++i) {
    jobs += run.job(i).included;
    all += !run.node(i).was_spread;
  }
  part_.reset();
  if (wants_all_ && jobs < all) part_ = {run.record().id, run.record().of, jobs, all, verdict};
  // Of two runs the second is the answer.
  if (part_ && will_end(verdict) && invocation_.json()) return;
  if (invocation_.json())
    invocation_.out() << pretty_json(run_json(run, verdict));
  else
    invocation_.out() << run_report(run, verdict, boot_time_now() - began_);
}

std::optional<Exit> SchedulerLink::run_once(const RunRequest& request) {
  auto reached = reach();
  if (auto* scheduler = std::get_if<std::unique_ptr<Scheduler>>(&reached)) {
    std::shared_ptr<RunObserver> progress = make_progress(invocation_.terminal());
    const RunEnd end = (*scheduler)->run(request, *progress);
    progress.reset();  // the live table goes, the report stays
    report(*end.run, end.verdict);
    return exit_of(end.verdict);
  }
  return there(std::get<SocketClient>(reached), to_wire(request), "", true);
}

bool SchedulerLink::goes_on_with_all(const RunRequest& request) const {
  const std::string what = "run " + part_->run + " does only " + std::to_string(part_->jobs) +
                           " of the " + std::to_string(part_->all_jobs) + " jobs of graph '" +
                           request.graph + "'" +
                           (part_->of.empty() ? "" : " (a rerun of " + part_->of + ")");
  if (part_->verdict == RunVerdict::waiting)
    invocation_.err() << what << " and waits; the others were not looked at. Give it what it waits "
                      << "for and run again, or give it up and run them all: tallymill run "
                      << request.graph << " --period " << request.period.text() << " --new"
                      << std::endl;
  if (!will_end(part_->verdict)) return false;
  invocation_.err() << what << "; now all of them" << std::endl;
  return true;
}

Exit SchedulerLink::run(const RunRequest& request) {
  wants_all_ = !request.partition;
  for (;;) {
    const std::optional<Exit> exit = run_once(request);
    if (exit && (!part_ || !goes_on_with_all(request))) return *exit;
  }
}

Exit SchedulerLink::rerun_here(Scheduler& scheduler, const RerunRequest& request) {
  /// Prints each run's report before the next one begins.
  class Reports final : public CascadeObserver {
   public:
    explicit Reports(std::function<void(const RunEnd&)> print) : print_(std::move(print)) {}
    void cascade_begins(std::size_t) override { has_begun = true; }
    void cascade_run_ended(const RunEnd& end) override { print_(end); }
    void cascade_ended(std::size_t not_begun, RunVerdict worst) override {
      left = static_cast<std::int64_t>(not_begun);
      verdict = worst;
    }
    bool has_begun = false;
    std::int64_t left = 0;
    std::optional<RunVerdict> verdict;

   private:
    std::function<void(const RunEnd&)> print_;
  };
  const auto reports =
      std::make_shared<Reports>([&](const RunEnd& end) { report(*end.run, end.verdict); });
  std::shared_ptr<RunObserver> progress = make_progress(invocation_.terminal());
  const auto end = scheduler.submit_rerun_for(request, progress, true, reports);
  scheduler.store().commit();
  scheduler.loop().run_until_stuck();
  if (reports->has_begun) {
    scheduler.cascades().close();
    scheduler.store().commit();
    say_left(reports->left);
    return exit_of(reports->verdict.value_or(RunVerdict::waiting));
  }
  progress.reset();  // the live table goes, the report stays
  report(*end->run, end->verdict);
  return exit_of(end->verdict);
}

Exit SchedulerLink::rerun(const RerunRequest& request,
                          const std::function<std::string()>& plan_now) {
  try {
    for (;;) {
      auto reached = reach();
      if (auto* scheduler = std::get_if<std::unique_ptr<Scheduler>>(&reached))
        return rerun_here(**scheduler, request);
      if (const auto exit = there(std::get<SocketClient>(reached), to_wire(request), "", true))
        return *exit;
    }
  } catch (const Error& error) {
    if (error.message().find(kPlanChanged) == std::string::npos) throw;
    throw Error(ErrorClass::config, "the plan is not the one you saw (" + request.digest +
                                        "): something has changed since. The plan now:\n" +
                                        plan_now());
  }
}

std::optional<RunVerdict> SchedulerLink::backfill_there(SocketClient& client,
                                                        const json::object& request,
                                                        BackfillObserver& lines,
                                                        std::string& name) {
  if (!client.send(request)) return std::nullopt;
  Interrupts interrupts;
  int interrupted = 0;
  bool is_accepted = false;
  std::optional<RunVerdict> verdict;
  while (!is_accepted || !verdict) {
    if (client.is_closed()) {
      if (!is_accepted) return std::nullopt;
      throw Error(ErrorClass::transient, "the scheduler that worked on backfill '" + name +
                                             "' has gone; it goes on when one is there again, or "
                                             "when it is asked for with the same name");
    }
    const auto line = client.next(std::chrono::milliseconds(0));
    if (!line) {
      wait_for_line(client, interrupts, interrupted, std::nullopt);
      continue;
    }
    throw_if_refused(*line);
    if (line->contains("done")) is_accepted = true;
    if (line->contains("note")) lines.note(json_text(*line, "note"));
    if (line->contains("backfill")) name = json_text(*line, "backfill");
    if (line->contains("period")) {
      RunEnd end;
      end.id = json_text(*line, "run");
      end.verdict = verdict_from_wire(json_text(*line, "verdict"));
      const std::string period = json_text(*line, "period");
      lines.ended(parse_period(period), end);
    }
    for (const char* key : {"waits", "ended"})
      if (line->contains(key)) verdict = verdict_from_wire(json_text(*line, key));
  }
  return verdict;
}

RunVerdict SchedulerLink::backfill(const BackfillRequest& request, const std::string& digest,
                                   BackfillObserver& lines, std::string& name) {
  for (;;) {
    auto reached = reach();
    if (auto* scheduler = std::get_if<std::unique_ptr<Scheduler>>(&reached)) {
      const BackfillPlan plan = (*scheduler)->plan_of(request, digest);
      name = plan.request.name;
      return run_backfill(**scheduler, plan, lines);
    }
    auto& client = std::get<SocketClient>(reached);
    if (const auto verdict = backfill_there(client, to_wire(request, digest), lines, name))
      return *verdict;
  }
}

std::optional<json::object> SchedulerLink::answer_of(SocketClient& client,
                                                     const json::object& request) {
  if (!client.send(request)) return std::nullopt;
  std::optional<json::object> answer;
  while (auto line = client.next(std::chrono::milliseconds(-1))) {
    throw_if_refused(*line);
    if (line->contains("done")) return answer ? answer : line;
    if (!answer) answer = std::move(line);
  }
  return std::nullopt;
}

std::vector<Garbage> SchedulerLink::collect_garbage() {
  for (;;) {
    auto reached = reach();
    if (auto* scheduler = std::get_if<std::unique_ptr<Scheduler>>(&reached))
      return (*scheduler)->collect_garbage();
    if (const auto answer = answer_of(std::get<SocketClient>(reached),
                                      {{"format", kWireFormat}, {"request", "gc"}}))
      return garbage_from(json_at(*answer, "garbage").as_array());
  }
}

bool SchedulerLink::deliver(std::chrono::milliseconds patience) {
  for (;;) {
    auto reached = reach();
    if (auto* scheduler = std::get_if<std::unique_ptr<Scheduler>>(&reached)) {
      (*scheduler)->retry_deliveries();
      (*scheduler)->deliveries().finish(patience);
      return true;
    }
    if (answer_of(std::get<SocketClient>(reached),
                  {{"format", kWireFormat}, {"request", "deliver"}}))
      return false;
  }
}

Exit SchedulerLink::operate(const RunOperation& operation, const std::string& said, bool follow) {
  for (;;) {
    auto reached = reach();
    if (auto* scheduler = std::get_if<std::unique_ptr<Scheduler>>(&reached))
      return here(
          **scheduler,
          [&](const auto& progress) { return (*scheduler)->operate(operation, progress, true); },
          said);
    if (const auto exit = there(std::get<SocketClient>(reached), to_wire(operation), said, follow))
      return *exit;
  }
}

Exit SchedulerLink::decide(const RuleOrder& order, const std::string& said) {
  for (;;) {
    auto reached = reach();
    if (auto* scheduler = std::get_if<std::unique_ptr<Scheduler>>(&reached)) {
      (*scheduler)->decide(order);
      (*scheduler)->store().commit();
      invocation_.err() << said << std::endl;
      return done(said);
    }
    if (const auto exit = there(std::get<SocketClient>(reached), to_wire(order), said, false))
      return *exit;
  }
}

Exit SchedulerLink::correct(const CorrectionOrder& order, const std::string& said) {
  for (;;) {
    auto reached = reach();
    if (auto* scheduler = std::get_if<std::unique_ptr<Scheduler>>(&reached)) {
      (*scheduler)->correct(order);
      (*scheduler)->store().commit();
      invocation_.err() << said << std::endl;
      return done(said);
    }
    if (const auto exit = there(std::get<SocketClient>(reached), to_wire(order), said, false))
      return *exit;
  }
}

}  // namespace tallymill
