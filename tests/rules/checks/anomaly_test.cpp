#include <doctest/doctest.h>

#include "tests/rules/check_fixture.h"

using namespace tallymill;

namespace {

CheckFixture bills(const std::string& rows = "('a', 10.00), ('b', 20.00), ('b', null)") {
  return CheckFixture({{"city", Type::text()}, {"amount", Type::money(2)}}, "values " + rows);
}

MeasureHistory months(const std::vector<std::string>& values) {
  MeasureHistory history;
  Period at = Period::parse("2025-01").value();
  for (const std::string& value : values) {
    history.emplace(at, value);
    at = at.next();
  }
  return history;
}

}  // namespace

TEST_CASE("anomaly: measures from the first period on, and judges when there is enough history") {
  CheckFixture data = bills();
  data.period_ = Period::parse("2026-01");
  const CheckResult first = data.run_one("- anomaly: row_count");
  CHECK(first.verdict == CheckVerdict::not_applicable);
  CHECK(first.message == "anomaly: row_count 3; expected at least 4 earlier values, there are 0");
  REQUIRE(first.measured);
  CHECK(first.measured->first == "row_count");
  CHECK(first.measured->second == "3");
  data.past_["row_count"] = months({"3", "3", "4", "3"});
  const CheckResult later = data.run_one("- anomaly: { function: row_count, tolerance: 1 }");
  CHECK(later.verdict == CheckVerdict::pass);
  CHECK(later.message == "anomaly: row_count 3; expected from 2 to 4 (median 3 of 4 periods)");
}

TEST_CASE("anomaly: a sum far from what it was fails") {
  CheckFixture data = bills();
  data.period_ = Period::parse("2026-01");
  data.past_["sum(amount)"] = months({"60.00", "61.00", "59.50", "60.50"});
  const CheckResult result =
      data.run_one("- anomaly: { function: sum, column: amount, method: change, limit: 0.1 }");
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.message ==
        "anomaly(amount): sum(amount) 30.00; expected from 54.22 to 66.28 (median 60.25 of 4 "
        "periods)");
}

TEST_CASE("anomaly: other rows are another number") {
  CheckFixture data = bills();
  data.period_ = Period::parse("2026-01");
  data.past_["row_count"] = months({"3", "3", "3", "3"});
  const CheckResult result = data.run_one("- anomaly: { function: row_count, where: city = 'b' }");
  CHECK(result.verdict == CheckVerdict::not_applicable);
  CHECK(result.measured->first == "row_count where city = 'b'");
  CHECK(result.measured->second == "2");
}

TEST_CASE("anomaly: a measure without a value is none") {
  CheckFixture data = bills("(null, null)");
  data.period_ = Period::parse("2026-01");
  const CheckResult result = data.run_one("- anomaly: { function: mean, column: amount }");
  CHECK(result.verdict == CheckVerdict::not_applicable);
  CHECK_FALSE(result.measured);
}

TEST_CASE("anomaly: what cannot be measured or compared is refused") {
  const auto refused = [](const std::string& yaml, const std::string& what) {
    CheckFixture data = bills();
    data.period_ = Period::parse("2026-01");
    const std::string problems = data.problems_of(yaml);
    CHECK_MESSAGE(problems.find(what) != std::string::npos, problems);
  };
  refused("- anomaly: { function: sum }", "function sum needs a column");
  refused("- anomaly: { column: amount }", "row_count has no column");
  refused("- anomaly: { function: sum, column: city }",
          "column 'city' is text, which has no sum that could be compared");
  refused("- anomaly: { function: row_count, season: week }",
          "periods that are months have no season 'week'");
  refused("- anomaly: { function: row_count, min_history: 20 }",
          "option 'min_history' must be from 1 to 'periods', which is 12");
  refused("- anomaly: { function: row_count, limit: -1 }",
          "option 'limit' must be a number from 0 on, got '-1'");
  refused("- anomaly: { function: row_count, max_failed: 1 }", "unknown option 'max_failed'");
}
