#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kUse{{"plan", Type::text()}, {"mb", Type::money(2)}};
// 1 to 11 and one far away; quartiles 3 and 9, median 6.5, median deviation 3.
const char* const kRows =
    "select 'a', i from range(1, 12) t(i) union all values ('a', 18.00), ('b', 1.00), ('b', null)";

std::int64_t failed(const std::string& options) {
  CheckFixture data(kUse, kRows);
  return data.run_one("- outliers: { column: mb, within: plan, " + options + " }").rows_failed;
}

}  // namespace

TEST_CASE("outliers: iqr measures from the middle half") {
  CHECK(failed("method: iqr, factor: 1.5") == 0);  // 9 + 1.5 * 6 = 18 is not beyond
  CHECK(failed("method: iqr, factor: 1.499999999") == 1);
}

TEST_CASE("outliers: mad measures from the median") {
  CHECK(failed("method: mad, factor: 3.833333334") == 0);  // (18 - 6.5) / 3 = 3.8333...
  CHECK(failed("method: mad, factor: 3.833333333") == 1);
}

TEST_CASE("outliers: z measures from the mean in sample deviations") {
  // mean 7, deviation sqrt(242 / 11) = 4.690415..., (18 - 7) / that = 2.345207...
  CHECK(failed("method: z, factor: 2.345207880") == 0);
  CHECK(failed("method: z, factor: 2.345207879") == 1);
}

TEST_CASE("outliers: groups that are small, or all alike, are not judged") {
  CheckFixture data(kUse, kRows);
  const CheckResult result =
      data.run_one("- outliers: { column: mb, method: iqr, factor: 1, within: plan }");
  CHECK(result.rows_not_applicable == 2);
  CHECK(result.message ==
        "outliers(mb): 1 of 12 rows failed; expected mb within 1 interquartile ranges of the "
        "middle half of its plan");
  for (const char* method : {"iqr", "mad", "z"}) {
    CAPTURE(method);
    CheckFixture alike(kUse, "select 'a', 5 from range(20)");
    CHECK(
        alike.run_one("- outliers: { column: mb, method: " + std::string(method) + " }").verdict ==
        CheckVerdict::not_applicable);
  }
}

TEST_CASE("outliers: without rows, or without a value, it is not applicable") {
  for (const char* rows :
       {"select 'a', 1::bigint where false", "select 'a', null::bigint from range(20)"})
    for (const char* method : {"iqr", "mad", "z"}) {
      CAPTURE(rows);
      CAPTURE(method);
      CheckFixture data(kUse, rows);
      CHECK(
          data.run_one("- outliers: { column: mb, method: " + std::string(method) + " }").verdict ==
          CheckVerdict::not_applicable);
    }
}

TEST_CASE("outliers: row order and repeated values do not matter") {
  const std::string rows =
      "select 'a', (i * 37) % 101 from range(200) t(i) union all values ('a', 9999), ('a', 9999)";
  for (const char* method : {"iqr", "mad", "z"}) {
    CAPTURE(method);
    CheckFixture forth(kUse, rows);
    CheckFixture back(kUse, "select * from (" + rows + ") t(a, b) order by b desc");
    const std::string yaml = "- outliers: { column: mb, method: " + std::string(method) + " }";
    const std::vector<std::string> found = forth.findings(forth.run(yaml), "mb");
    CHECK(found == std::vector<std::string>{"9999.00", "9999.00"});
    CHECK(found == back.findings(back.run(yaml), "mb"));
  }
}

TEST_CASE("outliers: texts, negative factors and groups of two are refused") {
  CheckFixture data(kUse, kRows);
  CHECK(data.problems_of("- outliers: { column: plan, method: z }\n"
                         "- outliers: { column: mb, method: z, factor: -1 }\n"
                         "- outliers: { column: mb, method: z, min_rows: 2, name: c }\n") ==
        "t.yaml:1:23: error: column 'plan' is text; outliers takes numbers\n"
        "t.yaml:2:46: error: option 'factor' must be a number that is not negative with at most 9 "
        "fraction digits; got '-1'\n"
        "t.yaml:3:48: error: option 'min_rows' must be at least 3; two values are always equally "
        "far from their middle\n");
}

TEST_CASE("outliers: a bound that a double would round is kept to the last unit") {
  // Mean 0, deviation 9007199254740993 * sqrt(200 / 199): one more than the bound is outside.
  const std::string rows =
      "select case when i % 2 = 0 then 9007199254740993 else -9007199254740993 end from range(200) "
      "t(i)";
  CheckFixture data({{"n", Type::integer()}}, rows);
  const SuiteOutcome outcome = data.run(
      "- outliers: { column: n, method: z, factor: 0.997496868 }\n"
      "- outliers: { column: n, method: z, factor: 0.997496867, name: less }\n");
  CHECK(outcome.checks[0].rows_failed == 0);
  CHECK(outcome.checks[1].rows_failed == 200);
}
