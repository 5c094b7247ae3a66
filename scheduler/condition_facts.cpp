#include "scheduler/condition_facts.h"

#include <algorithm>

#include "scheduler/job_name.h"

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

/// What several partitions of a job came to together: what one of them failed at, all did.
void add(const JobFacts& part, JobFacts& all) {
  if (part.failed && !all.failed) all.came_to = part.came_to;
  all.succeeded = all.succeeded && part.succeeded;
  all.failed = all.failed || part.failed;
  all.skipped = all.skipped && part.skipped;
  all.blocked = all.blocked || part.blocked;
  all.has_result = all.has_result && part.has_result;
  if (part.passed) all.passed = all.passed.value_or(true) && *part.passed;
  all.findings += part.findings;
  all.warnings += part.warnings;
  all.rows += part.rows;
  all.rejected += part.rejected;
  all.indicators.insert(all.indicators.end(), part.indicators.begin(), part.indicators.end());
}

}  // namespace

ConditionFacts condition_facts(const LiveRun& run, LastSummary last, std::string partition) {
  ConditionFacts facts;
  facts.partition = partition;
  facts.period = run.record().period;
  facts.param = [&run](const std::string& name) {
    const auto param = run.record().params.find(name);
    return param == run.record().params.end() ? std::string() : param->second.value;
  };
  facts.job = [&run, last = std::move(last),
               partition = std::move(partition)](const std::string& name) {
    const auto facts_by_name = [&](const std::string& asked) {
      const auto index = run.find(asked);
      return index && run.job(*index).included ? facts_of(run.job(*index)) : facts_of(last(asked));
    };
    const std::vector<std::string> names = run.graph().names_of(name);
    const std::string own = job_name(name, partition);
    if (names.empty() || std::find(names.begin(), names.end(), own) != names.end())
      return facts_by_name(own);
    JobFacts all = facts_by_name(names.front());
    for (std::size_t i = 1; i < names.size(); ++i) add(facts_by_name(names[i]), all);
    return all;
  };
  return facts;
}

}  // namespace tallymill
