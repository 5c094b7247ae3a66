#include "cli/standing_results.h"

#include "scheduler/run_state.h"

namespace tallymill {

const StandingResult* StandingResults::find(const std::string& job) const {
  const auto found = counted_.find(job);
  return found == counted_.end() ? nullptr : found->second.get();
}

void StandingResults::count(const std::string& job) {
  const auto stands = stands_.find(job);
  if (stands == stands_.end())
    counted_.erase(job);
  else
    counted_[job] = stands->second;
}

void StandingResults::take_attempt(const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  const std::string attempt = json_text(body, "attempt");
  const auto number = numbers_.extract(attempt);
  const json::value* result = body.if_contains("result");
  if (result == nullptr) return;
  // A source that had not changed leaves what stood as it was, question and books included.
  if (json_text(body, "job_state") != to_string(JobRunState::up_to_date)) {
    auto made = std::make_shared<StandingResult>();
    made->run = stored.event.run;
    made->attempt = attempt;
    made->number = number.empty() ? 0 : number.mapped();
    made->ended = result->as_object();
    Shared& stands = stands_[stored.event.job];
    if (json_boolean(made->ended, "publishes") || !stands) {
      made->made_by = stored.event.run;
      made->version = attempt;
      made->versions = json_at(made->ended, "versions").as_array();
    } else {
      made->made_by = stands->made_by;
      made->version = stands->version;
      made->versions = stands->versions;
    }
    stands = std::move(made);
  }
  if (stored.event.run == run_.id) count(stored.event.job);
}

void StandingResults::take(const StoredEvent& stored) {
  const Event& event = stored.event;
  if (event.kind == "run_started" && json_text(event.body, "graph") == run_.graph &&
      json_text(event.body, "period") == run_.period) {
    runs_.insert(event.run);
    // A sweep that found everything up to date names no job.
    if (event.run == run_.id && !run_.as.empty()) counted_ = stands_;
  }
  if (!runs_.contains(event.run)) return;
  if (event.kind == "attempt_started")
    numbers_[json_text(event.body, "attempt")] =
        static_cast<int>(json_integer(event.body, "number"));
  if (event.kind == "attempt_ended") take_attempt(stored);
  if (event.run != run_.id) return;
  if (event.kind == "job_up_to_date") count(event.job);
  if (event.kind == "jobs_up_to_date") {
    for (const json::value& job : json_at(event.body, "jobs").as_array())
      count(std::string(job.as_string()));
    for (const json::value& job : json_at(event.body, "others").as_array())
      count(json_text(job.as_object(), "job"));
  }
  if (event.kind == "job_marked") {
    if (json_text(event.body, "to") == to_string(JobRunState::succeeded))
      count(event.job);
    else
      counted_.erase(event.job);
  }
}

}  // namespace tallymill
