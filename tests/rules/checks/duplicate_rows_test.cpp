#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kRow{{"a", Type::text()}, {"b", Type::integer()}, {"c", Type::integer()}};

}  // namespace

TEST_CASE("duplicate_rows: rows that agree in all columns fail, null equals null") {
  CheckFixture data(kRow, "values ('x', 1, 1), ('x', 1, 2), ('y', null, 1), ('y', null, 1)");
  const CheckResult result = data.run_one("- duplicate_rows: {}");
  CHECK(result.message ==
        "duplicate_rows: 2 of 4 rows failed (1 repeated key); expected each row once");
}

TEST_CASE(
    "duplicate_rows: ignored columns do not make rows differ, nor does where they came from") {
  CheckFixture data(kRow, "values ('x', 1, 1, 'f', 1), ('x', 1, 2, 'f', 2)", true);
  const CheckResult result = data.run_one("- duplicate_rows: { ignore: c }");
  CHECK(result.rows_failed == 2);
  CHECK(result.expected == "each row once, whatever its c");
}

TEST_CASE("duplicate_rows: a dataset without rows is not applicable") {
  CheckFixture data(kRow, "select 'x', 1, 1 where false");
  CHECK(data.run_one("- duplicate_rows: {}").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("duplicate_rows: something must be left to compare") {
  CheckFixture data(kRow, "values ('x', 1, 1)");
  CHECK(data.problems_of("- duplicate_rows: { ignore: [a, b, c] }\n"
                         "- duplicate_rows: { ignore: d, name: b }\n") ==
        "t.yaml:1:29: error: 'ignore' leaves no column to compare\n"
        "t.yaml:2:29: error: the dataset has no column 'd'; its columns are a, b, c\n");
}
