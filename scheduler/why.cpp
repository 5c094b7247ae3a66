#include "scheduler/why.h"

#include <algorithm>

namespace tallymill {
namespace {

/// Why a job came to rest or moves by itself.
WhyLink own_state(const LiveRun& run, JobIndex index) {
  const LiveJob& job = run.job(index);
  const std::string attempt = "attempt " + std::to_string(job.attempts);
  const std::string& name = run.node(index).spec.name;
  switch (job.state) {
    case JobRunState::succeeded:
      if (job.reason == "same_result")
        return {name, "same_result", attempt + " made the same result as before"};
      return {name, "succeeded", attempt + " succeeded"};
    case JobRunState::up_to_date:
      if (job.attempts > 0)
        return {name, "source_unchanged", attempt + " found its source unchanged"};
      return {name, "same_fingerprint",
              "its inputs, parameters, rules and spec are those its visible result was made of"};
    case JobRunState::failed:
      return {name, "failed_" + job.summary.error_class,
              attempt + " failed: " + job.summary.error.substr(0, job.summary.error.find('\n'))};
    case JobRunState::cancelled:
      return {name, "cancelled_" + job.reason.substr(0, job.reason.find(':')),
              job.reason.empty() ? "it was cancelled" : "it was cancelled: " + job.reason};
    case JobRunState::skipped:
      return {name, "skipped", job.reason.empty() ? "it was skipped" : job.reason};
    case JobRunState::running:
      return {name, "running", attempt + " is running"};
    case JobRunState::retry_wait:
      return {name, "retry_wait", attempt + " failed and is tried again: " + job.summary.error};
    case JobRunState::ready:
      return {name, "no_slot", "it can start; all slots are taken or the run is not at work"};
    case JobRunState::waiting:
      break;
  }
  return {name, "waiting", job.reason.empty() ? "it waits to be looked at" : job.reason};
}

std::string_view kind_of(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::job:
      return "job";
    case EdgeKind::data:
      return "data";
    default:
      return "gate";
  }
}

bool refused(const LiveRun& run, const Edge& edge) {
  return edge.kind == EdgeKind::gate && run.job(edge.from).summary.gate_passed == false;
}

/// What a waiting job waits for within its run: first what stops it for good, then what is late.
const Edge* cause_of(const LiveRun& run, JobIndex index) {
  const std::vector<Edge>& needs = run.node(index).needs;
  const auto find = [&](auto holds) {
    const auto found = std::find_if(needs.begin(), needs.end(), holds);
    return found == needs.end() ? nullptr : &*found;
  };
  if (const Edge* edge = find([&](const Edge& need) { return refused(run, need); })) return edge;
  if (const Edge* edge = find([&](const Edge& need) {
        const LiveJob& job = run.job(need.from);
        return job.blocked || (is_final(job.state) && !is_good(job.state));
      }))
    return edge;
  return find([&](const Edge& need) {
    return run.job(need.from).included && !is_good(run.job(need.from).state);
  });
}

}  // namespace

std::vector<WhyLink> explain_job(const LiveRun& run, JobIndex index) {
  std::vector<WhyLink> chain;
  for (;;) {
    const LiveJob& job = run.job(index);
    const std::string& name = run.node(index).spec.name;
    if (!job.included) {
      chain.push_back({name, "not_in_run", "it is no part of this run"});
      return chain;
    }
    const Edge* cause = job.state == JobRunState::waiting ? cause_of(run, index) : nullptr;
    if (cause == nullptr) {
      WhyLink own = own_state(run, index);
      if (job.blocked) own.code = "blocked";
      if (job.held)
        own.code = run.node(index).shape.waits_for_person ? "approval_missing" : "input_missing";
      chain.push_back(std::move(own));
      return chain;
    }
    const std::string& before = run.node(cause->from).spec.name;
    if (refused(run, *cause)) {
      chain.push_back({name, "gate_refused",
                       "it reads '" + cause->dataset + "', which gate " + before + " refused"});
    } else {
      const std::string what =
          cause->dataset.empty()
              ? before
              : before + " (" + std::string(kind_of(cause->kind)) + " '" + cause->dataset + "')";
      chain.push_back({name, job.blocked ? "blocked" : "waits_for_job", "it waits for " + what});
    }
    index = cause->from;
  }
}

}  // namespace tallymill
