#include <algorithm>

#include "core/text.h"
#include "core/time/date.h"
#include "jobs/dataset_input.h"
#include "jobs/job.h"
#include "rules/check_run.h"
#include "rules/findings_sql.h"

namespace tallymill {
namespace {

constexpr std::int64_t kMaxRuleErrors = 100;

OnFail on_fail_of(const Options& options) {
  const std::string word = options.text("on_fail", "warn");
  if (word == "block") return OnFail::block;
  return word == "fail" ? OnFail::fail : OnFail::warn;
}

std::string failures_of(const JobSpec& spec) { return spec.name + ".failures"; }

/// The job's attempt as its checks see it.
class JobCheckContext final : public CheckContext {
 public:
  JobCheckContext(JobContext& job, std::string dataset)
      : job_(job), dataset_(std::move(dataset)), relation_(job.relation(dataset_)) {}

  const Schema& schema() const override { return job_.schema(dataset_); }
  Engine& engine() override { return job_.engine(); }
  Diagnostics& diagnostics() override { return job_.diagnostics(); }
  RuleRuntime& rules() override { return job_.rules(); }
  std::int64_t as_of() const override { return parse_timestamp(job_.task().as_of).value; }

  const RuleInfo* rule(const std::string& name, const SourcePosition& where) override {
    return job_.rule(name, where);
  }

  std::optional<std::string> expand(const std::string& text, const SourcePosition& where) override {
    constexpr std::string_view kCall = "param(";
    if (!text.starts_with(kCall) || !text.ends_with(')')) return known(job_.expand(text, where));
    const std::string name = text.substr(kCall.size(), text.size() - kCall.size() - 1);
    const auto& params = job_.task().params;
    if (const auto param = params.find(name); param != params.end())
      return known(param->second.value);
    std::vector<std::string> names;
    for (const auto& entry : params) names.push_back(entry.first);
    diagnostics().error(where, "the graph has no parameter '" + name + "'",
                        did_you_mean(name, names));
    return std::nullopt;
  }

  std::optional<std::string> condition(const std::string& sql,
                                       const SourcePosition& where) override {
    std::string bound = job_.bind_parameters(sql, where);
    const auto type = job_.expression_type(bound, relation_, nullptr, where);
    if (!type) return std::nullopt;
    if (type->kind == TypeKind::boolean) return bound;
    diagnostics().error(where, "'" + sql + "' is " + type->name() + ", not a condition",
                        "write a comparison, such as amount >= 0");
    return std::nullopt;
  }

  std::optional<Reference> reference(const std::string& name, const SourcePosition&) override {
    Reference reference{name, {}, {}, false};
    reference.is_table = job_.task().files.contains("tables/" + name + ".csv");
    if (!reference.is_table) {
      reference.columns = job_.schema(name).columns;
      reference.relation = job_.relation(name);
      return reference;
    }
    std::vector<std::string> columns;
    reference.relation = job_.table(name, &columns);
    for (const std::string& column : columns) reference.columns.push_back({column, Type::text()});
    return reference;
  }

 private:
  /// A parameter without a default has no value before a run.
  std::optional<std::string> known(std::string value) const {
    if (value.empty() && job_.task().mode == TaskMode::bind) return std::nullopt;
    return value;
  }

  JobContext& job_;
  std::string dataset_;
  std::string relation_;
};

/// Asserts about one dataset: all checks in one scan, every failing row kept as evidence.
class CheckJob final : public Job {
 public:
  explicit CheckJob(const JobSpec& spec)
      : dataset_(input_name(spec.options.node("of"))),
        failures_(failures_of(spec)),
        is_gate_(on_fail_of(spec.options) != OnFail::warn),
        max_rule_errors_(spec.options.integer("max_rule_errors", kMaxRuleErrors)),
        checks_(spec.options.node("checks")),
        name_(spec.name) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    suite_ = load_checks(checks_, check_types(), context.diagnostics());
    JobCheckContext checks(context, dataset_);
    planned_ = plan_suite(suite_, checks);
    for (const PlannedCheck& check : planned_.checks)
      if (const auto* finding = std::get_if<RuleFinding>(&check.plan.fails))
        context.note_rule_site({.rule = finding->rule,
                                .relation = context.relation(dataset_),
                                .condition = check.where,
                                .row = context.schema(dataset_),
                                .params = finding->params,
                                .where = check.settings().position});
    return {{failures_, findings_schema(context.schema(dataset_))}};
  }

  void run(JobContext& context) override {
    const std::string relation = context.relation(dataset_);
    const SuiteOutcome outcome =
        run_suite(context.engine(), planned_, relation, context.schema(dataset_), max_rule_errors_);
    stage_failures(context, relation, outcome);
    report(outcome, context.result());
    json::array costs;
    for (const PassCost& cost : outcome.costs) costs.push_back(cost.to_json());
    context.result().metrics["checks"] = std::move(costs);
    close_books(context, relation, outcome);
    log(context, outcome);
  }

 private:
  void stage_failures(JobContext& context, const std::string& relation,
                      const SuiteOutcome& outcome) {
    const Schema schema = findings_schema(context.schema(dataset_));
    std::string nothing = "select *";
    for (std::string_view column : {kCheckColumn, kSeverityColumn, kCodeColumn, kMessageColumn})
      nothing += ", ''::VARCHAR as " + std::string(column);
    nothing += " from " + relation + " where false";
    context.stage({failures_, outcome.findings_select.value_or(nothing), schema, true});
  }

  void log(JobContext& context, const SuiteOutcome& outcome) const {
    LogFields fields;
    fields.emplace_back("dataset", dataset_);
    fields.emplace_back("rows", outcome.rows);
    fields.emplace_back("checks", static_cast<std::int64_t>(outcome.checks.size()));
    fields.emplace_back("failed", context.result().findings_error);
    fields.emplace_back("warned", context.result().findings_warn);
    context.log().info("checked", fields);
  }

  void report(const SuiteOutcome& outcome, TaskResult& result) const {
    for (const CheckResult& check : outcome.checks) result.checks.push_back(check.to_json());
    result.rows_in = outcome.rows;
    result.findings_error = outcome.failed_checks(CheckSeverity::error);
    result.findings_warn = outcome.failed_checks(CheckSeverity::warn);
    if (result.findings_error > 0) result.outcome = TaskOutcome::findings;
    result.report["rows_failed"] = outcome.rows_failed;
    result.report["rows_warned"] = outcome.rows_warned;
    result.report["findings"] = outcome.findings;
    if (is_gate_) result.gate = {{"dataset", dataset_}, {"passed", result.findings_error == 0}};
  }

  /// What came in is counted apart from the scan that judged it.
  void close_books(JobContext& context, const std::string& relation, const SuiteOutcome& outcome) {
    Ledger ledger;
    ledger.debit("in").rows =
        context.engine().query("select count(*) from " + relation).integer(0, 0);
    ledger.credit("passed").rows = outcome.rows - outcome.rows_failed - outcome.rows_warned;
    ledger.credit("failed").rows = outcome.rows_failed;
    ledger.credit("warned").rows = outcome.rows_warned;
    context.result().ledger = ledger.to_json();
    ledger.require_balance(name_);
  }

  std::string dataset_;
  std::string failures_;
  bool is_gate_;
  std::int64_t max_rule_errors_;
  YamlNode checks_;
  std::string name_;
  std::vector<SuiteCheck> suite_;
  PlannedSuite planned_;
};

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  const DatasetUse of = read_input(options.node("of"), diagnostics);
  add_input(of, shape, diagnostics);
  shape.evidence.push_back({failures_of(spec), spec.where});
  shape.on_fail = on_fail_of(options);
  if (shape.on_fail != OnFail::warn) shape.gates = of.dataset;
  if (shape.on_fail != OnFail::warn && of.names_periods())
    diagnostics.error(options.position("on_fail"),
                      "a gate judges the version of the run's own period",
                      "leave out 'period' and 'periods', or write 'on_fail: warn'");
  for (const SuiteCheck& check : load_checks(options.node("checks"), check_types(), diagnostics))
    for (FileUse& file : check.check->files()) shape.files.push_back(std::move(file));
  if (options.integer("max_rule_errors", 0) < 0)
    diagnostics.error(options.position("max_rule_errors"),
                      "option 'max_rule_errors' must not be negative");
}

}  // namespace

void register_check(Registry<JobType>& jobs) {
  jobs.add({
      .name = "check",
      .summary = "Asserts what must be true of a dataset and keeps every row for which it is not.",
      .options = {input_option("of", "Dataset to check.", true),
                  {"checks",
                   OptionKind::list,
                   "What must be true; see docs/checks.",
                   true,
                   "",
                   {},
                   {{.name = "check", .kind = OptionKind::unit, .units = "check"}}},
                  {"on_fail",
                   OptionKind::choice,
                   "What findings of severity error do: nothing more than tell, keep consumers of "
                   "the dataset from it, or fail the job as well.",
                   false,
                   "warn",
                   {"warn", "block", "fail"}},
                  {"max_rule_errors", OptionKind::integer,
                   "Rows a rule may raise on before the job fails.", false, "100"}},
      .shape = shape,
      .make = [](const JobSpec& spec) { return std::make_unique<CheckJob>(spec); },
  });
}

}  // namespace tallymill
