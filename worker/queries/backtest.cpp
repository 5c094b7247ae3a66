#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "jobs/job_check_context.h"
#include "rules/check_run.h"
#include "worker/query.h"

namespace tallymill {
namespace {

/// One version of the dataset, judged with no more history than there was before it.
class VersionContext final : public JobCheckContext {
 public:
  VersionContext(JobContext& job, const std::string& dataset, const std::string& relation,
                 const Period& period, std::map<std::string, MeasureHistory>& history)
      : JobCheckContext(job, dataset, relation), period_(period), history_(history) {}

  std::optional<Period> period() const override { return period_; }
  std::optional<PeriodKind> period_kind() const override { return period_.kind(); }
  MeasureHistory past(const std::string& measure) override { return history_[measure]; }

 private:
  Period period_;
  std::map<std::string, MeasureHistory>& history_;
};

/// The checks that compare with history, as they stand.
std::vector<SuiteCheck> checks_of(JobContext& context, const Options& job) {
  std::vector<SuiteCheck> suite =
      load_checks(job.node("checks"), check_types(), context.diagnostics());
  std::erase_if(suite, [](const SuiteCheck& check) { return !check.check->reads_history(); });
  if (suite.empty() && !context.diagnostics().has_errors())
    context.diagnostics().error(job.position("checks"),
                                "no check of this job compares with earlier periods",
                                "add an anomaly check, then try again");
  for (const SuiteCheck& check : suite)
    if (check.settings.where.find(":period") != std::string::npos)
      context.diagnostics().error(check.settings.where_position,
                                  "a condition on :period is another one in each period, which a "
                                  "back-test cannot follow",
                                  "back-test it without the condition");
  return suite;
}

std::vector<std::pair<Period, InputVersion>> versions_of(const Task& task,
                                                         const std::string& dataset) {
  std::vector<std::pair<Period, InputVersion>> versions;
  for (const InputVersion& version : task.inputs.at(dataset))
    if (const auto period = Period::parse(version.period)) versions.emplace_back(*period, version);
  std::sort(versions.begin(), versions.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return versions;
}

/// {"checks": [{"name", "periods": [{"period", "value", "verdict", "expected"}]}]}
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  const std::string dataset = json_text(question, "dataset");
  const auto document = YamlDocument::from_json(json_at(question, "job_spec"));
  const std::vector<SuiteCheck> suite = checks_of(context, Options(document->root()));
  if (context.diagnostics().has_errors()) return nullptr;
  const Schema& schema = context.schema(dataset);
  std::map<std::string, MeasureHistory> history;
  std::vector<json::array> found(suite.size());
  const auto versions = versions_of(context.task(), dataset);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto& [period, version] = versions[i];
    const std::vector<std::filesystem::path> folders{version.folder};
    const std::string relation = parquet_relation(folders);
    VersionContext checks(context, dataset, relation, period, history);
    const PlannedSuite planned = plan_suite(suite, checks);
    if (context.diagnostics().has_errors()) return nullptr;
    const SuiteOutcome outcome = run_suite(context.engine(), planned, relation, schema, 0);
    for (std::size_t check = 0; check < suite.size(); ++check) {
      const CheckResult& result = outcome.checks[check];
      found[check].push_back(json::object{
          {"period", period.text()},
          {"value", result.measured ? json::value(result.measured->second) : json::value(nullptr)},
          {"verdict", to_string(result.verdict)},
          {"expected", result.expected}});
    }
    // What is judged is not among its own past.
    for (const CheckResult& result : outcome.checks)
      if (result.measured) history[result.measured->first].emplace(period, result.measured->second);
    context.progress("periods judged", static_cast<std::int64_t>(i) + 1,
                     static_cast<std::int64_t>(versions.size()));
  }
  json::array checks;
  for (std::size_t check = 0; check < suite.size(); ++check)
    checks.push_back(
        json::object{{"name", suite[check].settings.name}, {"periods", std::move(found[check])}});
  return json::object{{"checks", std::move(checks)}};
}

}  // namespace

void register_backtest(Registry<Query>& queries) {
  queries.add({.name = "backtest",
               .summary = "What checks that compare with history would have said of each version.",
               .answer = answer});
}

}  // namespace tallymill
