#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "jobs/job_check_context.h"
#include "rules/check_run.h"
#include "worker/parameters.h"
#include "worker/query.h"

namespace tallymill {
namespace {

/// One version of the dataset, judged with no more history than there was before it, and as if
/// the run were of its period.
class VersionContext final : public JobCheckContext {
 public:
  VersionContext(JobContext& job, const std::string& dataset, const std::string& relation,
                 const Period& period, std::map<std::string, MeasureHistory>& history)
      : JobCheckContext(job, dataset, relation),
        period_(period),
        task_(job.task()),
        history_(history) {
    task_.period = period.text();
  }

  std::optional<Period> period() const override { return period_; }
  std::optional<PeriodKind> period_kind() const override { return period_.kind(); }
  MeasureHistory past(const std::string& measure) override { return history_[measure]; }
  std::optional<std::string> expand(const std::string& text, const SourcePosition& where) override {
    return JobCheckContext::expand(expand_text(task_, text, where, diagnostics()), where);
  }
  std::optional<std::string> condition(const std::string& sql,
                                       const SourcePosition& where) override {
    return JobCheckContext::condition(bind_sql_parameters(task_, sql, where, diagnostics()), where);
  }

 private:
  Period period_;
  Task task_;  ///< the job's, with this version's period
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
