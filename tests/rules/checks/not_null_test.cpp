#include "../check_fixture.h"

using namespace tallymill;

TEST_CASE("not_null: a missing cell fails, empty text is a value") {
  CheckFixture data({{"user_id", Type::text()}}, "values ('u1'), (null), (''), (null)");
  const CheckResult result = data.run_one("- not_null: user_id");
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.rows_checked == 4);
  CHECK(result.rows_failed == 2);
  CHECK(result.rows_not_applicable == 0);
  CHECK(result.ratio == "0.5");
  CHECK(result.message == "not_null(user_id): 2 of 4 rows failed; expected a value");
}

TEST_CASE("not_null: of several columns each must have a value") {
  CheckFixture data({{"a", Type::text()}, {"b", Type::integer()}},
                    "values ('x', 1), (null, 2), ('y', null), (null, null)");
  CHECK(data.run_one("- not_null: [a, b]").rows_failed == 3);
}

TEST_CASE("not_null: a dataset without rows is not applicable") {
  CheckFixture data({{"user_id", Type::text()}}, "select 'x' where false");
  const CheckResult result = data.run_one("- not_null: user_id");
  CHECK(result.verdict == CheckVerdict::not_applicable);
  CHECK(result.ratio.empty());
  CHECK(result.message ==
        "not_null(user_id): no row to judge, 0 rows not applicable; expected a value");
}

TEST_CASE("not_null: each failing row is a finding that says what was expected") {
  CheckFixture data({{"user_id", Type::text()}, {"amount", Type::money(2)}},
                    "values ('u1', 1.00, 'a.csv', 2), (null, 2.00, 'a.csv', 3)", true);
  const SuiteOutcome outcome = data.run("- not_null: user_id");
  CHECK(data.findings(outcome, "amount, _source, _line, _check, _severity, _code, _message") ==
        std::vector<std::string>{
            "2.00 | a.csv | 3 | not_null(user_id) | error | not_null | user_id is null; expected a "
            "value"});
}

TEST_CASE("not_null: a misspelt option is reported where it was written") {
  CheckFixture data({{"user_id", Type::text()}}, "values ('u1')");
  CHECK(data.problems_of("- not_null:\n    colum: user_id\n    column: user_id\n") ==
        "t.yaml:2:5: error: unknown option 'colum' for check 'not_null'; did you mean 'column'?\n");
}

TEST_CASE("not_null: a column the dataset lacks is reported with the nearest one") {
  CheckFixture data({{"user_id", Type::text()}}, "values ('u1')");
  CHECK(data.problems_of("- not_null: user_ids") ==
        "t.yaml:1:13: error: the dataset has no column 'user_ids'; did you mean 'user_id'?\n");
}
