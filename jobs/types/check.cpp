#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "jobs/corrections.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"
#include "jobs/job_check_context.h"
#include "jobs/reject_limit.h"
#include "rules/check_run.h"
#include "rules/findings_sql.h"

namespace tallymill {
namespace {

constexpr std::int64_t kMaxRuleErrors = 100;
constexpr const char* kCorrected = "tm_corrected";  ///< the rows as people have corrected them

CheckAction action_of(const Options& options) {
  return check_action(options).value_or(CheckAction::warn);
}

/// What a failure of the check does, where its job does `action`. What is only told stops nobody.
CheckAction effective(const CheckSettings& check, CheckAction action) {
  if (check.on_fail) return *check.on_fail;
  return check.severity == CheckSeverity::warn ? CheckAction::warn : action;
}

bool stops_readers(CheckAction action) {
  return action == CheckAction::block || action == CheckAction::fail;
}

/// The hardest of what the checks' failures do to the dataset.
OnFail hardest(CheckAction job, const std::vector<SuiteCheck>& suite) {
  bool blocks = stops_readers(job);
  bool fails = job == CheckAction::fail;
  for (const SuiteCheck& check : suite) {
    const CheckAction action = effective(check.settings, job);
    blocks = blocks || stops_readers(action);
    fails = fails || action == CheckAction::fail;
  }
  if (fails) return OnFail::fail;
  return blocks ? OnFail::block : OnFail::warn;
}

std::string failures_of(const JobSpec& spec) { return spec.name + ".failures"; }

/// Asserts about one dataset: all checks in one scan, every failing row kept as evidence, and taken
/// out where its check says so.
class CheckJob final : public Job {
 public:
  explicit CheckJob(const JobSpec& spec)
      : dataset_(input_name(spec.options.node("of"))),
        failures_(failures_of(spec)),
        rejects_(rejects_dataset(spec.name)),
        into_(spec.options.text("into")),
        balance_(spec.options.columns("balance")),
        action_(action_of(spec.options)),
        max_rule_errors_(spec.options.integer("max_rule_errors", kMaxRuleErrors)),
        checks_(spec.options.node("checks")),
        options_(spec.options),
        name_(spec.name) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    suite_ = load_checks(checks_, check_types(), context.diagnostics());
    relation_ = context.relation(dataset_);
    if (!into_.empty()) correct(context);
    JobCheckContext checks(context, dataset_, relation_);
    planned_ = plan_suite(suite_, checks);
    for (const PlannedCheck& check : planned_.checks)
      if (const auto* finding = std::get_if<RuleFinding>(&check.plan.fails))
        context.note_rule_site({.rule = finding->rule,
                                .relation = relation_,
                                .condition = check.where,
                                .row = context.schema(dataset_),
                                .params = finding->params,
                                .where = check.settings().position});
    const Schema& schema = context.schema(dataset_);
    std::map<std::string, Schema> made{{failures_, findings_schema(schema)}};
    if (into_.empty()) return made;
    check_balanced_columns(balance_, schema, options_.position("balance"), context.diagnostics());
    made[into_] = schema;
    made[rejects_] = check_rejects_schema(schema);
    if (!corrections_->empty()) made[corrections_dataset(name_)] = corrections_->evidence_schema();
    return made;
  }

  void run(JobContext& context) override {
    // Of a task without limit what a gigabyte would have.
    constexpr std::int64_t kWithoutLimit = 100 << 20;
    const std::int64_t memory = context.task().memory_bytes;
    const SuiteOutcome outcome =
        run_suite(context.engine(), planned_, relation_, context.schema(dataset_), max_rule_errors_,
                  memory > 0 ? memory / 10 : kWithoutLimit);
    stage_evidence(context, failures_, outcome.findings_select,
                   findings_schema(context.schema(dataset_)));
    if (!into_.empty()) stage_rows(context, outcome);
    report(outcome, context.result());
    json::array costs;
    for (const PassCost& cost : outcome.costs) costs.push_back(cost.to_json());
    context.result().metrics["checks"] = std::move(costs);
    close_books(context, outcome);
    log(context, outcome);
    require_few_rejected(outcome);
  }

 private:
  /// Where rows leave, people may say what their cells should have been.
  void correct(JobContext& context) {
    const Schema& schema = context.schema(dataset_);
    corrections_.emplace(context, schema, relation_);
    if (corrections_->empty()) return;
    CleanseFlow flow(context, schema, relation_, {});
    corrections_->apply(flow);
    context.engine().execute(std::string("CREATE OR REPLACE TEMP VIEW ") + kCorrected +
                             " AS SELECT " + join(quoted(schema.stored_names()), ", ") + " FROM (" +
                             flow.select() + ")");
    relation_ = kCorrected;
  }

  /// Rows that `select` gives, or none.
  void stage_evidence(JobContext& context, const std::string& dataset,
                      const std::optional<std::string>& select, const Schema& schema) {
    std::string nothing = "select *";
    for (std::size_t i = context.schema(dataset_).columns.size(); i < schema.columns.size(); ++i)
      nothing += ", ''::VARCHAR as " + schema.columns[i].name;
    nothing += " from " + context.relation(dataset_) + " where false";
    context.stage({dataset, select.value_or(nothing), schema, true});
  }

  /// What no check rejects stays; where none did, the rows are the dataset's own.
  void stage_rows(JobContext& context, const SuiteOutcome& outcome) {
    const Schema& schema = context.schema(dataset_);
    context.stage({.dataset = into_,
                   .select = outcome.rest_select.value_or("select * from " + relation_),
                   .schema = schema});
    corrections_->stage(context);
    stage_evidence(context, rejects_, outcome.rejects_select, check_rejects_schema(schema));
  }

  void require_few_rejected(const SuiteOutcome& outcome) const {
    const std::string whose = "rows of '" + dataset_ + "'";
    for (const CheckResult& check : outcome.checks)
      if (check.rejects && check.verdict == CheckVerdict::fail)
        throw too_many_rejects("check '" + check.name + "'",
                               {check.rows_failed, check.rows_checked, whose, rejects_},
                               "it tolerates", options_.position("checks"));
    require_few_rejects(options_, {outcome.rows_rejected, outcome.rows, whose, rejects_});
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
    if (!into_.empty()) {
      result.report["rows_rejected"] = outcome.rows_rejected;
      result.rows_rejected = outcome.rows_rejected;
      result.rows_out = outcome.rows - outcome.rows_rejected;
    }
    if (hardest(action_, suite_) != OnFail::warn) result.gate = verdict(outcome);
  }

  /// The gate passes if no check failed whose failure stops readers.
  json::object verdict(const SuiteOutcome& outcome) const {
    bool passed = true;
    bool fails = false;
    for (std::size_t i = 0; i < outcome.checks.size(); ++i) {
      const CheckAction action = effective(suite_[i].settings, action_);
      const bool failed = outcome.checks[i].verdict == CheckVerdict::fail;
      passed = passed && !(failed && stops_readers(action));
      fails = fails || (failed && action == CheckAction::fail);
    }
    return {{"dataset", dataset_}, {"passed", passed}, {"on_fail", fails ? "fail" : "block"}};
  }

  /// What came in is counted apart from the scan that judged it.
  void close_books(JobContext& context, const SuiteOutcome& outcome) {
    const std::int64_t in = count_of(context, context.relation(dataset_));
    if (!into_.empty()) return close_books_of_rows(context, in);
    Ledger ledger;
    ledger.debit("in").rows = in;
    ledger.credit("passed").rows = outcome.rows - outcome.rows_failed - outcome.rows_warned;
    ledger.credit("failed").rows = outcome.rows_failed;
    ledger.credit("warned").rows = outcome.rows_warned;
    context.result().ledger = ledger.to_json();
    ledger.require_balance(name_);
  }

  /// In = out + rejected + adjusted (by corrections), by what was written.
  void close_books_of_rows(JobContext& context, std::int64_t in) {
    std::map<std::string, int> scales;
    for (const std::string& name : balance_)
      scales[name] = context.schema(dataset_).find(name)->type.scale;
    Ledger ledger(scales);
    Ledger::Entry& debit = ledger.debit("in");
    debit.rows = in;
    credit_staged(ledger, "out", context, into_, scales);
    credit_staged(ledger, "rejected", context, rejects_, scales);
    for (const auto& [name, scale] : scales) {
      debit.amounts[name] =
          sum_of(context, quote_identifier(name), context.relation(dataset_), scale);
      if (!corrections_->empty())
        ledger.credit("adjusted").amounts[name] =
            debit.amounts[name] - sum_of(context, quote_identifier(name), relation_, scale);
    }
    tallymill::close_books(context, ledger);
  }

  std::string dataset_;
  std::string failures_;
  std::string rejects_;
  std::string into_;  ///< the dataset of the rows that stay; empty: none leaves
  std::vector<std::string> balance_;
  CheckAction action_;
  std::int64_t max_rule_errors_;
  YamlNode checks_;
  Options options_;
  std::string relation_;  ///< the rows that are judged
  std::optional<RowCorrections> corrections_;
  std::string name_;
  std::vector<SuiteCheck> suite_;
  PlannedSuite planned_;
};

/// Rows can leave only into another dataset.
void shape_rows(const JobSpec& spec, const DatasetUse& of, const std::vector<SuiteCheck>& suite,
                JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  const std::string into = options.text("into");
  bool rejects = false;
  for (const SuiteCheck& check : suite) {
    if (!check.settings.rejects()) continue;
    rejects = true;
    if (into.empty())
      diagnostics.error(check.settings.on_fail_position,
                        "'on_fail: reject' needs a dataset for the rows that stay",
                        "add 'into' to job '" + spec.name + "'");
  }
  for (const char* option : {"balance", "max_rejected", "max_rejected_ratio"})
    if (options.has(option) && into.empty())
      diagnostics.error(options.position(option),
                        "option '" + std::string(option) + "' is about the rows that checks reject",
                        "add 'into', and 'on_fail: reject' to a check");
  check_reject_limits(options, diagnostics);
  if (into.empty()) return;
  if (!rejects)
    diagnostics.error(
        options.position("into"),
        "no check rejects rows: '" + into + "' would be a copy of '" + of.dataset + "'",
        "write 'on_fail: reject' at a check, or leave out 'into'");
  if (of.names_periods())
    diagnostics.error(options.position("into"),
                      "rows are rejected of the version of the run's own period",
                      "leave out 'period' and 'periods', or 'into'");
  shape.outputs.push_back({into, options.position("into")});
  shape.evidence.push_back({rejects_dataset(spec.name), spec.where});
  shape.evidence.push_back({corrections_dataset(spec.name), spec.where});
}

/// Where a check has its own say, it stands there; else at the job's.
SourcePosition gate_position(const Options& options, const std::vector<SuiteCheck>& suite) {
  if (options.has("on_fail")) return options.position("on_fail");
  for (const SuiteCheck& check : suite)
    if (check.settings.on_fail && stops_readers(*check.settings.on_fail))
      return check.settings.on_fail_position;
  return options.position("on_fail");
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  const DatasetUse of = read_input(options.node("of"), diagnostics);
  add_input(of, shape, diagnostics);
  shape.evidence.push_back({failures_of(spec), spec.where});
  shape.independent_entries = "checks";
  const std::vector<SuiteCheck> suite =
      load_checks(options.node("checks"), check_types(), diagnostics);
  shape_rows(spec, of, suite, shape, diagnostics);
  shape.on_fail = hardest(action_of(options), suite);
  if (shape.on_fail != OnFail::warn) {
    shape.gates = of.dataset;
    shape.gated_output = options.text("into");
  }
  if (shape.on_fail != OnFail::warn && of.names_periods())
    diagnostics.error(gate_position(options, suite),
                      "a gate judges the version of the run's own period",
                      "leave out 'period' and 'periods', or write 'on_fail: warn'");
  for (const SuiteCheck& check : suite)
    shape.reads_history = shape.reads_history || check.check->reads_history();
  for (const SuiteCheck& check : suite)
    for (FileUse& file : check.check->files()) shape.files.push_back(std::move(file));
  if (options.integer("max_rule_errors", 0) < 0)
    diagnostics.error(options.position("max_rule_errors"),
                      "option 'max_rule_errors' must not be negative");
}

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> options{
      input_option("of", "Dataset to check.", true),
      {"checks",
       OptionKind::list,
       "What must be true; see docs/checks.",
       true,
       "",
       {},
       {{.name = "check", .kind = OptionKind::unit, .units = "check"}}},
      {"on_fail",
       OptionKind::choice,
       "What findings of severity error do, where a check does not say it itself: "
       "nothing more than tell, keep consumers of the dataset from it, or fail the job "
       "as well.",
       false,
       "warn",
       {"warn", "block", "fail"}},
      {"into", OptionKind::name,
       "Dataset of the rows that no check with 'on_fail: reject' took out."},
      {"balance", OptionKind::columns,
       "Amounts that must be the same in the dataset as in 'into' and the rejects "
       "together."}};
  for (OptionSpec& limit : reject_limit_options()) options.push_back(std::move(limit));
  options.push_back({"max_rule_errors", OptionKind::integer,
                     "Rows a rule may raise on before the job fails.", false, "100"});
  return options;
}

}  // namespace

void register_check(Registry<JobType>& jobs) {
  jobs.add({
      .name = "check",
      .summary = "Asserts what must be true of a dataset and keeps every row for which it is not.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) { return std::make_unique<CheckJob>(spec); },
  });
}

}  // namespace tallymill
