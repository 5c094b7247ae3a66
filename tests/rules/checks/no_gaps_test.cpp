#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kDays{
    {"city", Type::text()}, {"day", Type::date()}, {"no", Type::integer()}};

}  // namespace

TEST_CASE("no_gaps: the row behind a gap fails, repeated values are no gap") {
  CheckFixture data(kDays,
                    "values ('a', date '2026-01-30', 1), ('a', date '2026-01-31', 2), ('a', date "
                    "'2026-01-31', 2), ('a', date '2026-02-02', 4), ('b', date '2026-03-01', 1), "
                    "('b', null, null)");
  const SuiteOutcome outcome = data.run(
      "- no_gaps: { column: day, within: city }\n- no_gaps: { column: no, within: city }\n");
  CHECK(outcome.checks[0].rows_not_applicable == 1);
  CHECK(outcome.checks[0].message ==
        "no_gaps(day): 1 of 5 rows failed; expected every day within city");
  CHECK(outcome.checks[1].rows_failed == 1);
  CHECK(data.findings(outcome, "_check, day") ==
        std::vector<std::string>{"no_gaps(day) | 2026-02-02", "no_gaps(no) | 2026-02-02"});
}

TEST_CASE("no_gaps: months and years are steps of the calendar") {
  CheckFixture data({{"day", Type::date()}},
                    "values (date '2025-11-30'), (date '2025-12-01'), (date '2026-02-28')");
  const SuiteOutcome outcome =
      data.run("- no_gaps: { column: day, step: month }\n- no_gaps: { column: day, step: year }\n");
  CHECK(outcome.checks[0].rows_failed == 1);
  CHECK(outcome.checks[1].rows_failed == 0);
}

TEST_CASE("no_gaps: a series that begins late or ends early fails at its end") {
  CheckFixture data(kDays,
                    "values ('a', date '2026-01-02', 1), ('a', date '2026-01-03', 2), ('b', date "
                    "'2026-01-01', 1), ('b', date '2026-01-02', 1), ('b', date '2026-01-03', 1)");
  const SuiteOutcome outcome =
      data.run("- no_gaps: { column: day, within: city, from: 2026-01-01, to: 2026-01-04 }");
  CHECK(data.findings(outcome, "city, day") ==
        std::vector<std::string>{"a | 2026-01-02", "a | 2026-01-03", "b | 2026-01-03"});
  CHECK(outcome.checks[0].expected == "every day from 2026-01-01 to 2026-01-04 within city");
}

TEST_CASE("no_gaps: a dataset without rows is not applicable") {
  CheckFixture data(kDays, "select 'x', null, null where false");
  CHECK(data.run_one("- no_gaps: { column: day }").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("no_gaps: other types, and steps of integers, are refused") {
  CheckFixture data(kDays, "values ('a', null, 1)");
  CHECK(data.problems_of("- no_gaps: { column: city }\n"
                         "- no_gaps: { column: no, step: month }\n"
                         "- no_gaps: { column: day, from: x }\n") ==
        "t.yaml:1:22: error: column 'city' is text; no_gaps takes integer and date\n"
        "t.yaml:2:32: error: option 'step' is for dates; integers go by 1\n"
        "t.yaml:3:33: error: option 'from' must be a value of column 'day', which is date; got 'x' "
        "(not_a_date)\n");
}
