#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kPhone{{"phone", Type::text()}};

}  // namespace

TEST_CASE("matches: the pattern must describe the whole text") {
  CheckFixture data(kPhone,
                    "values ('13800000000'), ('x13800000000'), ('138000000001'), (''), (null)");
  const CheckResult result = data.run_one("- matches: { column: phone, pattern: \"1[0-9]{10}\" }");
  CHECK(result.rows_checked == 4);
  CHECK(result.rows_failed == 3);
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message == "matches(phone): 3 of 4 rows failed; expected text like 1[0-9]{10}");
}

TEST_CASE("matches: a quote in the pattern is a character of it") {
  CheckFixture data(kPhone, "values ('it''s'), ('its')");
  CHECK(data.run_one("- matches: { column: phone, pattern: \"it's\" }").rows_failed == 1);
}

TEST_CASE("matches: patterns see characters, not bytes") {
  CheckFixture data(kPhone, "values ('营业厅'), ('营业')");
  CHECK(data.run_one("- matches: { column: phone, pattern: \"...\" }").rows_failed == 1);
}

TEST_CASE("matches: a pattern that is none is a load error at its place") {
  CheckFixture data(kPhone, "values ('1')");
  CHECK(data.problems_of("- matches:\n    column: phone\n    pattern: \"1[0-9\"\n") ==
        "t.yaml:3:14: error: '1[0-9' is no regular expression; RE2 syntax: no look-ahead, no back "
        "references\n");
}

TEST_CASE("matches: takes text only") {
  CheckFixture data({{"n", Type::integer()}}, "values (1)");
  CHECK(data.problems_of("- matches: { column: n, pattern: \"1\" }") ==
        "t.yaml:1:22: error: column 'n' is integer; matches takes text; use in_range for numbers "
        "and dates\n");
}
