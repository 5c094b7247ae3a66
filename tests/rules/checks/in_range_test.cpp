#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kAmount{{"amount", Type::money(2)}};

}  // namespace

TEST_CASE("in_range: both ends belong to the range, null is not applicable") {
  CheckFixture data(kAmount, "values (0.00), (100.00), (100.01), (-0.01), (null)");
  const CheckResult result = data.run_one("- in_range: { column: amount, min: 0, max: 100 }");
  CHECK(result.rows_checked == 4);
  CHECK(result.rows_failed == 2);
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message ==
        "in_range(amount): 2 of 4 rows failed; expected at least 0.00 and at most 100.00");
}

TEST_CASE("in_range: above and below leave their end out") {
  CheckFixture data(kAmount, "values (0.00), (0.01), (99.99), (100.00)");
  const CheckResult result = data.run_one("- in_range: { column: amount, above: 0, below: 100 }");
  CHECK(result.rows_failed == 2);
  CHECK(result.expected == "more than 0.00 and less than 100.00");
}

TEST_CASE("in_range: compares beyond what a double holds") {
  CheckFixture data({{"n", Type::integer()}}, "values (9007199254740993), (9007199254740992)");
  CHECK(data.run_one("- in_range: { column: n, min: 9007199254740993 }").rows_failed == 1);
}

TEST_CASE("in_range: dates and timestamps have ranges") {
  CheckFixture data({{"day", Type::date()}, {"at", Type::timestamp()}},
                    "values (date '2026-01-31', timestamp '2026-01-31 08:00:00'), "
                    "(date '2026-02-01', timestamp '2026-01-31 08:00:01')");
  const SuiteOutcome outcome = data.run(
      "- in_range: { column: day, max: 2026-01-31 }\n"
      "- in_range: { column: at, max: \"2026-01-31T08:00:00Z\" }\n");
  CHECK(outcome.checks[0].rows_failed == 1);
  CHECK(outcome.checks[1].rows_failed == 1);
}

TEST_CASE("in_range: an end that is finer than the column is refused, not rounded") {
  CheckFixture data(kAmount, "values (0.00)");
  CHECK(data.problems_of("- in_range: { column: amount, min: 0.005 }") ==
        "t.yaml:1:36: error: option 'min' must be a value of column 'amount', which is money; got "
        "'0.005' (surplus_fraction_digits)\n");
}

TEST_CASE("in_range: without an end, or with two for one side, it is refused") {
  CheckFixture none(kAmount, "values (0.00)");
  CHECK(none.problems_of("- in_range: { column: amount }") ==
        "t.yaml:1:23: error: check 'in_range' has no end to compare with; give at least one of "
        "min, above, max, below\n");
  CheckFixture two(kAmount, "values (0.00)");
  CHECK(two.problems_of("- in_range: { column: amount, min: 0, above: 0 }") ==
        "t.yaml:1:46: error: 'min' and 'above' are both the lower end of the range; keep one\n");
}

TEST_CASE("in_range: text has no range") {
  CheckFixture data({{"name", Type::text()}}, "values ('a')");
  CHECK(data.problems_of("- in_range: { column: name, min: 1 }") ==
        "t.yaml:1:23: error: column 'name' is text, which has no range; in_range takes numbers, "
        "dates and timestamps; use in_set, length or matches for text\n");
}

TEST_CASE("in_range: a range that holds no value is refused") {
  CheckFixture data(kAmount, "values (0.00)");
  CHECK(data.problems_of("- in_range: { column: amount, min: 5, max: 4.99 }") ==
        "t.yaml:1:44: error: no value lies between 'min' and 'max'; swap them?\n");
  CheckFixture open(kAmount, "values (0.00)");
  CHECK(open.problems_of("- in_range: { column: amount, above: 5, below: 5 }") ==
        "t.yaml:1:48: error: no value lies between 'above' and 'below'; swap them?\n");
}
