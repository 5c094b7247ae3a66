#include "rules/check_run.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include "core/error.h"
#include "core/money.h"
#include "core/text.h"
#include "datasets/repeated_keys.h"
#include "datasets/value_lookup.h"
#include "rules/check_error.h"
#include "rules/check_verdicts.h"
#include "rules/findings_sql.h"
#include "rules/group_pass.h"

namespace tallymill {
namespace {

constexpr int kTopValues = 5;
constexpr int kSumDigits = 38;
/// Fewer are grouped in less time than it takes to find which of them need to be.
constexpr std::int64_t kManyRows = 50'000;

class SuiteRun {
 public:
  SuiteRun(Engine& engine, const PlannedSuite& suite, const std::string& relation,
           const Schema& schema, std::int64_t key_memory)
      : engine_(engine),
        suite_(suite),
        relation_(relation),
        schema_(schema),
        key_memory_(key_memory) {}

  SuiteOutcome run(std::int64_t max_rule_errors) {
    if (!suite_.rule_calls.empty()) register_verdict_functions(engine_);
    const Checks grouped = grouped_rules();
    timed("groups of rules", grouped, [&] {
      blaming(grouped, [&] {
        for (const GroupRun& group : suite_.group_runs)
          group.pass->run(engine_, relation_, group.where);
      });
    });
    timed("references", looking_up(), [&] { prepare_lookups(); });
    if (!sql_) sql_.emplace(suite_, relation_, CheckSql::Lookups());
    timed("scan", scanning(), [&] { scan(); });
    for (std::size_t i = 0; i < measures_.size(); ++i) require_few_rule_errors(i, max_rule_errors);
    for (const CheckSql::Pass& pass : sql_->passes())
      timed("pass", pass.checks, [&] { measure_more(pass); });
    const std::vector<std::size_t> searched = searched_groupings();
    timed("repeated keys", checks_of(searched), [&] { find_repeats(searched); });
    for (std::size_t i = 0; i < sql_->groupings().size(); ++i)
      timed("keys", sql_->groupings()[i].checks, [&] { count_keys(i); });
    for (std::size_t i = 0; i < measures_.size(); ++i) sum_amounts(i);

    SuiteOutcome outcome;
    outcome.rows = measures_.empty() ? 0 : measures_[0].rows;
    for (std::size_t i = 0; i < measures_.size(); ++i)
      outcome.checks.push_back(judge(suite_.checks[i], measures_[i]));
    if (const auto found = with_findings(); !found.empty())
      timed("failing rows", found, [&] { keep_failing(outcome); });
    for (PassCost& cost : costs_) cost.rows = outcome.rows;
    outcome.costs = std::move(costs_);
    return outcome;
  }

 private:
  using Checks = std::vector<std::size_t>;

  /// The engine says what it could not compute, but not who asked: each check is then asked alone.
  void scan() {
    try {
      measures_ = sql_->read(engine_.query(sql_->measure()));
    } catch (const Error& error) {
      if (error.error_class() != ErrorClass::data) throw;
      for (std::size_t i = 0; i < suite_.checks.size(); ++i)
        blaming({i}, [&] { engine_.query(sql_->measure(i)); });
      throw;
    }
  }
  /// Does `work`; where a value could not be computed, the error names the checks it was for.
  template <class Work>
  void blaming(const Checks& checks, const Work& work) const {
    try {
      work();
    } catch (const Error& error) {
      if (error.error_class() != ErrorClass::data) throw;
      throw error_of_checks(suite_, checks, error);
    }
  }

  /// Does `work`, if any check asks for it, and takes down what it took.
  template <class Work>
  void timed(const std::string& pass, const Checks& checks, const Work& work) {
    if (checks.empty()) return;
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    PassCost& cost = costs_.emplace_back();
    cost.pass = pass;
    cost.seconds = took.count();
    for (const std::size_t check : checks)
      cost.checks.push_back(suite_.checks[check].settings().name);
  }

  template <class Claim>
  Checks checks_that(const Claim& claim) const {
    Checks checks;
    for (std::size_t i = 0; i < suite_.checks.size(); ++i)
      if (claim(i)) checks.push_back(i);
    return checks;
  }
  Checks grouped_rules() const {
    return checks_that([&](std::size_t i) {
      const auto* rule = std::get_if<RuleFinding>(&suite_.checks[i].plan.fails);
      return rule != nullptr && rule->sees_groups;
    });
  }
  Checks looking_up() const {
    return checks_that([&](std::size_t i) {
      return std::holds_alternative<MissingReference>(suite_.checks[i].plan.fails);
    });
  }
  /// Where nothing but the rows it applies to is counted in the scan, a check costs nothing there.
  Checks scanning() const {
    const Checks checks = checks_that([&](std::size_t i) {
      const auto& fails = suite_.checks[i].plan.fails;
      return !std::holds_alternative<FailingKeys>(fails) &&
             !std::holds_alternative<RepeatedKey>(fails) && !suite_.checks[i].plan.pass;
    });
    return checks.empty() ? checks_that([](std::size_t) { return true; }) : checks;
  }
  Checks checks_of(const std::vector<std::size_t>& groupings) const {
    Checks checks;
    for (const std::size_t i : groupings)
      checks.insert(checks.end(), sql_->groupings()[i].checks.begin(),
                    sql_->groupings()[i].checks.end());
    std::sort(checks.begin(), checks.end());
    return checks;
  }
  Checks with_findings() const {
    return checks_that([&](std::size_t i) { return has_findings(measures_[i]); });
  }

  void require_few_rule_errors(std::size_t check, std::int64_t limit) {
    const std::int64_t raised = measures_[check].rule_errors;
    if (raised <= limit) return;
    const Rows first = engine_.query(first_rule_error(*sql_, schema_, check));
    const std::string& rule = std::get<RuleFinding>(suite_.checks[check].plan.fails).rule;
    throw Error(ErrorClass::config,
                "rule '" + rule + "' raised on " + group_digits(raised) + " rows, more than " +
                    group_digits(limit) + " (max_rule_errors); the first is " +
                    first.cells[0][0].value_or("?") + ": " + first.cells[0][1].value_or(""));
  }

  void measure_more(const CheckSql::Pass& pass) {
    Rows measured;
    blaming(pass.checks, [&] { measured = engine_.query(pass.select); });
    for (std::size_t check : pass.checks)
      measures_[check].aggregates.insert(measures_[check].aggregates.end(),
                                         measured.cells[0].begin(), measured.cells[0].end());
  }

  void prepare_lookups() {
    sql_.emplace(suite_, relation_, add_lookups());
    blaming(looking_up(), [&] {
      for (const std::string& preparation : sql_->preparations()) engine_.execute(preparation);
    });
  }

  /// Checks of one reference share it.
  CheckSql::Lookups add_lookups() {
    const Checks checks = looking_up();
    const auto memory = key_memory_ / 2 / static_cast<std::int64_t>(checks.size());
    CheckSql::Lookups lookups;
    std::map<std::string, std::optional<std::string>> known;
    for (const std::size_t check : checks) {
      const auto& missing = std::get<MissingReference>(suite_.checks[check].plan.fails);
      if (!missing.type) continue;
      const std::string select = "select " + missing.references[0] + " from " + missing.relation;
      const auto [lookup, is_new] = known.try_emplace(missing.type->sql() + select);
      if (is_new)
        blaming({check},
                [&] { lookup->second = add_value_lookup(engine_, select, *missing.type, memory); });
      if (lookup->second) lookups[check] = *lookup->second;
    }
    return lookups;
  }

  /// Those whose rows are looked through for keys that come more than once before they are grouped:
  /// few rows are grouped sooner.
  std::vector<std::size_t> searched_groupings() const {
    std::vector<std::size_t> searched;
    if (measures_.empty() || measures_[0].rows < kManyRows) return searched;
    for (std::size_t i = 0; i < sql_->groupings().size(); ++i)
      if (sql_->groupings()[i].repeats) searched.push_back(i);
    return searched;
  }

  void find_repeats(const std::vector<std::size_t>& searched) {
    std::vector<KeySearch> searches;
    for (const std::size_t i : searched) {
      const CheckSql::Grouping::Repeats& repeats = *sql_->groupings()[i].repeats;
      KeySearch& search = searches.emplace_back();
      for (const std::string& name : repeats.columns) search.key.push_back(*schema_.find(name));
      search.nulls_are_values = repeats.nulls_are_values;
      search.where = repeats.where;
    }
    auto found =
        find_likely_repeated(engine_, relation_, measures_[0].rows, key_memory_ / 2, searches);
    for (std::size_t i = 0; i < searched.size(); ++i) {
      if (!found[i]) continue;
      const std::string& incomplete = sql_->groupings()[searched[i]].repeats->incomplete;
      const std::string among = is_among_sql(
          engine_, searches[i].key, std::make_shared<const KeyHashes>(std::move(*found[i])));
      can_fail_[searched[i]] = incomplete.empty() ? among : "(" + among + " or " + incomplete + ")";
    }
  }

  /// Many rows are asked whether they have one of the few keys.
  void look_up_keys(std::size_t index) {
    const CheckSql::Grouping& grouping = sql_->groupings()[index];
    std::vector<Column> key;
    std::vector<std::string> selected;
    for (const std::string& name : grouping.repeats->columns) {
      key.push_back(*schema_.find(name));
      selected.push_back(key_names(key.size()).back() + "::" + key.back().type.sql());
    }
    const auto memory = key_memory_ / 2 / static_cast<std::int64_t>(sql_->groupings().size());
    const auto call = add_key_lookup(
        engine_, "select " + join(selected, ", ") + " from " + grouping.table, key, memory);
    if (call) sql_->look_up_keys(index, *call);
  }

  void count_keys(std::size_t index) {
    const CheckSql::Grouping& grouping = sql_->groupings()[index];
    const auto narrowed = can_fail_.find(index);
    Rows counts;
    blaming(grouping.checks, [&] {
      engine_.execute(grouping.create(narrowed == can_fail_.end() ? "true" : narrowed->second));
      counts = engine_.query(grouping.count);
    });
    if (narrowed != can_fail_.end() && counts.integer(0, 0) > 0) look_up_keys(index);
    for (std::size_t check : grouping.checks) {
      measures_[check].failed_keys = counts.integer(0, 0);
      measures_[check].rows_failed = counts.integer(0, 1);
      measures_[check].rows_checked -= counts.integer(0, 2);
      measures_[check].missing = counts.integer(0, 3);
    }
  }

  void sum_amounts(std::size_t check) {
    CheckMeasures& measures = measures_[check];
    if (!suite_.checks[check].amount || measures.rows_failed == 0) return;
    const int scale = suite_.checks[check].amount->scale;
    Rows sums;
    blaming({check}, [&] { sums = engine_.query(sql_->amounts(check)); });
    measures.failed_amount = parse_decimal(sums.text(0, 0), kSumDigits, scale, true).value;
    measures.checked_amount = parse_decimal(sums.text(0, 1), kSumDigits, scale, true).value;
    measures.failed_without_amount = sums.integer(0, 2);
  }

  static bool has_findings(const CheckMeasures& measures) {
    return measures.rows_failed > 0 || measures.rows_warned > 0 || measures.missing > 0;
  }

  void keep_failing(SuiteOutcome& outcome) {
    std::vector<bool> failed;
    for (const CheckMeasures& measures : measures_) failed.push_back(has_findings(measures));
    const FindingsSql kept(*sql_, schema_, failed);
    engine_.execute(kept.keep());
    count_classes(kept, failed, outcome);
    for (std::size_t i = 0; i < failed.size(); ++i) {
      if (!failed[i]) continue;
      outcome.findings +=
          measures_[i].rows_failed + measures_[i].rows_warned + measures_[i].missing;
    }
    add_top_values(kept, outcome);
    outcome.findings_select = kept.findings();
    if (outcome.rows_rejected == 0) return;
    outcome.rejects_select = kept.rejects();
    outcome.rest_select = kept.rest();
  }

  /// The rows kept must be the rows counted: both scans asked the same questions of the same rows.
  void count_classes(const FindingsSql& kept, const std::vector<bool>& failed,
                     SuiteOutcome& outcome) {
    const Rows counts = engine_.query(kept.count());
    outcome.rows_rejected = counts.integer(0, 1);
    outcome.rows_failed = counts.integer(0, 2);
    outcome.rows_warned = counts.integer(0, 0) - outcome.rows_rejected - outcome.rows_failed;
    std::size_t column = 3;
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

  void add_top_values(const FindingsSql& kept, SuiteOutcome& outcome) {
    const std::string select = kept.top_values(kTopValues);
    if (select.empty()) return;
    const Rows rows = engine_.query(select);
    for (std::size_t row = 0; row < rows.cells.size(); ++row)
      outcome.checks[static_cast<std::size_t>(rows.integer(row, 0))].top_values.push_back(
          {rows.cells[row][1].value_or("null"), rows.integer(row, 2)});
  }

  Engine& engine_;
  const PlannedSuite& suite_;
  const std::string& relation_;
  const Schema& schema_;
  std::int64_t key_memory_;
  std::optional<CheckSql> sql_;
  std::vector<CheckMeasures> measures_;
  std::map<std::size_t, std::string> can_fail_;  ///< by grouping: which rows need to be grouped
  std::vector<PassCost> costs_;
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
                       const Schema& schema, std::int64_t max_rule_errors,
                       std::int64_t key_memory) {
  return SuiteRun(engine, suite, relation, schema, key_memory).run(max_rule_errors);
}

}  // namespace tallymill
