#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kCost{{"org", Type::text()}, {"amount", Type::money(2)}};
const std::vector<Column> kLedger{
    {"org", Type::text()}, {"total", Type::decimal(18, 4)}, {"note", Type::text()}};
const char* const kRows = "values ('a', 10.00), ('a', 5.00), ('b', 7.00), (null, 1.00)";

}  // namespace

TEST_CASE("aggregate_matches: two totals agree to the finer scale") {
  CheckFixture data(kCost, kRows);
  data.add_reference("ledger", kLedger, "values ('a', 23.0000, ''), ('b', 0.0001, '')");
  const SuiteOutcome outcome = data.run(
      "- aggregate_matches: { column: amount, function: sum, like: ledger.total }\n"
      "- aggregate_matches: { column: amount, function: sum, like: ledger.total, tolerance: "
      "0.0001, name: near }\n"
      "- aggregate_matches: { column: amount, function: count, like: ledger.total, name: rows }\n");
  CHECK(outcome.checks[0].message ==
        "aggregate_matches(amount): sum 23.0000 against 23.0001; expected sum of amount as of "
        "ledger.total");
  CHECK(outcome.checks[0].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[1].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[2].observed == "count 4 against 2");
}

TEST_CASE("aggregate_matches: a share of the other's value may differ") {
  CheckFixture data(kCost, "values ('a', 90.00)");
  data.add_reference("ledger", kLedger, "values ('a', 100, '')");
  const SuiteOutcome outcome = data.run(
      "- aggregate_matches: { column: amount, function: max, like: ledger.total, tolerance_ratio: "
      "0.1, name: just }\n"
      "- aggregate_matches: { column: amount, function: max, like: ledger.total, tolerance_ratio: "
      "0.099999, name: over }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[1].verdict == CheckVerdict::fail);
}

TEST_CASE("aggregate_matches: by group, rows of groups that differ or are missing there fail") {
  CheckFixture data(kCost, kRows);
  data.add_reference("ledger", kLedger, "values ('a', 15, ''), ('b', 7.01, ''), ('z', 1, '')");
  const SuiteOutcome outcome = data.run(
      "- aggregate_matches: { column: amount, function: sum, like: ledger.total, by: org }");
  CHECK(outcome.checks[0].message ==
        "aggregate_matches(amount): 2 of 4 rows failed (2 groups), 1 group of ledger missing here; "
        "expected sum of amount as of ledger.total in each group of org");
  CHECK(data.findings(outcome, "org, amount, _code") ==
        std::vector<std::string>{"b | 7.00 | aggregate_matches", "null | 1.00 | aggregate_matches",
                                 "z | null | missing_here"});
}

TEST_CASE("aggregate_matches: a group that is only there fails although no row here does") {
  for (const char* tolerance : {"", ", max_failed: 5", ", max_ratio: 1"}) {
    CAPTURE(tolerance);
    CheckFixture data(kCost, "values ('a', 15.00)");
    data.add_reference("ledger", kLedger, "values ('a', 15, ''), (null, 1, '')");
    const CheckResult result = data.run_one(
        "- aggregate_matches: { column: amount, function: sum, like: ledger.total, by: org" +
        std::string(tolerance) + " }");
    CHECK(result.verdict == CheckVerdict::fail);
    CHECK(result.observed == "0 of 1 row failed, 1 group of ledger missing here");
  }
}

TEST_CASE("aggregate_matches: a tolerance holds for each group") {
  CheckFixture data(kCost, kRows);
  data.add_reference("ledger", kLedger, "values ('a', 15.5, ''), ('b', 7.51, ''), (null, 1, '')");
  CHECK(data.run_one("- aggregate_matches: { column: amount, function: sum, like: ledger.total, "
                     "by: org, tolerance: 0.5 }")
            .rows_failed == 1);
}

TEST_CASE("aggregate_matches: without a row it is not applicable") {
  CheckFixture data(kCost, "select 'a', 1 where false");
  data.add_reference("ledger", kLedger, "values ('a', 1, '')");
  CHECK(data.run_one("- aggregate_matches: { column: amount, function: sum, like: ledger.total }")
            .verdict == CheckVerdict::not_applicable);
}

TEST_CASE("aggregate_matches: what has no such statistic or group is refused") {
  CheckFixture data(kCost, kRows);
  data.add_reference("ledger", kLedger, "values ('a', 1, '')");
  CHECK(data.problems_of(
            "- aggregate_matches: { column: amount, function: sum, like: ledger.note, name: a }\n"
            "- aggregate_matches: { column: amount, function: sum, like: total, name: b }\n"
            "- aggregate_matches: { column: org, function: count, like: ledger.note, by: amount, "
            "name: c }\n") ==
        "t.yaml:1:61: error: column 'note' is text, which has no sum to compare\n"
        "t.yaml:2:61: error: 'total' does not name a dataset and a column; write like: "
        "ledger.amount\n"
        "t.yaml:3:77: error: dataset 'ledger' has no column 'amount'; its columns are org, total, "
        "note\n");
}
