#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kAmount{{"amount", Type::money(2)}};

}  // namespace

TEST_CASE("sum_equals: adds up to the minor unit") {
  CheckFixture data(kAmount, "values (0.10), (0.20), (null)");
  const SuiteOutcome outcome = data.run(
      "- sum_equals: { column: amount, equals: \"0.30\" }\n"
      "- sum_equals: { column: amount, equals: 0.31 }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[0].rows_checked == 2);
  CHECK(outcome.checks[0].rows_not_applicable == 1);
  CHECK(outcome.checks[1].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[1].message == "sum_equals(amount) #2: sum 0.30; expected 0.31");
}

TEST_CASE("sum_equals: sums beyond 64 bits stay exact") {
  CheckFixture data({{"n", Type::integer()}},
                    "select 9223372036854775807 from range(3) union all select 1");
  CHECK(data.run_one("- sum_equals: { column: n, equals: 27670116110564327422 }").verdict ==
        CheckVerdict::pass);
}

TEST_CASE("sum_equals: a difference within the tolerance passes") {
  CheckFixture data(kAmount, "values (10.00)");
  const SuiteOutcome outcome = data.run(
      "- sum_equals: { column: amount, equals: 10.05, tolerance: 0.05 }\n"
      "- sum_equals: { column: amount, equals: 10.06, tolerance: 0.05 }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[1].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[1].expected == "10.06 within 0.05");
}

TEST_CASE("sum_equals: compares with the sum of another dataset, at the finer scale") {
  CheckFixture data(kAmount, "values (10.00), (2.50)");
  data.add_reference("ledger", {{"total", Type::decimal(18, 4)}}, "values (12.5000), (0.0001)");
  const CheckResult result = data.run_one("- sum_equals: { column: amount, equals: ledger.total }");
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.message ==
        "sum_equals(amount): sum 12.5000; expected 12.5001, the sum of ledger.total");
}

TEST_CASE("sum_equals: no rows against an amount is a failure, against nothing no answer") {
  CheckFixture data(kAmount, "select 1.00 where false");
  const SuiteOutcome outcome = data.run(
      "- sum_equals: { column: amount, equals: 12.00 }\n"
      "- sum_equals: { column: amount, equals: 0 }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[1].verdict == CheckVerdict::not_applicable);
}

TEST_CASE("sum_equals: adds up only the rows that `where` selects") {
  CheckFixture data({{"amount", Type::money(2)}, {"kind", Type::text()}},
                    "values (1.00, 'a'), (2.00, 'b')");
  CHECK(data.run_one("- sum_equals: { column: amount, equals: 2.00, where: kind = 'b' }").verdict ==
        CheckVerdict::pass);
}

TEST_CASE("sum_equals: an amount finer than the column is refused, not rounded") {
  CheckFixture data(kAmount, "values (1.00)");
  CHECK(data.problems_of("- sum_equals: { column: amount, equals: 1.005 }") ==
        "t.yaml:1:41: error: option 'equals' must be a number with at most 2 fraction digits, as "
        "column 'amount' has; got '1.005' (surplus_fraction_digits)\n");
}

TEST_CASE("sum_equals: takes columns that have a sum") {
  CheckFixture data({{"name", Type::text()}}, "values ('a')");
  CHECK(data.problems_of("- sum_equals: { column: name, equals: 1 }") ==
        "t.yaml:1:25: error: column 'name' is text; sum_equals takes integer, money or decimal\n");
}
