#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kOrg{{"code", Type::text()}, {"name", Type::text()}};
const char* const kRows =
    "values ('1', 'A'), ('1', 'A'), ('2', 'B'), ('2', 'C'), ('2', null), ('3', null), (null, 'X')";

}  // namespace

TEST_CASE("functional_dependency: all rows of a determinant with two dependents fail") {
  CheckFixture data(kOrg, kRows);
  const SuiteOutcome outcome =
      data.run("- functional_dependency: { determinant: code, dependent: name }");
  CHECK(outcome.checks[0].rows_checked == 4);
  CHECK(outcome.checks[0].message ==
        "functional_dependency(code): 2 of 4 rows failed (1 group); expected code to determine "
        "name");
  CHECK(data.findings(outcome, "code, name") == std::vector<std::string>{"2 | B", "2 | C"});
}

TEST_CASE("functional_dependency: a null may be a value that differs from all others") {
  CheckFixture data(kOrg, "values ('1', 'A'), ('1', null), ('2', null), ('2', null)");
  CHECK(data.run_one("- functional_dependency: { determinant: code, dependent: name, nulls: "
                     "compare }")
            .rows_failed == 2);
}

TEST_CASE("functional_dependency: of several dependents each must be determined") {
  CheckFixture data({{"a", Type::text()}, {"b", Type::integer()}, {"c", Type::integer()}},
                    "values ('x', 1, 1), ('x', 1, 2), ('y', 1, 1), ('y', 1, 1)");
  const SuiteOutcome outcome = data.run(
      "- functional_dependency: { determinant: a, dependent: [b, c] }\n"
      "- functional_dependency: { determinant: [a, c], dependent: b }\n");
  CHECK(outcome.checks[0].rows_failed == 2);
  CHECK(outcome.checks[1].rows_failed == 0);
}

TEST_CASE("functional_dependency: row order does not matter") {
  CheckFixture forth(kOrg, kRows);
  CheckFixture back(kOrg, "select * from (" + std::string(kRows) + ") order by 2 desc, 1 desc");
  const std::string yaml = "- functional_dependency: { determinant: code, dependent: name }";
  CHECK(forth.findings(forth.run(yaml), "code, name, _message") ==
        back.findings(back.run(yaml), "code, name, _message"));
}

TEST_CASE("functional_dependency: a dataset without rows is not applicable") {
  CheckFixture data(kOrg, "select 'x', 'y' where false");
  CHECK(data.run_one("- functional_dependency: { determinant: code, dependent: name }").verdict ==
        CheckVerdict::not_applicable);
}

TEST_CASE("functional_dependency: a column does not determine itself") {
  CheckFixture data(kOrg, kRows);
  CHECK(data.problems_of("- functional_dependency: { determinant: code, dependent: code }\n"
                         "- functional_dependency: { determinant: cod, dependent: name }\n") ==
        "t.yaml:1:58: error: column 'code' determines itself; name it on one side only\n"
        "t.yaml:2:41: error: the dataset has no column 'cod'; did you mean 'code'?\n");
}
