#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kColumns{{"n", Type::integer()}};

}  // namespace

TEST_CASE("row_count: an empty dataset is judged, not passed over") {
  CheckFixture data(kColumns, "select 1 where false");
  const CheckResult result = data.run_one("- row_count: { min: 1 }");
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.message == "row_count: 0 rows; expected at least 1 rows");
}

TEST_CASE("row_count: limits include their ends") {
  CheckFixture data(kColumns, "values (1), (2), (3)");
  const SuiteOutcome outcome = data.run(
      "- row_count: 3\n"
      "- row_count: { min: 3, max: 3 }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[1].verdict == CheckVerdict::pass);
  CHECK(data.run_one("- row_count: { min: 4 }").verdict == CheckVerdict::fail);
  const SuiteOutcome low = data.run("- row_count: { max: 2, severity: warn }");
  CHECK(low.failed_checks(CheckSeverity::error) == 0);
  CHECK(low.failed_checks(CheckSeverity::warn) == 1);
}

TEST_CASE("row_count: counts the rows that `where` selects") {
  CheckFixture data(kColumns, "values (1), (2), (3)");
  const CheckResult result = data.run_one("- row_count: { equals: 2, where: n > 1 }");
  CHECK(result.verdict == CheckVerdict::pass);
  CHECK(result.rows_checked == 2);
  CHECK(result.rows_not_applicable == 1);
}

TEST_CASE("row_count: has no failing rows, so no tolerance for them") {
  CheckFixture data(kColumns, "values (1)");
  CHECK(data.problems_of("- row_count: { min: 1, max_failed: 1 }") ==
        "t.yaml:1:3: error: 'row_count' judges the dataset as a whole: no single row can fail; "
        "leave out its tolerances\n");
}

TEST_CASE("row_count: limits that nothing meets are refused") {
  CheckFixture none(kColumns, "values (1)");
  CHECK(none.problems_of("- row_count: {}") ==
        "t.yaml:1:14: error: check 'row_count' must have either 'equals', or 'min', 'max' or both; "
        "for example { min: 1 }\n");
  CheckFixture crossed(kColumns, "values (1)");
  CHECK(crossed.problems_of("- row_count: { min: 3, max: 2 }") ==
        "t.yaml:1:29: error: 'max' is less than 'min': no dataset could pass\n");
}

TEST_CASE("row_count: by groups, all rows of a group with too few or too many are kept") {
  CheckFixture data({{"city", Type::text()}, {"n", Type::integer()}},
                    "values ('a', 1), ('a', 2), ('b', 3), (null, 4), (null, 5), (null, 6)");
  const SuiteOutcome outcome = data.run(
      "- row_count: { min: 2, max: 2, by: city }\n"
      "- row_count: { equals: 1, by: [city, n], name: once }\n");
  CHECK(outcome.checks[0].message ==
        "row_count(city): 4 of 6 rows failed (2 groups); expected at least 2 and at most 2 rows in "
        "each group of city");
  CHECK(outcome.checks[1].verdict == CheckVerdict::pass);
  CHECK(data.findings(outcome, "city, n") ==
        std::vector<std::string>{"b | 3", "null | 4", "null | 5", "null | 6"});
}
