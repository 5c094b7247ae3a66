#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kMeter{
    {"meter", Type::text()}, {"day", Type::integer()}, {"reading", Type::integer()}};

}  // namespace

TEST_CASE("ordered: a value below the one before fails, within its group") {
  CheckFixture data(kMeter,
                    "values ('a', 1, 5), ('a', 2, 7), ('a', 3, 6), ('a', 4, 8), ('b', 1, 1), "
                    "('a', 5, null)");
  const SuiteOutcome outcome = data.run("- ordered: { column: reading, by: day, within: meter }");
  CHECK(outcome.checks[0].rows_not_applicable == 1);
  CHECK(outcome.checks[0].message ==
        "ordered(reading): 1 of 5 rows failed; expected reading never to decrease by day within "
        "meter");
  CHECK(data.findings(outcome, "day") == std::vector<std::string>{"3"});
}

TEST_CASE("ordered: strictly, equal values fail too; decreasing turns it round") {
  CheckFixture data(kMeter, "values ('a', 1, 5), ('a', 2, 5), ('a', 3, 4)");
  const SuiteOutcome outcome = data.run(
      "- ordered: { column: reading, by: day, direction: decreasing }\n"
      "- ordered: { column: reading, by: day, direction: decreasing, strictly: true }\n"
      "- ordered: { column: reading, by: day }\n");
  CHECK(outcome.checks[0].rows_failed == 0);
  CHECK(outcome.checks[1].rows_failed == 1);
  CHECK(outcome.checks[1].expected == "reading to decrease by day");
  CHECK(outcome.checks[2].rows_failed == 1);
}

TEST_CASE("ordered: rows at one position must agree; a later one is compared with all of them") {
  CheckFixture data(kMeter, "values ('a', 1, 5), ('a', 1, 6), ('a', 2, 5), ('a', 2, 5)");
  CHECK(data.findings(data.run("- ordered: { column: reading, by: day }"), "day, reading") ==
        std::vector<std::string>{"1 | 5", "1 | 6", "2 | 5", "2 | 5"});
}

TEST_CASE("ordered: row order does not matter") {
  const std::string rows = "select 'a', i, (i * 7) % 11 from range(50) t(i)";
  CheckFixture forth(kMeter, rows);
  CheckFixture back(kMeter, rows + " order by i desc");
  const std::string yaml = "- ordered: { column: reading, by: day }";
  CHECK(forth.findings(forth.run(yaml), "day") == back.findings(back.run(yaml), "day"));
}

TEST_CASE("ordered: a dataset without rows is not applicable") {
  CheckFixture data(kMeter, "select 'x', 1, 1 where false");
  CHECK(data.run_one("- ordered: { column: reading, by: day }").verdict ==
        CheckVerdict::not_applicable);
}

TEST_CASE("ordered: a column in the order of itself is refused") {
  CheckFixture data(kMeter, "values ('a', 1, 5)");
  CHECK(data.problems_of("- ordered: { column: day, by: day }") ==
        "t.yaml:1:31: error: a column is always in the order of itself; name in 'by' what says "
        "which row comes first\n");
}
