#include "../check_fixture.h"

using namespace tallymill;

TEST_CASE("not_empty: null, no characters and blanks of all kinds fail") {
  CheckFixture data({{"t", Type::text()}},
                    "values (null), (''), ('  '), (chr(12288) || chr(160) || chr(9)), "
                    "(chr(8203)), (' a '), ('0')");
  const CheckResult result = data.run_one("- not_empty: t");
  CHECK(result.message == "not_empty(t): 5 of 7 rows failed; expected a text that is not blank");
}

TEST_CASE("not_empty: texts that stand for nothing fail in any case, with blanks around") {
  CheckFixture data({{"t", Type::text()}}, "values ('N/A'), (' n/a '), ('-'), ('n/a?'), ('无')");
  const SuiteOutcome outcome = data.run("- not_empty: { column: t, missing: [N/A, \"-\", 无] }");
  CHECK(outcome.checks[0].rows_failed == 4);
  CHECK(data.findings(outcome, "_message")[3] ==
        "t is '无'; expected a text that is not blank and none of 'N/A', '-', '无'");
}

TEST_CASE("not_empty: a dataset without rows is not applicable") {
  CheckFixture data({{"t", Type::text()}}, "select 'x' where false");
  CHECK(data.run_one("- not_empty: t").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("not_empty: takes text only") {
  CheckFixture data({{"n", Type::integer()}}, "values (1)");
  CHECK(data.problems_of("- not_empty: n") ==
        "t.yaml:1:14: error: column 'n' is integer; not_empty takes text; use not_null\n");
}
