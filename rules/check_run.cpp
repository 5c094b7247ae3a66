#include "rules/check_run.h"

#include <algorithm>

#include "core/error.h"
#include "core/money.h"
#include "core/text.h"
#include "rules/check_verdicts.h"
#include "rules/findings_sql.h"
#include "rules/group_pass.h"

namespace tallymill {
namespace {

constexpr int kTopValues = 5;
constexpr int kSumDigits = 38;

class SuiteRun {
 public:
  SuiteRun(Engine& engine, const PlannedSuite& suite, const std::string& relation,
           const Schema& schema)
      : engine_(engine),
        suite_(suite),
        relation_(relation),
        schema_(schema),
        sql_(suite, relation) {}

  SuiteOutcome run(std::int64_t max_rule_errors) {
    if (!suite_.rule_calls.empty()) register_verdict_functions(engine_);
    for (const GroupRun& group : suite_.group_runs)
      group.pass->run(engine_, relation_, group.where);
    for (const std::string& preparation : sql_.preparations()) engine_.execute(preparation);
    measures_ = sql_.read(engine_.query(sql_.measure()));
    for (std::size_t i = 0; i < measures_.size(); ++i) require_few_rule_errors(i, max_rule_errors);
    for (const CheckSql::Grouping& grouping : sql_.groupings()) count_keys(grouping);
    for (std::size_t i = 0; i < measures_.size(); ++i) sum_amounts(i);

    SuiteOutcome outcome;
    outcome.rows = measures_.empty() ? 0 : measures_[0].rows;
    for (std::size_t i = 0; i < measures_.size(); ++i)
      outcome.checks.push_back(judge(suite_.checks[i], measures_[i]));
    if (has_failing_rows()) keep_failing(outcome);
    return outcome;
  }

 private:
  void require_few_rule_errors(std::size_t check, std::int64_t limit) {
    const std::int64_t raised = measures_[check].rule_errors;
    if (raised <= limit) return;
    const Rows first = engine_.query(first_rule_error(sql_, schema_, check));
    const std::string& rule = std::get<RuleFinding>(suite_.checks[check].plan.fails).rule;
    throw Error(ErrorClass::config,
                "rule '" + rule + "' raised on " + group_digits(raised) + " rows, more than " +
                    group_digits(limit) + " (max_rule_errors); the first is " +
                    first.cells[0][0].value_or("?") + ": " + first.cells[0][1].value_or(""));
  }

  void count_keys(const CheckSql::Grouping& grouping) {
    engine_.execute(grouping.create);
    const Rows counts = engine_.query(grouping.count);
    for (std::size_t check : grouping.checks) {
      measures_[check].failed_keys = counts.integer(0, 0);
      measures_[check].rows_failed = counts.integer(0, 1);
      measures_[check].rows_checked -= counts.integer(0, 2);
    }
  }

  void sum_amounts(std::size_t check) {
    CheckMeasures& measures = measures_[check];
    if (!suite_.checks[check].amount || measures.rows_failed == 0) return;
    const int scale = suite_.checks[check].amount->scale;
    const Rows sums = engine_.query(sql_.amounts(check));
    measures.failed_amount = parse_decimal(sums.text(0, 0), kSumDigits, scale, true).value;
    measures.checked_amount = parse_decimal(sums.text(0, 1), kSumDigits, scale, true).value;
    measures.failed_without_amount = sums.integer(0, 2);
  }

  bool has_failing_rows() const {
    return std::any_of(measures_.begin(), measures_.end(), [](const CheckMeasures& measures) {
      return measures.rows_failed > 0 || measures.rows_warned > 0;
    });
  }

  void keep_failing(SuiteOutcome& outcome) {
    std::vector<bool> failed;
    for (const CheckMeasures& measures : measures_)
      failed.push_back(measures.rows_failed > 0 || measures.rows_warned > 0);
    const FindingsSql kept(sql_, schema_, failed);
    engine_.execute(kept.keep());
    count_classes(kept, failed, outcome);
    for (std::size_t i = 0; i < failed.size(); ++i) {
      if (!failed[i]) continue;
      outcome.findings += measures_[i].rows_failed + measures_[i].rows_warned;
      add_top_values(kept, i, outcome.checks[i]);
    }
    outcome.findings_select = kept.findings();
  }

  /// The rows kept must be the rows counted: both scans asked the same questions of the same rows.
  void count_classes(const FindingsSql& kept, const std::vector<bool>& failed,
                     SuiteOutcome& outcome) {
    const Rows counts = engine_.query(kept.count());
    outcome.rows_failed = counts.integer(0, 1);
    outcome.rows_warned = counts.integer(0, 0) - outcome.rows_failed;
    std::size_t column = 2;
    for (std::size_t i = 0; i < failed.size(); ++i) {
      if (!failed[i]) continue;
      const bool agrees = counts.integer(0, column) == measures_[i].rows_failed &&
                          counts.integer(0, column + 1) == measures_[i].rows_warned;
      if (!agrees)
        throw Error(ErrorClass::bug, "check '" + suite_.checks[i].settings().name + "' counted " +
                                         std::to_string(measures_[i].rows_failed) +
                                         " failing rows but kept " +
                                         std::to_string(counts.integer(0, column)));
      column += 2;
    }
  }

  void add_top_values(const FindingsSql& kept, std::size_t check, CheckResult& result) {
    const std::string select = kept.top_values(check, kTopValues);
    if (select.empty()) return;
    const Rows rows = engine_.query(select);
    for (std::size_t row = 0; row < rows.cells.size(); ++row)
      result.top_values.push_back({rows.cells[row][0].value_or("null"), rows.integer(row, 1)});
  }

  Engine& engine_;
  const PlannedSuite& suite_;
  const std::string& relation_;
  const Schema& schema_;
  CheckSql sql_;
  std::vector<CheckMeasures> measures_;
};

}  // namespace

std::int64_t SuiteOutcome::failed_checks(CheckSeverity severity) const {
  std::int64_t count = 0;
  for (const CheckResult& check : checks) {
    if (check.verdict == CheckVerdict::fail && check.severity == severity) ++count;
    if (check.rows_warned > 0 && severity == CheckSeverity::warn) ++count;
  }
  return count;
}

SuiteOutcome run_suite(Engine& engine, const PlannedSuite& suite, const std::string& relation,
                       const Schema& schema, std::int64_t max_rule_errors) {
  return SuiteRun(engine, suite, relation, schema).run(max_rule_errors);
}

}  // namespace tallymill
