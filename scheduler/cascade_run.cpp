#include "scheduler/cascade_run.h"

#include <algorithm>

#include "core/error.h"
#include "scheduler/requests.h"
#include "scheduler/scheduler.h"

namespace tallymill {
namespace {

Event cascade_started(const CascadeRecord& record) {
  json::array steps;
  for (const RunRequest& step : record.steps) steps.push_back(to_wire(step));
  return {"cascade_started", record.run, "", "", {{"steps", std::move(steps)}}};
}

Event cascade_step(const CascadeRecord& record) {
  return {"cascade_step",
          record.run,
          "",
          "",
          {{"done", static_cast<std::int64_t>(record.done)}, {"current", record.current}}};
}

Event cascade_ended(const std::string& run, RunVerdict verdict, std::size_t left) {
  return {
      "cascade_ended",
      run,
      "",
      "",
      {{"verdict", json::string(to_string(verdict))}, {"left", static_cast<std::int64_t>(left)}}};
}

bool is_well(RunVerdict verdict) {
  return verdict == RunVerdict::ok || verdict == RunVerdict::findings;
}

}  // namespace

std::vector<CascadeRecord> open_cascades(StoreView& view) {
  std::vector<CascadeRecord> records;
  for (const SqlRow& row :
       view.database().select("select run, steps, done, current from rerun_cascade"
                              " where ended_at = '' order by event",
                              "ttit")) {
    CascadeRecord record{.run = row.text(0),
                         .steps = {},
                         .done = static_cast<std::size_t>(row.integer(2)),
                         .current = row.text(3)};
    const json::value steps = parse_json(row.text(1), "the store");
    for (const json::value& step : steps.as_array())
      record.steps.push_back(run_request_from(step.as_object()));
    records.push_back(std::move(record));
  }
  return records;
}

CascadeWork::CascadeWork(Scheduler& scheduler, CascadeRecord record,
                         std::shared_ptr<RunEnd> current, bool is_own)
    : scheduler_(scheduler),
      record_(std::move(record)),
      current_(std::move(current)),
      is_own_(is_own) {}

void CascadeWork::watch(const std::shared_ptr<RunObserver>& runs,
                        std::weak_ptr<CascadeObserver> observer) {
  runs_ = runs;
  observer_ = std::move(observer);
}

std::optional<RunVerdict> CascadeWork::ended() const {
  if (current_) return current_->run ? std::optional(current_->verdict) : std::nullopt;
  // It ended in an earlier process.
  const auto record = scheduler_.store().view().run(record_.current);
  if (!record) return RunVerdict::failed;
  if (record->state != RunState::ended) return std::nullopt;
  return run_verdict_from(record->verdict).value_or(RunVerdict::interrupted);
}

bool CascadeWork::has_work() const { return !is_left_ && ended().has_value(); }

void CascadeWork::step() {
  const auto verdict = ended();
  if (is_left_ || !verdict) return;
  worst_ = std::max(worst_, *verdict);
  if (const auto observer = observer_.lock(); observer && current_)
    observer->cascade_run_ended(*current_);
  if (*verdict == RunVerdict::waiting) {
    is_left_ = true;  // the loop let go of it: it goes on another time
    return;
  }
  if (!is_well(*verdict) || record_.done == record_.steps.size()) return end(worst_);
  begin_next();
}

void CascadeWork::begin_next() {
  const RunRequest& request = record_.steps[record_.done];
  auto runs = runs_.lock();
  if (!runs) runs = nobody_;
  try {
    current_.reset();
    // Begun before a kill, and not yet recorded as begun.
    for (const RunRecord& open :
         scheduler_.store().view().open_runs(request.graph, request.period.text()))
      if (ActiveRun* run = scheduler_.loop().find(open.id); run && open.of == request.of)
        current_ = scheduler_.loop().observe(*run, runs);
    if (!current_) current_ = scheduler_.submit(request, runs, is_own_);
    ++record_.done;
    record_.current = current_->id;
    scheduler_.store().append(cascade_step(record_));
  } catch (const Error& error) {
    if (error.error_class() != ErrorClass::config && error.error_class() != ErrorClass::data) throw;
    runs->note("the rerun cannot go on with " + request.graph + " of " + request.period.text() +
               ": " + error.message());
    end(RunVerdict::failed);
  }
}

void CascadeWork::end(RunVerdict worst) {
  is_left_ = true;
  const std::size_t left = record_.steps.size() - record_.done;
  scheduler_.store().append(cascade_ended(record_.run, worst, left));
  if (const auto observer = observer_.lock()) observer->cascade_ended(left, worst);
}

void CascadeWork::close() {
  if (!is_left_ && ended()) step();
  is_left_ = true;
}

void Cascades::add(const std::shared_ptr<RunEnd>& first, std::vector<RunRequest> steps,
                   const std::shared_ptr<RunObserver>& runs,
                   const std::weak_ptr<CascadeObserver>& observer, bool is_own) {
  CascadeRecord record{
      .run = first->id, .steps = std::move(steps), .done = 0, .current = first->id};
  scheduler_.store().append(cascade_started(record));
  if (const auto told = observer.lock()) told->cascade_begins(record.steps.size());
  at_work_.emplace_back(scheduler_, std::move(record), first, is_own).watch(runs, observer);
}

void Cascades::resume(CascadeRecord record) {
  std::shared_ptr<RunEnd> current;
  const auto nobody = std::make_shared<RunObserver>();
  if (ActiveRun* run = scheduler_.loop().find(record.current))
    current = scheduler_.loop().observe(*run, nobody);
  at_work_.emplace_back(scheduler_, std::move(record), current, false);
}

bool Cascades::has_work() const {
  return std::any_of(at_work_.begin(), at_work_.end(),
                     [](const CascadeWork& work) { return work.has_work(); });
}

void Cascades::take_in() {
  for (CascadeWork& work : at_work_) work.step();
  std::erase_if(at_work_, [](const CascadeWork& work) { return work.is_left(); });
}

void Cascades::close() {
  for (CascadeWork& work : at_work_) work.close();
  at_work_.clear();
}

}  // namespace tallymill
