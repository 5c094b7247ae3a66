#include "scheduler/service.h"

#include "core/error.h"
#include "scheduler/backfill_store.h"

namespace tallymill {

/// Edits of the workspace: a descriptor of its own.
class Service::Watches final : public LoopInput {
 public:
  explicit Watches(Service& service) : service_(service) {}
  int ready_fd() const override { return service_.watch_.ready_fd(); }
  std::optional<BootTime> due_boot() const override { return service_.watch_.next(); }
  void take_in() override {
    const auto workspace = service_.watch_.take_new();
    if (!workspace) return;
    service_.scheduler_.set_workspace(workspace);
    service_.fires_.reread();
    service_.triggers_.reread();
    service_.deadlines_.reread();
    service_.queue_.look_again();
  }

 private:
  Service& service_;
};

/// Everything that makes runs due.
class Service::Triggers final : public LoopInput {
 public:
  explicit Triggers(Service& service) : service_(service) {}
  int ready_fd() const override { return service_.triggers_.ready_fd(); }
  std::optional<Instant> due() const override {
    std::optional<Instant> first;
    for (const auto& next : {service_.fires_.next(), service_.triggers_.next(),
                             service_.deadlines_.next(), service_.gc_.next()})
      if (next && (!first || *next < *first)) first = next;
    return first;
  }
  std::optional<BootTime> due_boot() const override {
    if (!service_.queue_.is_dirty() && !has_news_) return std::nullopt;
    return BootTime{0};
  }
  void take_in() override {
    has_news_ = false;
    service_.take_in();
  }
  void published(const std::set<std::string>& datasets) override {
    service_.triggers_.published(datasets);
    has_news_ = true;
  }
  void run_left() override { service_.queue_.look_again(); }

 private:
  Service& service_;
  bool has_news_ = false;
};

Service::Service(Scheduler& scheduler, std::shared_ptr<const Workspace> workspace,
                 const JobCatalog& catalog, ServiceLog& log)
    : scheduler_(scheduler),
      clock_(scheduler.clock()),
      log_(log),
      queue_(scheduler, log),
      fires_(scheduler, queue_, log),
      triggers_(scheduler, queue_),
      deadlines_(scheduler, log),
      gc_(scheduler, log),
      watch_(std::move(workspace), catalog, clock_, log) {}

void Service::take_in() {
  if (scheduler_.loop().interrupts_taken() > 0) return;
  const Instant now = clock_.wall();
  fires_.fire_due(now);
  triggers_.look(now);
  queue_.start_due();
  // After what is due has started: a run that is there watches its own.
  deadlines_.look(now);
  gc_.look(now);
}

void Service::adopt_open_runs() {
  for (const RunRecord& record : scheduler_.store().view().open_runs()) {
    try {
      scheduler_.take_up(record, std::make_shared<RunObserver>());
    } catch (const Error& error) {
      if (error.error_class() != ErrorClass::config) throw;
      log_.error("run_stuck", {{"run", record.id}, {"error", error.message()}});
    }
  }
}

void Service::adopt_backfills() {
  for (const BackfillRecord& record : unfinished_backfills(scheduler_.store().view())) {
    try {
      scheduler_.submit_backfill_for(request_of(record), "", nullptr);
      log_.info("backfill_resumed", {{"backfill", record.name}, {"graph", record.graph}});
    } catch (const Error& error) {
      if (error.error_class() != ErrorClass::config) throw;
      log_.error("backfill_stuck", {{"backfill", record.name}, {"error", error.message()}});
    }
  }
}

void Service::adopt_cascades() {
  for (CascadeRecord& record : open_cascades(scheduler_.store().view())) {
    log_.info("rerun_resumed", {{"run", record.run}});
    scheduler_.cascades().resume(std::move(record));
  }
}

void Service::run() {
  RunLoop& loop = scheduler_.loop();
  Watches watches(*this);
  Triggers triggers(*this);
  loop.add_input(watches);
  loop.add_input(triggers);
  loop.leave_runs_when_interrupted();
  loop.observe_all(log_);
  adopt_open_runs();
  adopt_backfills();
  adopt_cascades();
  take_in();
  log_.info("started", {{"workspace", scheduler_.workspace().name},
                        {"graphs", std::to_string(scheduler_.workspace().graphs.size())}});
  loop.run_until([&] { return loop.interrupts_taken() > 0 && !loop.has_moving_runs(); });
  loop.remove_input(watches);
  loop.remove_input(triggers);
  log_.info("ended", {});
}

}  // namespace tallymill
