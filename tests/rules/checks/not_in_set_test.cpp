#include "../check_fixture.h"

using namespace tallymill;

TEST_CASE("not_in_set: a listed value fails, null is not applicable") {
  CheckFixture data({{"s", Type::text()}}, "values ('test'), ('Test'), ('x'), (null)");
  const CheckResult result = data.run_one("- not_in_set: { column: s, values: [test, dummy] }");
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message == "not_in_set(s): 1 of 3 rows failed; expected none of 'test', 'dummy'");
}

TEST_CASE("not_in_set: values are read by the column's type") {
  CheckFixture data({{"n", Type::money(2)}}, "values (1.50), (2.00)");
  CHECK(data.run_one("- not_in_set: { column: n, values: [1.5] }").rows_failed == 1);
  CheckFixture bad({{"n", Type::money(2)}}, "values (1.50)");
  CHECK(bad.problems_of("- not_in_set: { column: n, values: [x] }") ==
        "t.yaml:1:37: error: an element of 'values' must be a value of column 'n', which is money; "
        "got 'x' (not_a_number)\n");
}

TEST_CASE("not_in_set: a dataset without rows is not applicable") {
  CheckFixture data({{"s", Type::text()}}, "select 'x' where false");
  CHECK(data.run_one("- not_in_set: { column: s, values: [x] }").verdict ==
        CheckVerdict::not_applicable);
}

TEST_CASE("not_in_set: contradicts in_set where nothing is left") {
  CheckFixture data({{"s", Type::text()}}, "values ('a')");
  CHECK(data.problems_of("- in_set: { column: s, values: [a] }\n"
                         "- not_in_set: { column: s, values: [a, b] }\n") ==
        "t.yaml:2:3: error: no value of column 's' can pass both 'not_in_set(s)' and 'in_set(s)' "
        "(line 1); change one, or say with `where` which rows it is about\n");
}
