#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kCost{{"org_code", Type::text()}, {"item", Type::integer()}};

}  // namespace

TEST_CASE("foreign_key: a value that the reference lacks fails, null is not applicable") {
  CheckFixture data(kCost, "values ('C1', 1), ('C9', 2), (null, 3), ('C9', 4)");
  data.add_reference("org", {{"org_code", Type::text()}}, "values ('C1'), ('C2'), ('C1'), (null)");
  const SuiteOutcome outcome =
      data.run("- foreign_key: { column: org_code, references: org.org_code }");
  const CheckResult& result = outcome.checks[0];
  CHECK(result.rows_checked == 3);
  CHECK(result.rows_failed == 2);
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message ==
        "foreign_key(org_code): 2 of 3 rows failed; expected a value of org.org_code");
  REQUIRE(result.top_values.size() == 1);
  CHECK(result.top_values[0].value == "'C9'");
  CHECK(data.findings(outcome, "item, _message") ==
        std::vector<std::string>{"2 | org_code is 'C9'; expected a value of org.org_code",
                                 "4 | org_code is 'C9'; expected a value of org.org_code"});
}

TEST_CASE("foreign_key: against an empty reference every value fails") {
  CheckFixture data(kCost, "values ('C1', 1), (null, 2)");
  data.add_reference("org", {{"org_code", Type::text()}}, "select 'x' where false");
  CHECK(data.run_one("- foreign_key: { column: org_code, references: org.org_code }").rows_failed ==
        1);
}

TEST_CASE("foreign_key: columns of a key are looked up together") {
  CheckFixture data(kCost, "values ('C1', 1), ('C1', 2), ('C2', 1), ('C2', null)");
  data.add_reference("plan", {{"org", Type::text()}, {"item", Type::integer()}},
                     "values ('C1', 1), ('C2', 2)");
  const CheckResult result = data.run_one(
      "- foreign_key: { column: [org_code, item], references: [plan.org, plan.item] }");
  CHECK(result.rows_checked == 3);
  CHECK(result.rows_failed == 2);
}

TEST_CASE("foreign_key: a table's text is compared with the canonical text of the column") {
  CheckFixture data(kCost, "values ('C1', 7), ('C1', 8)");
  data.add_reference("item", {{"id", Type::text()}}, "values ('7'), ('08')", true);
  CHECK(data.run_one("- foreign_key: { column: item, references: item.id }").rows_failed == 1);
}

TEST_CASE("foreign_key: of a table only texts that a number has count as that number") {
  CheckFixture data(kCost,
                    "values ('a', 7), ('b', 0), ('c', -9223372036854775807 - 1), "
                    "('d', 9223372036854775807), ('e', 1), ('f', 999999999999999999)");
  data.add_reference("item", {{"id", Type::text()}},
                     "values ('7'), ('-0'), ('0'), (' 1'), ('9223372036854775807'), "
                     "('-9223372036854775808'), ('9223372036854775808'), ('x'), "
                     "('999999999999999999'), ('99999999999999999999999999999999999999999999')",
                     true);
  const SuiteOutcome outcome = data.run("- foreign_key: { column: item, references: item.id }");
  CHECK(data.findings(outcome, "org_code") == std::vector<std::string>{"e"});
}

TEST_CASE("foreign_key: a reference that memory cannot hold is joined") {
  for (const std::int64_t memory : {64 << 20, 1000}) {
    CheckFixture data(kCost, "select 'C' || i, i from range(60000) t(i)");
    data.add_reference("item", {{"id", Type::integer()}}, "select range * 2 from range(30000)");
    const SuiteOutcome outcome =
        data.run("- foreign_key: { column: item, references: item.id }", 100, memory);
    CHECK(outcome.checks[0].rows_failed == 30000);
  }
}

TEST_CASE("foreign_key: the name before the last point is the dataset") {
  CheckFixture data(kCost, "values ('C1', 1)");
  data.add_reference("clean.rejects", {{"org", Type::text()}}, "values ('C1')");
  CHECK(
      data.run_one("- foreign_key: { column: org_code, references: clean.rejects.org }").verdict ==
      CheckVerdict::pass);
}

TEST_CASE("foreign_key: what can never match is a load error") {
  const auto problem = [](const std::string& options) {
    CheckFixture data(kCost, "values ('C1', 1)");
    data.add_reference("org", {{"org_code", Type::text()}}, "values ('C1')");
    return data.problems_of("- foreign_key: { " + options + " }");
  };
  CHECK(problem("column: item, references: org.org_code") ==
        "t.yaml:1:44: error: column 'item' is integer but 'org.org_code' is text; they cannot be "
        "compared; cast one of them where it is cleansed\n");
  CHECK(problem("column: org_code, references: org.code") ==
        "t.yaml:1:48: error: dataset 'org' has no column 'code'; its columns are org_code\n");
  CHECK(problem("column: org_code, references: org") ==
        "t.yaml:1:48: error: 'org' does not name a dataset or table and a column; write "
        "references: org.org_code for column org_code of org\n");
  CHECK(problem("column: [org_code, item], references: org.org_code") ==
        "t.yaml:1:56: error: 'column' names 2 and 'references' 1 columns; they must pair up; write "
        "references: org.org_code for column org_code of org\n");
}

TEST_CASE("foreign_key: names the table to pin, which may also be a dataset") {
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse(
      "t.yaml", "- foreign_key: { column: org_code, references: org.org_code }", diagnostics);
  const auto suite = load_checks(document->root(), check_types(), diagnostics);
  REQUIRE(suite.size() == 1);
  const auto files = suite[0].check->files();
  REQUIRE(files.size() == 1);
  CHECK(files[0].path == "tables/org.csv");
  CHECK(files[0].where.text() == "t.yaml:1:48");
}

TEST_CASE("foreign_key: a table's text stands for a number only where it is written as one") {
  CheckFixture data({{"n", Type::integer()}},
                    "values (1), (2), (3), (4), (0), (-7), (9223372036854775807), "
                    "(-9223372036854775808)");
  data.add_reference("codes", {{"code", Type::text()}},
                     "values ('1'), ('02'), ('3.0'), (' 4'), ('0'), ('-7'), ('-0'), "
                     "('9223372036854775807'), ('-9223372036854775808'), "
                     "('9223372036854775808'), ('99999999999999999999'), ('x'), (null)",
                     true);
  const SuiteOutcome outcome = data.run("- foreign_key: { column: n, references: codes.code }");
  CHECK(data.findings(outcome, "n") == std::vector<std::string>{"2", "3", "4"});
}
