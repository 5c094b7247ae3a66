#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kColumns{{"given", Type::money(2)}, {"declared", Type::money(2)}};

}  // namespace

TEST_CASE("expression: rows for which it is false fail, null is not applicable") {
  CheckFixture data(kColumns, "values (1.00, 2.00), (3.00, 2.00), (null, 2.00)");
  const SuiteOutcome outcome = data.run("- expression: given <= declared");
  const CheckResult& result = outcome.checks[0];
  CHECK(result.name == "expression(given <= declared)");
  CHECK(result.rows_checked == 2);
  CHECK(result.rows_failed == 1);
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.top_values.empty());
  CHECK(data.findings(outcome, "given, _code, _message") ==
        std::vector<std::string>{"3.00 | expression | expected given <= declared"});
}

TEST_CASE("expression: `where` narrows it") {
  CheckFixture data(kColumns, "values (3.00, 2.00), (9.00, 2.00)");
  const CheckResult result =
      data.run_one("- expression: { sql: given <= declared, where: given < 5, name: within }");
  CHECK(result.name == "within");
  CHECK(result.rows_checked == 1);
  CHECK(result.rows_failed == 1);
}

TEST_CASE("expression: an or in it does not escape its parentheses") {
  CheckFixture data(kColumns, "values (1.00, 2.00), (3.00, 2.00)");
  const SuiteOutcome outcome =
      data.run("- expression: { sql: given = 1 or declared = 2, where: given = 3 or given = 4 }");
  CHECK(outcome.checks[0].rows_checked == 1);
  CHECK(outcome.checks[0].rows_failed == 0);
}

TEST_CASE("expression: what does not bind is reported at its place") {
  CheckFixture data(kColumns, "values (1.00, 2.00)");
  CHECK(data.problems_of("- expression: given <= declard") ==
        "t.yaml:1:15: error: 'given <= declard' does not bind\n");
}
