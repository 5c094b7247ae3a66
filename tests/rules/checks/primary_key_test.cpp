#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kKey{{"k", Type::text()}, {"n", Type::integer()}};

}  // namespace

TEST_CASE("primary_key: repeated and incomplete keys fail, every row of them") {
  CheckFixture data(kKey, "values ('a', 1), ('a', 2), ('a', 1), (null, 1), ('b', null)");
  const SuiteOutcome outcome = data.run("- primary_key: [k, n]");
  CHECK(outcome.checks[0].message ==
        "primary_key(k, n): 4 of 5 rows failed (3 keys); expected a complete key that no other row "
        "has");
  CHECK(data.findings(outcome, "k, n") ==
        std::vector<std::string>{"a | 1", "a | 1", "b | null", "null | 1"});
}

TEST_CASE("primary_key: a column named like our own helper columns is judged all the same") {
  CheckFixture data({{"n", Type::integer()}, {"fails", Type::text()}},
                    "values (1, 'x'), (1, 'x'), (2, null), (3, 'y')");
  CHECK(data.run_one("- primary_key: [n, fails]").rows_failed == 3);
}

TEST_CASE("primary_key: tolerances count rows") {
  CheckFixture data(kKey, "values ('a', 1), ('a', 1), ('b', 1)");
  CHECK(data.run_one("- primary_key: { columns: [k, n], max_failed: 2 }").verdict ==
        CheckVerdict::pass);
}

TEST_CASE("primary_key: a dataset without rows is not applicable") {
  CheckFixture data(kKey, "select 'x', 1 where false");
  CHECK(data.run_one("- primary_key: k").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("primary_key: an unknown column is reported") {
  CheckFixture data(kKey, "values ('a', 1)");
  CHECK(data.problems_of("- primary_key: [k, m]") ==
        "t.yaml:1:16: error: the dataset has no column 'm'; its columns are k, n\n");
}

TEST_CASE("primary_key: of many rows, repeated and incomplete keys are found as of few") {
  CheckFixture data({{"id", Type::integer()}, {"org", Type::text()}},
                    "select case when i = 7 then 8 else i end, "
                    "case when i in (9, 10) then null else 'C' end from range(60000) t(i)");
  const SuiteOutcome outcome = data.run("- primary_key: [id, org]");
  CHECK(outcome.checks[0].rows_failed == 4);
  CHECK(data.findings(outcome, "id, org") ==
        std::vector<std::string>{"10 | null", "8 | C", "8 | C", "9 | null"});
}
