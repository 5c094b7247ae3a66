#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kTimes{
    {"sent", Type::timestamp()}, {"seen", Type::timestamp()}, {"day", Type::date()}};

}  // namespace

TEST_CASE("timeliness: the time between two instants has limits, both allowed") {
  CheckFixture data(kTimes,
                    "values (timestamp '2026-01-31 00:00:00', timestamp '2026-01-31 02:00:00', "
                    "null), (timestamp '2026-01-31 00:00:00', timestamp '2026-01-31 "
                    "02:00:00.000001', null), (timestamp '2026-01-31 00:00:01', timestamp "
                    "'2026-01-31 00:00:00', null), (null, timestamp '2026-01-31', null)");
  const CheckResult result = data.run_one("- timeliness: { from: sent, to: seen, max: 2h }");
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message ==
        "timeliness(sent): 2 of 3 rows failed; expected seen at least 0s and at most 2h after "
        "sent");
}

TEST_CASE("timeliness: without `to` the run's own instant is meant: nothing lies in the future") {
  CheckFixture data(kTimes,
                    "values (timestamp '1970-01-02 00:00:00', null, date '1970-01-02'), "
                    "(timestamp '1970-01-02 00:00:00.000001', null, date '1970-01-03')");
  data.set_as_of(86'400'000'000);
  const SuiteOutcome outcome =
      data.run("- timeliness: { from: sent }\n- timeliness: { from: day, max: 1d }\n");
  CHECK(outcome.checks[0].rows_failed == 1);
  CHECK(outcome.checks[0].expected == "1970-01-02T00:00:00Z at least 0s after sent");
  CHECK(outcome.checks[1].rows_failed == 1);
}

TEST_CASE("timeliness: a dataset without rows is not applicable") {
  CheckFixture data(kTimes, "select null, null, null where false");
  CHECK(data.run_one("- timeliness: { from: sent }").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("timeliness: texts and limits that leave nothing are refused") {
  CheckFixture data({{"t", Type::text()}, {"day", Type::date()}}, "values ('', null)");
  CHECK(data.problems_of("- timeliness: { from: t }\n"
                         "- timeliness: { from: day, min: 2d, max: 1d }\n") ==
        "t.yaml:1:23: error: column 't' is text; timeliness takes a date or a timestamp\n"
        "t.yaml:2:42: error: 'max' is less than 'min': no row could pass\n");
}
