#include "../check_fixture.h"

using namespace tallymill;

TEST_CASE("not_matches: a part that matches is enough to fail; null is not applicable") {
  CheckFixture data({{"t", Type::text()}}, "values ('abc'), ('a1c'), ('...'), (null)");
  const CheckResult result = data.run_one("- not_matches: { column: t, pattern: \"[0-9]\" }");
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message == "not_matches(t): 1 of 3 rows failed; expected text without [0-9]");
}

TEST_CASE("not_matches: of several patterns none may match") {
  CheckFixture data({{"t", Type::text()}}, "values ('abc'), ('a1c'), ('a?')");
  CHECK(data.run_one("- not_matches: { column: t, pattern: [\"[0-9]\", \"[?]\"] }").rows_failed ==
        2);
}

TEST_CASE("not_matches: a dataset without rows is not applicable") {
  CheckFixture data({{"t", Type::text()}}, "select 'x' where false");
  CHECK(data.run_one("- not_matches: { column: t, pattern: x }").verdict ==
        CheckVerdict::not_applicable);
}

TEST_CASE("not_matches: a pattern that does not compile, and a column of numbers, are refused") {
  CheckFixture data({{"t", Type::text()}, {"n", Type::integer()}}, "values ('a', 1)");
  CHECK(data.problems_of("- not_matches: { column: t, pattern: \"[0-9\" }\n"
                         "- not_matches: { column: n, pattern: x }\n") ==
        "t.yaml:1:38: error: '[0-9' is no regular expression; RE2 syntax: no look-ahead, no back "
        "references\n"
        "t.yaml:2:26: error: column 'n' is integer; not_matches takes text; use in_range for "
        "numbers and dates\n");
}
