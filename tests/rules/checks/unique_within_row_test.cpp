#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kPhones{
    {"a", Type::text()}, {"b", Type::text()}, {"c", Type::text()}, {"n", Type::integer()}};

}  // namespace

TEST_CASE("unique_within_row: two equal values fail, two nulls do not") {
  CheckFixture data(kPhones,
                    "values ('1', '2', '1', 0), ('1', '2', '3', 0), ('1', null, null, 0), "
                    "('1', '1', null, 0)");
  const CheckResult result = data.run_one("- unique_within_row: [a, b, c]");
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message ==
        "unique_within_row(a, b, c): 2 of 3 rows failed; expected values that differ");
}

TEST_CASE("unique_within_row: a dataset without rows is not applicable") {
  CheckFixture data(kPhones, "select '', '', '', 0 where false");
  CHECK(data.run_one("- unique_within_row: [a, b]").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("unique_within_row: one column, or types that never meet, are refused") {
  CheckFixture data(kPhones, "values ('1', '2', '1', 0)");
  CHECK(data.problems_of("- unique_within_row: a\n- unique_within_row: [a, n]\n") ==
        "t.yaml:1:22: error: one column cannot repeat itself within a row; name two or more\n"
        "t.yaml:2:22: error: column 'a' is text but 'n' is integer; they cannot be compared\n");
}
