#include "check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kColumns{{"id", Type::text()}, {"amount", Type::money(2)}};
// Two rows lack an id: 30.00 and -20.00 of 1050.00.
const char* const kRows = "values ('a', 1000.00), (null, 30.00), (null, -20.00)";

}  // namespace

TEST_CASE("amount: a credit does not hide a debit: amounts count regardless of their sign") {
  CheckFixture data(kColumns, kRows);
  const SuiteOutcome outcome = data.run(
      "- not_null: { column: id, amount: amount, max_failed_amount: 50, name: just }\n"
      "- not_null: { column: id, amount: amount, max_failed_amount: 49.99, name: over }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[0].failed_amount == "50.00");
  CHECK(outcome.checks[1].message ==
        "over: 2 of 3 rows failed, amount 50.00; expected a value (tolerated: amount 49.99)");
  CHECK(outcome.checks[1].verdict == CheckVerdict::fail);
}

TEST_CASE("amount: a share is compared as whole numbers") {
  CheckFixture data(kColumns, kRows);
  const SuiteOutcome outcome = data.run(
      "- not_null: { column: id, amount: amount, max_amount_ratio: 0.047619048, name: just }\n"
      "- not_null: { column: id, amount: amount, max_amount_ratio: 0.047619047, name: over }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);  // 50 / 1050 = 0.0476190476...
  CHECK(outcome.checks[1].verdict == CheckVerdict::fail);
}

TEST_CASE("amount: every limit must hold") {
  CheckFixture data(kColumns, kRows);
  CHECK(data.run_one("- not_null: { column: id, max_failed: 1, amount: amount, "
                     "max_failed_amount: 50 }")
            .verdict == CheckVerdict::fail);
}

TEST_CASE("amount: a failing row whose amount is null is not tolerated") {
  CheckFixture data(kColumns, "values (null, null), ('a', 5.00)");
  const CheckResult result =
      data.run_one("- not_null: { column: id, amount: amount, max_failed_amount: 100 }");
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.observed == "1 of 2 rows failed, amount 0.00 and 1 row without");
}

TEST_CASE("amount: is summed over repeated keys too, beyond 64 bits") {
  CheckFixture data({{"id", Type::integer()}, {"n", Type::integer()}},
                    "values (1, 9223372036854775807), (1, -9223372036854775808), (2, 1)");
  const CheckResult result =
      data.run_one("- unique: { columns: id, amount: n, max_failed_amount: 18446744073709551615 }");
  CHECK(result.verdict == CheckVerdict::pass);
  CHECK(result.failed_amount == "18446744073709551615");
}

TEST_CASE("amount: of a sensitive column is masked") {
  CheckFixture data({{"id", Type::text()}, {"amount", Type::money(2), false, true}}, kRows);
  const CheckResult result =
      data.run_one("- not_null: { column: id, amount: amount, max_failed_amount: 1 }");
  CHECK(result.observed == "2 of 3 rows failed, amount ***");
  CHECK(result.failed_amount == "***");
}

TEST_CASE("expect_failed: exactly so many rows fail, no more and no fewer") {
  CheckFixture data(kColumns, kRows);
  const SuiteOutcome outcome = data.run(
      "- not_null: { column: id, expect_failed: 2, name: two }\n"
      "- not_null: { column: id, expect_failed: 3, name: three }\n"
      "- not_null: { column: amount, expect_failed: 1, name: one }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[1].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[1].message ==
        "three: 2 of 3 rows failed; expected a value (expected to fail: exactly 3 rows)");
  CHECK(outcome.checks[2].verdict == CheckVerdict::fail);
  CHECK(outcome.findings == 4);
}

TEST_CASE("tolerances: what cannot be meant is refused, all at once") {
  CheckFixture data({{"id", Type::text()}, {"n", Type::money(2)}}, "values ('a', 1.00)");
  CHECK(data.problems_of("- not_null: { column: id, max_failed_amount: 1 }\n"
                         "- not_null: { column: id, amount: n, name: b }\n"
                         "- not_null: { column: id, max_failed: 1, expect_failed: 1, name: c }\n"
                         "- not_null: { column: id, expect_failed: -1, name: d }\n") ==
        "t.yaml:1:46: error: option 'max_failed_amount' needs 'amount'; name the column that says "
        "how much a row matters\n"
        "t.yaml:2:35: error: option 'amount' without a limit changes nothing; add "
        "max_failed_amount or max_amount_ratio\n"
        "t.yaml:3:39: error: 'expect_failed' says how many rows fail; 'max_failed' cannot stand "
        "beside it; keep one\n"
        "t.yaml:4:42: error: option 'expect_failed' must not be negative\n");
}

TEST_CASE("amount: a column without amounts, or an amount finer than it, is refused") {
  CheckFixture data({{"id", Type::text()}, {"n", Type::money(2)}}, "values ('a', 1.00)");
  CHECK(data.problems_of(
            "- not_null: { column: id, amount: id, max_failed_amount: 1, name: a }\n"
            "- not_null: { column: id, amount: n, max_failed_amount: 0.005, name: b }\n") ==
        "t.yaml:1:35: error: column 'id' is text; 'amount' takes integer, money or decimal\n"
        "t.yaml:2:57: error: option 'max_failed_amount' must be a number with at most 2 fraction "
        "digits and not negative; got '0.005'\n");
}

TEST_CASE("checks: more of them than an expression may be deep fail at once") {
  CheckFixture data({{"x", Type::integer()}}, "values (9)");
  std::string checks;
  for (int i = 0; i < 1100; ++i)
    checks += "- in_range: { column: x, max: 5, name: c" + std::to_string(i) + " }\n";
  const SuiteOutcome outcome = data.run(checks);
  CHECK(outcome.failed_checks(CheckSeverity::error) == 1100);
  CHECK(outcome.findings == 1100);
  CHECK(data.findings(outcome, "_check").size() == 1100);
}
