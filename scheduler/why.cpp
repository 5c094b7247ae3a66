#include "scheduler/why.h"

#include <algorithm>

#include "core/text.h"
#include "scheduler/job_changes.h"

namespace tallymill {
namespace {

/// "condition_false" of "condition_false: rows(a) > 0 does not hold".
std::pair<std::string, std::string> split_reason(const std::string& reason) {
  const std::size_t colon = reason.find(": ");
  if (colon == std::string::npos) return {reason, {}};
  return {reason.substr(0, colon), reason.substr(colon + 2)};
}

std::string first_line_of(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Why a job that could start has not.
WhyLink not_started(const LiveRun& run, JobIndex index, const Occupancy& occupancy) {
  const std::string& name = run.node(index).spec.name;
  if (run.record().state == RunState::paused)
    return {name, "paused", "it could start; its run is paused"};
  if (!occupancy.at_work)
    return {name, "nobody_at_work", "it could start; no process works on the run"};
  const std::string& pool = run.node(index).resource_pool;
  if (const auto used = occupancy.pools.find(pool);
      used != occupancy.pools.end() && used->second.first >= used->second.second)
    return {name, "pool_full",
            "it could start; all " + std::to_string(used->second.second) + " slots of pool '" +
                pool + "' are taken"};
  return {name, "no_slot",
          "it could start; " + std::to_string(occupancy.running) + " of " +
              std::to_string(occupancy.slots) + " slots are taken"};
}

/// The code of a state that a person gave a job; empty: nobody did.
std::string persons_code(const LiveJob& job) {
  for (const char* code : {"approved", "rejected", "marked"})
    if (is_final(job.state) && job.reason.starts_with(std::string(code) + " by ")) return code;
  return {};
}

/// Why a job came to rest or moves by itself.
WhyLink own_state(const LiveRun& run, JobIndex index, const Occupancy& occupancy) {
  const LiveJob& job = run.job(index);
  const std::string attempt = "attempt " + std::to_string(job.attempts);
  const std::string& name = run.node(index).spec.name;
  const auto [code, sentence] = split_reason(job.reason);
  if (const std::string person = persons_code(job); !person.empty())
    return {name, person, std::string(to_string(job.state)) + ", " + job.reason};
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
      if (code == "queue_timeout") return {name, code, "it " + sentence};
      return {name, "failed_" + job.summary.error_class,
              attempt + " failed: " + first_line_of(job.summary.error)};
    case JobRunState::cancelled:
      return {name, "cancelled_" + code,
              job.reason.empty() ? "it was cancelled" : "it was cancelled: " + job.reason};
    case JobRunState::skipped:
      if (sentence.empty())
        return {name, "skipped", job.reason.empty() ? "it was skipped" : job.reason};
      return {name, code, "it was skipped: " + sentence};
    case JobRunState::running:
      return {name, "running", attempt + " is running"};
    case JobRunState::retry_wait:
      return {name, "retry_wait",
              attempt + " failed and is tried again: " + first_line_of(job.summary.error)};
    case JobRunState::ready:
      return not_started(run, index, occupancy);
    case JobRunState::waiting:
      break;
  }
  return {name, "waiting", job.reason.empty() ? "it waits to be looked at" : job.reason};
}

/// Why a job that ran was not simply up to date; null: it did not run, or nobody recorded it.
const WhyCode* cause_to_run(const LiveJob& job) {
  if (job.attempts == 0) return nullptr;
  const auto& codes = why_codes();
  const auto found = std::find_if(codes.begin(), codes.end(),
                                  [&](const WhyCode& code) { return code.code == job.cause; });
  return found == codes.end() ? nullptr : &*found;
}

/// With what exactly had changed, where that was recorded.
std::string cause_sentence(const WhyCode& code, const LiveJob& job) {
  if (job.changes.empty()) return std::string(code.meaning);
  std::vector<std::string> parts;
  for (const JobChange& change : job.changes) parts.push_back(change_sentence(change));
  return "it had to run: " + join(parts, "; ");
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

bool has_failed(const LiveJob& job) {
  return job.blocked || (is_final(job.state) && !is_good(job.state));
}

const Edge* find_need(const LiveRun& run, JobIndex index, auto holds) {
  const std::vector<Edge>& needs = run.node(index).needs;
  const auto found = std::find_if(needs.begin(), needs.end(), [&](const Edge& need) {
    return run.job(need.from).included && holds(need);
  });
  return found == needs.end() ? nullptr : &*found;
}

/// What a job waits for within its run, or was skipped behind: first what stops it for good, then
/// what is late. Null: the cause is its own.
const Edge* cause_of(const LiveRun& run, JobIndex index) {
  const LiveJob& job = run.job(index);
  if (job.state == JobRunState::skipped) {
    const std::string code = split_reason(job.reason).first;
    if (code != "behind_skipped" && code != "input_skipped") return nullptr;
    return find_need(run, index, [&](const Edge& need) {
      return run.job(need.from).state == JobRunState::skipped;
    });
  }
  const bool is_blocked = job.blocked && job.state == JobRunState::cancelled;
  if (job.state != JobRunState::waiting && !is_blocked) return nullptr;
  if (job.blocked && run.trigger(index) == Trigger::run) return nullptr;
  if (const Edge* edge =
          find_need(run, index, [&](const Edge& need) { return refused(run, need); }))
    return edge;
  if (job.blocked)
    if (const Edge* edge =
            find_need(run, index, [&](const Edge& need) { return has_failed(run.job(need.from)); }))
      return edge;
  if (job.decided || job.blocked) return nullptr;
  return find_need(run, index,
                   [&](const Edge& need) { return !is_final(run.job(need.from).state); });
}

WhyLink link_to(const LiveRun& run, JobIndex index, const Edge& cause) {
  const LiveJob& job = run.job(index);
  const std::string& name = run.node(index).spec.name;
  const std::string& before = run.node(cause.from).spec.name;
  if (refused(run, cause))
    return {name, "gate_refused",
            "it reads '" + cause.dataset + "', which gate " + before + " refused"};
  const std::string what =
      cause.dataset.empty()
          ? before
          : before + " (" + std::string(kind_of(cause.kind)) + " '" + cause.dataset + "')";
  if (job.state == JobRunState::skipped)
    return {name, split_reason(job.reason).first, "it was skipped behind " + what};
  const TriggerRule rule = run.node(index).when.rule;
  const std::string by_rule =
      rule == TriggerRule::all_success
          ? ""
          : ", by rule " + std::string(to_string(rule)) + " (" + counts_text(job.before) + ")";
  if (job.blocked) return {name, "blocked", "it waits for " + what + by_rule};
  return {name, "waits_for_job", "it waits for " + what + by_rule};
}

void add_late(const LiveRun& run, JobIndex index, std::vector<WhyLink>& chain) {
  const LiveJob& job = run.job(index);
  const bool is_done = is_good(job.state);
  for (const auto& [dataset, deadline] : job.late)
    chain.push_back({run.node(index).spec.name, "late",
                     (dataset.empty() ? "it" : "'" + dataset + "'") + std::string(" was due ") +
                         deadline + (is_done ? " and was not done by then" : " and is not done")});
}

}  // namespace

const std::vector<WhyCode>& why_codes() {
  static const std::vector<WhyCode> codes{
      {"succeeded", "its attempt succeeded"},
      {"same_result", "its attempt made the same result as before"},
      {"source_unchanged", "its attempt found its source unchanged"},
      {"same_fingerprint", "it is up to date: all it depends on is as it was"},
      {"no_result", "it had to run: there was no result of it"},
      {"rule_changed", "it had to run: another version of a rule it asks counts"},
      {"changed", "it had to run: its spec, parameters, tables or inputs had changed"},
      {"source_may_differ", "it had to look whether its source had changed"},
      {"reads_as_of", "it had to run: it depends on the instant of the run"},
      {"no_verdict", "it had to run: its gate had not spoken"},
      {"version_missing", "it had to run: a version it had made was gone"},
      {"forced", "it had to run: the run was told to do it again"},
      {"failed_", "it failed; the class of the error follows"},
      {"queue_timeout", "it failed: it could start and got no slot for its queue_timeout"},
      {"cancelled_", "it was cancelled; the reason follows"},
      {"condition_false", "it was skipped: its condition does not hold"},
      {"trigger_rule", "it was skipped: its trigger rule does not hold"},
      {"behind_skipped", "it was skipped: a job it waits for was"},
      {"input_skipped", "it was skipped: the maker of what it reads was"},
      {"skipped", "somebody skipped it"},
      {"running", "an attempt is at work"},
      {"retry_wait", "it waits for its next try"},
      {"no_slot", "it could start: all slots are taken"},
      {"pool_full", "it could start: its resource pool is full"},
      {"paused", "it could start: its run is paused"},
      {"nobody_at_work", "it could start: no process works on the run"},
      {"waits_for_job", "it waits for a job of its run"},
      {"input_missing", "it waits for something from outside its run"},
      {"approval_missing", "it waits for a person's word"},
      {"approved", "a person approved it"},
      {"rejected", "a person rejected it"},
      {"marked", "a person said what it came to"},
      {"input_incomplete", "it waits for some of the periods or partitions it reads"},
      {"input_ungated", "it waits for gates that have not all spoken"},
      {"input_stale", "it would deliver what was made from replaced data"},
      {"waiting", "it waits to be looked at"},
      {"blocked", "it cannot start in this run: something before it failed or cannot start"},
      {"gate_refused", "it cannot start in this run: a gate refused what it reads"},
      {"late", "its deadline, or that of what it makes, has passed"},
      {"not_in_run", "it is no part of the run"},
  };
  return codes;
}

Occupancy occupancy_of(const Workspace& workspace, StoreView& view, bool at_work) {
  Occupancy occupancy{.at_work = at_work, .slots = workspace.slots, .running = 0, .pools = {}};
  for (const auto& [pool, size] : workspace.resource_pools) occupancy.pools[pool] = {0, size};
  for (const AttemptRecord& attempt : view.open_attempts()) {
    ++occupancy.running;
    const auto record = view.run(attempt.run);
    const auto graph = record ? workspace.graphs.find(record->graph) : workspace.graphs.end();
    const JobNode* job =
        graph == workspace.graphs.end() ? nullptr : graph->second->find(attempt.job);
    if (job == nullptr) continue;
    if (const auto pool = occupancy.pools.find(job->resource_pool); pool != occupancy.pools.end())
      ++pool->second.first;
  }
  return occupancy;
}

std::vector<WhyLink> explain_job(const LiveRun& run, JobIndex index, const Occupancy& occupancy) {
  std::vector<WhyLink> chain;
  for (;;) {
    const LiveJob& job = run.job(index);
    const std::string& name = run.node(index).spec.name;
    if (!job.included) {
      chain.push_back({name, "not_in_run", "it is no part of this run"});
      return chain;
    }
    add_late(run, index, chain);
    const Edge* cause = cause_of(run, index);
    if (cause != nullptr) {
      chain.push_back(link_to(run, index, *cause));
      index = cause->from;
      continue;
    }
    WhyLink own = own_state(run, index, occupancy);
    if (job.blocked) own = {name, "blocked", job.reason};
    if (job.held)
      own.code = run.node(index).shape.waits_for_person ? "approval_missing"
                 : job.code.empty()                     ? "input_missing"
                                                        : job.code;
    chain.push_back(std::move(own));
    if (const WhyCode* code = cause_to_run(job))
      chain.push_back({name, std::string(code->code), cause_sentence(*code, job), job.changes});
    return chain;
  }
}

}  // namespace tallymill
