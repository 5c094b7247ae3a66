#include "../check_fixture.h"

using namespace tallymill;

TEST_CASE("in_set: a value outside the list fails, null is not applicable") {
  CheckFixture data({{"status", Type::text()}},
                    "values ('open'), ('void'), (null), ('Open'), ('x')");
  const CheckResult result = data.run_one("- in_set: { column: status, values: [open, void] }");
  CHECK(result.rows_checked == 4);
  CHECK(result.rows_failed == 2);
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message == "in_set(status): 2 of 4 rows failed; expected one of 'open', 'void'");
  REQUIRE(result.top_values.size() == 2);
  CHECK(result.top_values[0].value == "'Open'");
}

TEST_CASE("in_set: values are compared by the column's type") {
  CheckFixture data({{"price", Type::money(2)}}, "values (1.50), (2.00), (3.00)");
  CHECK(data.run_one("- in_set: { column: price, values: [1.5, \"2\"] }").rows_failed == 1);
}

TEST_CASE("in_set: a value the column can never hold is a load error at its place") {
  CheckFixture data({{"price", Type::money(2)}}, "values (1.50)");
  CHECK(data.problems_of("- in_set:\n    column: price\n    values: [1.5, 2.005]\n") ==
        "t.yaml:3:19: error: an element of 'values' must be a value of column 'price', which is "
        "money; got '2.005' (surplus_fraction_digits)\n");
}

TEST_CASE("in_set: a list of nothing is a load error, here as in every check") {
  const auto problems = [](const std::string& yaml) {
    CheckFixture data({{"n", Type::integer()}}, "values (0)");
    return data.problems_of(yaml);
  };
  const std::string hint = "list what it is about, or leave the check out\n";
  CHECK(problems("- in_set: { column: n, values: [] }\n") ==
        "t.yaml:1:32: error: option 'values' of check 'in_set' is an empty list; " + hint);
  CHECK(problems("- not_in_set: { column: n, values: [] }\n") ==
        "t.yaml:1:36: error: option 'values' of check 'not_in_set' is an empty list; " + hint);
  CHECK(problems("- any_of: []\n") ==
        "t.yaml:1:11: error: option 'checks' of check 'any_of' is an empty list; " + hint);
}

TEST_CASE("in_set: a long list is shown in part") {
  CheckFixture data({{"n", Type::integer()}}, "values (0)");
  CHECK(data.run_one("- in_set: { column: n, values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }").expected ==
        "one of 1, 2, 3, 4, 5, 6, 7, 8 and 2 more");
}

TEST_CASE("in_set: dates, booleans and enumerations have their own values") {
  CheckFixture data(
      {{"day", Type::date()},
       {"paid", Type::boolean()},
       {"grain", {TypeKind::enumeration, 0, 0, {"user", "branch"}}}},
      "values (date '2026-01-31', true, 'user'), (date '2026-02-01', false, 'branch')");
  const SuiteOutcome outcome = data.run(
      "- in_set: { column: day, values: [2026-01-31] }\n"
      "- in_set: { column: paid, values: [true] }\n"
      "- in_set: { column: grain, values: [user] }\n");
  for (const CheckResult& result : outcome.checks) CHECK(result.rows_failed == 1);
  CHECK(data.problems_of("- in_set: { column: grain, values: [city] }") ==
        "t.yaml:1:37: error: an element of 'values' must be a value of column 'grain', which is "
        "enum(user, branch); got 'city' (not_in_set)\n");
}
