#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kReach{
    {"id", Type::text()}, {"org", Type::text()}, {"n", Type::integer()}};
const char* const kYaml =
    "- any_of:\n"
    "    - format: { column: id, is: cn_id_card }\n"
    "    - format: { column: org, is: cn_uscc }\n";

}  // namespace

TEST_CASE("any_of: a row passes if one alternative lets it pass") {
  CheckFixture data(kReach,
                    "values ('11010519491231002X', 'bad', 1), ('bad', '91350100M000100Y43', 2), "
                    "('bad', 'bad', 3), ('bad', null, 4), (null, null, 5)");
  const SuiteOutcome outcome = data.run(kYaml);
  CHECK(outcome.checks[0].rows_not_applicable == 1);
  CHECK(outcome.checks[0].message ==
        "any_of: 2 of 4 rows failed; expected the format cn_id_card, such as 11010519491231002X, "
        "or the format cn_uscc, such as 91350100M000100Y43");
  CHECK(data.findings(outcome, "n") == std::vector<std::string>{"3", "4"});
}

TEST_CASE("any_of: an alternative may be about some rows only") {
  CheckFixture data(kReach, "values ('a', 'x', 1), ('b', 'x', 2), ('b', 'y', 3), ('a', 'y', 4)");
  CHECK(data.run_one("- any_of:\n"
                     "    - in_set: { column: id, values: [a], where: n < 3 }\n"
                     "    - in_set: { column: org, values: [y] }\n")
            .rows_failed == 1);
}

TEST_CASE("any_of: tolerances stand at any_of itself") {
  CheckFixture data(kReach, "values ('a', 'x', 1), ('b', 'x', 2)");
  CHECK(data.run_one("- any_of: { checks: [ { in_set: { column: id, values: [a] } } ], max_failed: "
                     "1 }")
            .verdict == CheckVerdict::pass);
}

TEST_CASE("any_of: a dataset without rows is not applicable") {
  CheckFixture data(kReach, "select 'x', 'y', 1 where false");
  CHECK(data.run_one(kYaml).verdict == CheckVerdict::not_applicable);
}

TEST_CASE("any_of: checks that judge no row by itself, or tolerate, are refused where they stand") {
  CheckFixture data(kReach, "values ('a', 'x', 1)");
  CHECK(data.problems_of("- any_of:\n    - unique: id\n") ==
        "t.yaml:2:7: error: check 'unique' does not judge a row by itself; any_of takes checks "
        "such as in_range, format, compare, expression\n");
  CheckFixture tolerant(kReach, "values ('a', 'x', 1)");
  CHECK(tolerant.problems_of("- any_of:\n    - not_null: { column: id, max_failed: 1 }\n") ==
        "t.yaml:2:7: error: a check of 'any_of' has no tolerance of its own; say it of any_of\n");
  CheckFixture unknown(kReach, "values ('a', 'x', 1)");
  CHECK(unknown.problems_of("- any_of:\n    - not_nul: id\n") ==
        "t.yaml:2:7: error: unknown check 'not_nul'; did you mean 'not_null'?\n");
}
