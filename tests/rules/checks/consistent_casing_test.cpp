#include "../check_fixture.h"

using namespace tallymill;

TEST_CASE("consistent_casing: rows of all spellings of one text fail, once each") {
  CheckFixture data({{"city", Type::text()}},
                    "values ('Hangzhou'), ('HANGZHOU'), ('Hangzhou'), ('Ningbo'), (null)");
  const SuiteOutcome outcome = data.run("- consistent_casing: city");
  CHECK(outcome.checks[0].rows_not_applicable == 1);
  CHECK(outcome.checks[0].message ==
        "consistent_casing(city): 3 of 4 rows failed (2 spellings); expected one spelling of upper "
        "and lower case for each text");
  CHECK(data.findings(outcome, "city") ==
        std::vector<std::string>{"HANGZHOU", "Hangzhou", "Hangzhou"});
}

TEST_CASE("consistent_casing: rows outside `where` neither fail nor make others fail") {
  CheckFixture data({{"city", Type::text()}, {"n", Type::integer()}},
                    "values ('Hangzhou', 1), ('HANGZHOU', 2)");
  CHECK(data.run_one("- consistent_casing: { column: city, where: n = 1 }").rows_failed == 0);
}

TEST_CASE("consistent_casing: a dataset without rows is not applicable") {
  CheckFixture data({{"city", Type::text()}}, "select 'x' where false");
  CHECK(data.run_one("- consistent_casing: city").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("consistent_casing: takes text") {
  CheckFixture data({{"n", Type::integer()}}, "values (1)");
  CHECK(data.problems_of("- consistent_casing: n") ==
        "t.yaml:1:22: error: column 'n' is integer; consistent_casing takes text\n");
}
