#include "../check_fixture.h"
#include "core/time/date.h"

using namespace tallymill;

namespace {

std::int64_t instant(const char* text) { return parse_timestamp(text).value; }

CheckResult checked(const Column& column, const std::string& rows, const std::string& age,
                    const char* as_of) {
  CheckFixture data({column}, rows);
  data.set_as_of(instant(as_of));
  return data.run_one("- freshness: { column: " + column.name + ", max_age: " + age + " }");
}

}  // namespace

TEST_CASE("freshness: age is measured from the newest value to the run's instant") {
  const Column at{"at", Type::timestamp()};
  const std::string rows =
      "values (timestamp '2026-01-30 00:00:00'), (timestamp '2026-01-31 20:00:00')";
  const CheckResult fresh = checked(at, rows, "10h", "2026-02-01T06:00:00Z");
  CHECK(fresh.verdict == CheckVerdict::pass);
  const CheckResult old = checked(at, rows, "10h", "2026-02-01T06:00:01Z");
  CHECK(old.verdict == CheckVerdict::fail);
  CHECK(old.message ==
        "freshness(at): newest 2026-01-31T20:00:00Z; expected the newest at most 10h before "
        "2026-02-01T06:00:01Z");
}

TEST_CASE("freshness: a date lasts until its day ends") {
  const Column day{"day", Type::date()};
  CHECK(checked(day, "values (date '2026-01-31')", "6h", "2026-02-01T06:00:00Z").verdict ==
        CheckVerdict::pass);
  CHECK(checked(day, "values (date '2026-01-31')", "6h", "2026-02-01T06:00:01Z").verdict ==
        CheckVerdict::fail);
}

TEST_CASE("freshness: without a value there is nothing to judge") {
  const Column day{"day", Type::date()};
  const CheckResult result = checked(day, "values (null::date)", "6h", "2026-02-01T06:00:00Z");
  CHECK(result.verdict == CheckVerdict::not_applicable);
  CHECK(result.rows_not_applicable == 1);
}

TEST_CASE("freshness: takes dates and timestamps only") {
  CheckFixture data({{"n", Type::integer()}}, "values (1)");
  CHECK(
      data.problems_of("- freshness: { column: n, max_age: 1d }") ==
      "t.yaml:1:24: error: column 'n' is integer; freshness takes a date or a timestamp; name the "
      "column that says when the row was written or happened\n");
}

TEST_CASE("freshness: an age of a sensitive column is told, its value is not") {
  CheckFixture data({{"born", Type::date(), false, true}}, "values (date '1980-05-17')");
  data.set_as_of(instant("2026-02-01T06:00:00Z"));
  const CheckResult result = data.run_one("- freshness: { column: born, max_age: 1d }");
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.observed == "***");
}

TEST_CASE("freshness: by groups, all rows of a group that is too old are kept") {
  for (const bool is_date : {true, false}) {
    CAPTURE(is_date);
    CheckFixture data({{"city", Type::text()}, {"at", is_date ? Type::date() : Type::timestamp()}},
                      "values ('a', '2026-01-30'), ('a', '2026-01-01'), ('b', '2026-01-28'), ('b', "
                      "null), (null, '2026-01-01')");
    data.set_as_of(parse_timestamp("2026-01-31T00:00:00Z").value);
    const SuiteOutcome outcome = data.run("- freshness: { column: at, max_age: 1d, by: city }");
    CHECK(outcome.checks[0].rows_failed == 2);
    CHECK(outcome.checks[0].message ==
          "freshness(at): 2 of 4 rows failed (2 groups); expected the newest at most 1d before "
          "2026-01-31T00:00:00Z in each group of city");
  }
}
