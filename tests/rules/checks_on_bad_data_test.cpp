// Whatever is in a dataset, or is not in it, a check comes to a verdict.
#include "check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kColumns{
    {"g", Type::text()},       {"s", Type::text()},   {"n", Type::integer()},
    {"k", Type::integer()},    {"m", Type::money(2)}, {"q", Type::decimal(18, 4)},
    {"r", Type::ratio()},      {"d", Type::date()},   {"e", Type::date()},
    {"ts", Type::timestamp()}, {"b", Type::boolean()}};

/// Every check that needs no other dataset, of every column that it takes.
std::string every_check() {
  std::string yaml;
  int number = 0;
  const auto add = [&](const std::string& check, const std::string& options) {
    yaml += "- " + check + ": { " + options + ", name: c" + std::to_string(++number) + " }\n";
  };
  for (const std::string column : {"n", "k", "m", "q", "r"}) {
    for (const std::string function :
         {"sum", "mean", "median", "stdev", "skewness", "kurtosis", "range", "min", "max"})
      for (const std::string by : {"", ", by: [g]"})
        add("aggregate", "function: " + function + ", column: " + column + ", min: 0" + by);
    add("aggregate", "function: quantile, quantile: 0.25, column: " + column + ", max: 5");
    for (const std::string method : {"iqr", "mad", "z"})
      for (const std::string within : {"", ", within: [g]"})
        add("outliers", "method: " + method + ", min_rows: 3, column: " + column + within);
    for (const std::string method : {"pearson", "spearman", "cramers_v", "mutual_information"})
      add("correlation", "column: " + column + ", with: k, max: 0.5, method: " + method);
    for (const std::string method : {"mad", "chi_square"})
      add("benford", "min_rows: 1, digits: first_two, column: " + column + ", method: " + method);
    add("in_range", "column: " + column + ", above: -3, max: 1");
    add("ordered", "column: " + column + ", by: [s], within: [g], strictly: true");
  }
  for (const std::string column : {"s", "n", "m", "r", "d", "ts", "b"}) {
    for (const std::string function :
         {"count", "distinct_count", "distinct_ratio", "unique_ratio", "entropy"})
      add("aggregate", "function: " + function + ", column: " + column + ", min: 1, by: [g, d]");
    add("not_null", "column: " + column);
    add("unique", "nulls: compare, columns: [g, " + column + "]");
    add("functional_dependency", "determinant: [g], dependent: [" + column + "]");
  }
  for (const std::string gaps : {"allowed", "forbidden", "required"}) {
    add("intervals", "begins: d, ends: e, within: [g], gaps: " + gaps);
    add("intervals", "begins: n, ends: k, gaps: " + gaps);
  }
  for (const std::string step : {"day", "week", "month", "quarter", "year"})
    add("no_gaps", "column: d, within: [g], step: " + step);
  add("no_gaps", "column: n");
  add("denial", "same: g, pairs: [n < other.n, m > other.m]");
  add("denial", "pairs: [d < other.d, ts > other.ts]");
  add("duplicate_rows", "ignore: [b]");
  add("consistent_casing", "column: s");
  add("distinct_set", "column: s, contains: [A]");
  add("sums_to", "columns: [m, n], equals: q");
  add("sum_equals", "column: m, equals: 0");
  add("timeliness", "from: d, to: e, min: 1h");
  add("unique_within_row", "columns: [g, s]");
  add("workflow", "state: s, entity: g, by: ts, start: A, moves: { A: [B], B: [A] }");
  for (const std::string check : {"json", "xml", "not_empty"}) add(check, "column: s");
  add("like", "column: s, pattern: \"%_\", ignore_case: true");
  add("length", "column: s, min: 1, max: 3");
  add("matches", "column: s, pattern: \"[A-Z]+\"");
  add("primary_key", "columns: [g, s]");
  return yaml;
}

SuiteOutcome outcome_of(const std::string& rows) {
  CheckFixture data(kColumns, rows);
  return data.run(every_check());
}

}  // namespace

TEST_CASE("bad data: of no rows, and of nothing but nulls, every check comes to a verdict") {
  const std::string nulls =
      "select null, null, null, null, null, null, null, null, null, null, null";
  const SuiteOutcome none = outcome_of(nulls + " where false");
  CHECK(none.rows == 0);
  const SuiteOutcome empty = outcome_of(nulls + " from range(20)");
  CHECK(empty.rows == 20);
  for (std::size_t i = 0; i < none.checks.size(); ++i) {
    CAPTURE(none.checks[i].message);
    CHECK(none.checks[i].rows_failed == 0);
    CHECK(none.checks[i].rows_checked == 0);
  }
}

TEST_CASE("bad data: amounts far below zero, and values at the ends of their types") {
  const SuiteOutcome below = outcome_of(
      "select 'g' || i % 3, 'A', -100000 * i, -i, -100.00 * i, -0.5 * i, -0.25 * i, date "
      "'2026-01-01' + i::integer, date '2026-01-01' + i::integer, timestamp '2026-01-01', true "
      "from "
      "range(1, 50) t(i)");
  CHECK(below.rows == 49);
  const SuiteOutcome ends = outcome_of(
      "select '', case when i % 2 = 0 then 'é' else '𠮷😀' end, case when i % 2 = 0 then "
      "9223372036854775807 else -9223372036854775807 - 1 end, i, case when i % 3 = 0 then "
      "9999999999999999.99 else -9999999999999999.99 end, case when i % 5 = 0 then "
      "99999999999999.9999 else -99999999999999.9999 end, case when i % 2 = 0 then "
      "999999999.999999999 else -999999999.999999999 end, case when i % 2 = 0 then date "
      "'0001-01-01' else date '9999-12-31' end, date '9999-12-31', case when i % 2 = 0 then "
      "timestamp '0001-01-01' else timestamp '9999-12-31 23:59:59.999999' end, null from "
      "range(40) t(i)");
  CHECK(ends.rows == 40);
}
