#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kCity{{"city", Type::text()}};

}  // namespace

TEST_CASE("distinct_set: equals needs every value, and no other") {
  CheckFixture data(kCity, "values ('a'), ('b'), ('a'), ('x'), (null)");
  const SuiteOutcome outcome = data.run(
      "- distinct_set: { column: city, equals: [a, b, x] }\n"
      "- distinct_set: { column: city, equals: [a, b, c] }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[1].message ==
        "distinct_set(city) #2: 1 of 4 rows failed, no row with 'c'; expected exactly the values "
        "'a', 'b', 'c'");
  CHECK(data.findings(outcome, "city") == std::vector<std::string>{"x"});
}

TEST_CASE("distinct_set: contains fails for a missing value although no row fails") {
  CheckFixture data(kCity, "values ('a'), ('x')");
  const SuiteOutcome outcome = data.run(
      "- distinct_set: { column: city, contains: [a] }\n"
      "- distinct_set: { column: city, contains: [a, b] }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[1].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[1].observed == "0 of 2 rows failed, no row with 'b'");
}

TEST_CASE("distinct_set: values that only rows outside `where` have are missing") {
  CheckFixture data({{"city", Type::text()}, {"n", Type::integer()}}, "values ('a', 1), ('b', 2)");
  CHECK(data.run_one("- distinct_set: { column: city, contains: [a, b], where: n = 1 }").observed ==
        "0 of 1 row failed, no row with 'b'");
}

TEST_CASE("distinct_set: a dataset without rows is not applicable") {
  CheckFixture data(kCity, "select 'x' where false");
  CHECK(data.run_one("- distinct_set: { column: city, equals: [a] }").verdict ==
        CheckVerdict::not_applicable);
}

TEST_CASE("distinct_set: without a list, or with two, it is refused") {
  CheckFixture data(kCity, "values ('a')");
  CHECK(data.problems_of("- distinct_set: { column: city }") ==
        "t.yaml:1:27: error: check 'distinct_set' must have either 'equals' or 'contains'; in_set "
        "asks that no other value occurs\n");
}
