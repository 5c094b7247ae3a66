#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kName{{"name", Type::text()}};

}  // namespace

TEST_CASE("length: counts characters, not bytes; empty text has length 0, null is not applicable") {
  CheckFixture data(kName, "values ('营业厅'), ('ab'), (''), ('abcd'), (null)");
  const CheckResult result = data.run_one("- length: { column: name, min: 2, max: 3 }");
  CHECK(result.rows_checked == 4);
  CHECK(result.rows_failed == 2);
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message ==
        "length(name): 2 of 4 rows failed; expected at least 2 and at most 3 characters");
}

TEST_CASE("length: one length may be the only one") {
  CheckFixture data(kName, "values ('abc'), ('ab')");
  CHECK(data.run_one("- length: { column: name, equals: 3 }").expected == "exactly 3 characters");
}

TEST_CASE("length: limits that nothing meets are refused") {
  CheckFixture none(kName, "values ('a')");
  CHECK(
      none.problems_of("- length: { column: name }") ==
      "t.yaml:1:21: error: check 'length' must have either 'equals', or 'min', 'max' or both; for "
      "example { column: name, min: 1, max: 20 }\n");
  CheckFixture crossed(kName, "values ('a')");
  CHECK(crossed.problems_of("- length: { column: name, min: 3, max: 2 }") ==
        "t.yaml:1:40: error: 'max' is less than 'min': no text could pass\n");
  CheckFixture negative(kName, "values ('a')");
  CHECK(negative.problems_of("- length: { column: name, max: -1 }") ==
        "t.yaml:1:32: error: option 'max' must not be negative\n");
}

TEST_CASE("length: takes text only") {
  CheckFixture data({{"n", Type::integer()}}, "values (1)");
  CHECK(
      data.problems_of("- length: { column: n, max: 3 }") ==
      "t.yaml:1:21: error: column 'n' is integer; length takes text; use in_range for numbers and "
      "dates\n");
}
