#include "../check_fixture.h"

using namespace tallymill;

TEST_CASE("is_null: a value fails, null passes, empty text is a value") {
  CheckFixture data({{"ended", Type::text()}}, "values ('x'), (''), (null)");
  const CheckResult result = data.run_one("- is_null: ended");
  CHECK(result.rows_checked == 3);
  CHECK(result.message == "is_null(ended): 2 of 3 rows failed; expected no value");
}

TEST_CASE("is_null: of several columns none may have a value") {
  CheckFixture data({{"a", Type::text()}, {"b", Type::integer()}},
                    "values (null, null), ('x', null), (null, 1)");
  CHECK(data.run_one("- is_null: [a, b]").rows_failed == 2);
}

TEST_CASE("is_null: a dataset without rows is not applicable") {
  CheckFixture data({{"a", Type::text()}}, "select 'x' where false");
  CHECK(data.run_one("- is_null: a").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("is_null: contradicts not_null of the same column, and an unknown column is reported") {
  CheckFixture data({{"a", Type::text()}}, "values ('x')");
  CHECK(data.problems_of("- not_null: a\n- is_null: a\n") ==
        "t.yaml:2:3: error: no value of column 'a' can pass both 'is_null(a)' and 'not_null(a)' "
        "(line 1); change one, or say with `where` which rows it is about\n");
  CheckFixture unknown({{"ended", Type::text()}}, "values ('x')");
  CHECK(unknown.problems_of("- is_null: endet") ==
        "t.yaml:1:12: error: the dataset has no column 'endet'; did you mean 'ended'?\n");
}
