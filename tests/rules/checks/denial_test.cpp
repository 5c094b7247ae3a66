#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kTax{
    {"state", Type::text()}, {"salary", Type::money(2)}, {"rate", Type::integer()}};
const char* const kYaml =
    "- denial: { same: state, pairs: [salary > other.salary, rate < other.rate] }";

}  // namespace

TEST_CASE("denial: both rows of a forbidden pair fail") {
  CheckFixture data(kTax,
                    "values ('a', 10, 1), ('a', 20, 2), ('a', 30, 1), ('b', 30, 0), (null, 1, 9)");
  const SuiteOutcome outcome = data.run(kYaml);
  CHECK(outcome.checks[0].rows_not_applicable == 1);
  CHECK(outcome.checks[0].message ==
        "denial(state): 2 of 4 rows failed; expected no other row of the same state with salary > "
        "other.salary and rate < other.rate");
  CHECK(data.findings(outcome, "salary") == std::vector<std::string>{"20.00", "30.00"});
}

TEST_CASE("denial: a row is no pair with itself, two equal rows are one") {
  CheckFixture data(kTax, "values ('a', 10, 1), ('b', 10, 1), ('b', 10, 1)");
  CHECK(data.run_one("- denial: { same: state, pairs: salary = other.salary }").rows_failed == 2);
}

TEST_CASE("denial: without `same` every two rows are compared") {
  CheckFixture data(kTax, "values ('a', 10, 1), ('b', 20, 0)");
  CHECK(
      data.run_one("- denial: { pairs: [salary > other.salary, rate < other.rate] }").rows_failed ==
      2);
}

TEST_CASE("denial: a dataset without rows is not applicable") {
  CheckFixture data(kTax, "select 'x', 1, 1 where false");
  CHECK(data.run_one(kYaml).verdict == CheckVerdict::not_applicable);
}

TEST_CASE("denial: what compares no two rows is refused") {
  CheckFixture data(kTax, "values ('a', 10, 1)");
  CHECK(data.problems_of("- denial: { same: state, pairs: salary > rate }\n"
                         "- denial: { pairs: state < other.rate }\n"
                         "- denial: { pairs: wage < other.rate }\n") ==
        "t.yaml:1:33: error: 'salary > rate' does not compare two rows; write: column > "
        "other.column\n"
        "t.yaml:2:20: error: column 'state' is text but 'rate' is integer; they cannot be "
        "compared\n"
        "t.yaml:3:20: error: the dataset has no column 'wage'; its columns are state, salary, "
        "rate\n");
}
