#include "scheduler/condition_facts.h"

namespace tallymill {
namespace {

void add_numbers(const JobSummary& summary, JobFacts& facts) {
  facts.passed = summary.gate_passed;
  facts.findings = summary.findings_error;
  facts.warnings = summary.findings_warn;
  facts.rows = summary.rows_out;
  facts.rejected = summary.rows_rejected;
  facts.indicators = summary.indicators;
}

JobFacts facts_of(const LiveJob& job) {
  JobFacts facts;
  facts.came_to = job.blocked ? "blocked" : to_string(job.state);
  facts.blocked = job.blocked;
  facts.skipped = job.state == JobRunState::skipped;
  facts.succeeded = is_good(job.state) && !facts.skipped;
  facts.failed = job.blocked || (is_final(job.state) && !is_good(job.state));
  facts.has_result = facts.succeeded;
  add_numbers(job.summary, facts);
  return facts;
}

JobFacts facts_of(const std::optional<JobSummary>& last) {
  JobFacts facts;
  facts.came_to = "not in this run";
  facts.succeeded = facts.has_result = last.has_value();
  if (last) add_numbers(*last, facts);
  return facts;
}

}  // namespace

ConditionFacts condition_facts(const LiveRun& run, LastSummary last) {
  ConditionFacts facts;
  facts.period = run.record().period;
  facts.param = [&run](const std::string& name) {
    const auto param = run.record().params.find(name);
    return param == run.record().params.end() ? std::string() : param->second.value;
  };
  facts.job = [&run, last = std::move(last)](const std::string& name) {
    const auto index = run.find(name);
    return index && run.job(*index).included ? facts_of(run.job(*index)) : facts_of(last(name));
  };
  return facts;
}

}  // namespace tallymill
