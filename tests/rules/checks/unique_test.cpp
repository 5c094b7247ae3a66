#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kColumns{{"org", Type::text()}, {"item", Type::integer()}};

}  // namespace

TEST_CASE("unique: every row of a repeated key fails, not all but the first") {
  CheckFixture data(kColumns, "values ('C1', 1), ('C1', 2), ('C1', 1), ('C2', 1), ('C1', 1)");
  const SuiteOutcome outcome = data.run("- unique: [org, item]");
  const CheckResult& result = outcome.checks[0];
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.rows_checked == 5);
  CHECK(result.rows_failed == 3);
  CHECK(result.message ==
        "unique(org, item): 3 of 5 rows failed (1 repeated key); expected each key once");
  REQUIRE(result.top_values.size() == 1);
  CHECK(result.top_values[0].value == "'C1', 1");
  CHECK(result.top_values[0].rows == 3);
  CHECK(data.findings(outcome, "org, item, _message") ==
        std::vector<std::string>(3, "C1 | 1 | org is 'C1', item is 1; expected each key once"));
}

TEST_CASE("unique: a key without repetition passes") {
  CheckFixture data(kColumns, "values ('C1', 1), ('C1', 2)");
  const SuiteOutcome outcome = data.run("- unique: [org, item]");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK_FALSE(outcome.findings_select);
}

TEST_CASE("unique: a row with a null in its key is not applicable") {
  CheckFixture data(kColumns, "values ('C1', null), ('C1', null), ('C1', 1)");
  const CheckResult result = data.run_one("- unique: [org, item]");
  CHECK(result.verdict == CheckVerdict::pass);
  CHECK(result.rows_checked == 1);
  CHECK(result.rows_not_applicable == 2);
}

TEST_CASE("unique: nulls may be told to equal each other") {
  CheckFixture data(kColumns, "values ('C1', null), ('C1', null), ('C2', null), ('C1', 1)");
  const SuiteOutcome outcome = data.run("- unique: { columns: [org, item], nulls: compare }");
  CHECK(outcome.checks[0].rows_checked == 4);
  CHECK(outcome.checks[0].rows_failed == 2);
  CHECK(data.findings(outcome, "org, item") == std::vector<std::string>(2, "C1 | null"));
}

TEST_CASE("unique: only rows that `where` selects are compared") {
  CheckFixture data(kColumns, "values ('C1', 1), ('C1', 1), ('C1', 2), ('C1', 2)");
  const SuiteOutcome outcome = data.run("- unique: { columns: org, where: item = 2 }");
  CHECK(outcome.checks[0].rows_checked == 2);
  CHECK(outcome.checks[0].rows_not_applicable == 2);
  CHECK(data.findings(outcome, "org, item") == std::vector<std::string>(2, "C1 | 2"));
}

TEST_CASE("unique: two checks of one key group once and answer both") {
  CheckFixture data(kColumns, "values ('C1', 1), ('C1', 1)");
  const SuiteOutcome outcome =
      data.run("- unique: org\n- unique: { columns: org, severity: warn, name: again }");
  CHECK(outcome.checks[0].rows_failed == 2);
  CHECK(outcome.checks[1].rows_failed == 2);
  CHECK(data.findings(outcome, "_check, _severity") ==
        std::vector<std::string>{"again | warn", "again | warn", "unique(org) | error",
                                 "unique(org) | error"});
}

TEST_CASE("unique: equal rows far apart in a large dataset are found") {
  CheckFixture data({{"id", Type::integer()}},
                    "select case when i in (7, 299000) then 1000000 else i end from range(300000) "
                    "t(i)");
  const SuiteOutcome outcome = data.run("- unique: id");
  CHECK(outcome.checks[0].rows_checked == 300000);
  CHECK(outcome.checks[0].rows_failed == 2);
}

TEST_CASE("unique: the same text in every row fails in every row") {
  CheckFixture data({{"id", Type::text()}}, "select 'same' from range(50000)");
  CHECK(data.run_one("- unique: id").rows_failed == 50000);
}

TEST_CASE("unique: of many rows, keys that come more than once are found as of few") {
  // Every thousandth id comes twice, every twentieth org is null.
  CheckFixture data({{"id", Type::integer()}, {"org", Type::text()}},
                    "select case when i % 1000 = 1 then i - 1 else i end, "
                    "case when i % 20 = 0 then null else 'C' || i % 30000 end "
                    "from range(60000) t(i)");
  const SuiteOutcome outcome = data.run(
      "- unique: id\n"
      "- unique: { columns: org, name: orgs }\n"
      "- unique: { columns: [id, org], nulls: compare, name: pairs }\n"
      "- unique: { columns: org, nulls: compare, where: id < 30000, name: early }\n"
      "- unique: { columns: id, where: id < 0, name: none }\n");
  const std::vector<std::int64_t> failed{120, 57000, 0, 1500, 0};
  for (std::size_t i = 0; i < failed.size(); ++i) {
    CAPTURE(i);
    CHECK(outcome.checks[i].rows_failed == failed[i]);
  }
  CHECK(outcome.checks[0].message ==
        "unique(id): 120 of 60,000 rows failed (60 repeated keys); expected each key once");
  CHECK(outcome.checks[1].rows_checked == 57000);
  CHECK(outcome.checks[4].verdict == CheckVerdict::not_applicable);
}
