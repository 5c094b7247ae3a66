#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kGifts{{"gift", Type::money(2)}, {"declared", Type::money(2)}};

const char* const kWithinDeclared = R"(
local t = require "tallymill"
return t.check_rule {
  name = "within_declared",
  doc = "No gift is over what was declared.",
  needs = { gift = "money", declared = "money" },
  params = { tolerance = t.money "0.00" },
  check = function(row, p)
    if row.gift > row.declared + p.tolerance then
      return t.fail("CC04", "gift {gift} is over the declared {declared}", row)
    end
    if row.gift == row.declared then return t.warn("CC04W", "nothing is left") end
  end,
  tests = { { given = { gift = t.money "1.00", declared = t.money "2.00" }, expect = "pass" } },
}
)";

const char* const kRaises = R"(
local t = require "tallymill"
return t.check_rule {
  name = "raises",
  doc = "Raises on gifts of 3.00.",
  needs = { gift = "money" },
  check = function(row)
    if row.gift == t.money "3.00" then error("cannot judge this") end
  end,
  tests = { { given = { gift = t.money "1.00" }, expect = "pass" } },
}
)";

}  // namespace

TEST_CASE("rule: rows it fails are findings with its own code and message") {
  CheckFixture data(kGifts, "values (1.00, 2.00), (3.00, 2.00), (9.00, 2.00), (null, 2.00)");
  data.add_rule("within_declared", kWithinDeclared);
  const SuiteOutcome outcome = data.run("- rule: within_declared");
  const CheckResult& result = outcome.checks[0];
  CHECK(result.name == "within_declared");
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.rows_checked == 3);
  CHECK(result.rows_failed == 2);
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.columns == std::vector<std::string>{"declared", "gift"});
  CHECK(result.message ==
        "within_declared: 2 of 3 rows failed; expected rule 'within_declared' to find nothing");
  REQUIRE(result.top_values.size() == 1);
  CHECK(result.top_values[0].value == "CC04");
  CHECK(data.findings(outcome, "gift, _check, _severity, _code, _message") ==
        std::vector<std::string>{
            "3.00 | within_declared | error | CC04 | gift 3.00 is over the declared 2.00",
            "9.00 | within_declared | error | CC04 | gift 9.00 is over the declared 2.00"});
}

TEST_CASE("rule: a warning of its own warns the row and fails nothing") {
  CheckFixture data(kGifts, "values (1.00, 2.00), (2.00, 2.00)");
  data.add_rule("within_declared", kWithinDeclared);
  const SuiteOutcome outcome = data.run("- rule: within_declared");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[0].rows_warned == 1);
  CHECK(outcome.rows_warned == 1);
  CHECK(outcome.rows_failed == 0);
  CHECK(outcome.failed_checks(CheckSeverity::error) == 0);
  CHECK(outcome.failed_checks(CheckSeverity::warn) == 1);
  CHECK(data.findings(outcome, "gift, _severity, _code") ==
        std::vector<std::string>{"2.00 | warn | CC04W"});
}

TEST_CASE("rule: severity warn makes its failures warnings") {
  CheckFixture data(kGifts, "values (3.00, 2.00)");
  data.add_rule("within_declared", kWithinDeclared);
  const SuiteOutcome outcome = data.run("- rule: { name: within_declared, severity: warn }");
  CHECK(outcome.rows_warned == 1);
  CHECK(data.findings(outcome, "_severity, _code") == std::vector<std::string>{"warn | CC04"});
}

TEST_CASE("rule: one that raises is a finding of that row, and other checks judge it still") {
  CheckFixture data(kGifts, "values (1.00, 2.00), (3.00, 2.00)");
  data.add_rule("raises", kRaises);
  data.add_rule("within_declared", kWithinDeclared);
  const SuiteOutcome outcome = data.run("- rule: raises\n- rule: within_declared\n");
  CHECK(outcome.checks[0].observed == "1 of 2 rows failed (the rule raised on 1)");
  const auto findings = data.findings(outcome, "_check, _code, _message");
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].starts_with("raises | rule_error | rules/raises.lua:8: "));
  CHECK(findings[0].find("cannot judge this") != std::string::npos);
  CHECK(findings[1].starts_with("within_declared | CC04 | "));
}

TEST_CASE("rule: one that raises too often ends the job, naming its line and the first row") {
  CheckFixture data(kGifts,
                    "values (3.00, 2.00, 'b.csv', 9), (3.00, 2.00, 'a.csv', 7), (1.00, 2.00, "
                    "'a.csv', 2)",
                    true);
  data.add_rule("raises", kRaises);
  try {
    data.run("- rule: raises", 1);
    FAIL("the rule raised on two rows");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::config);
    CHECK(
        error.message().starts_with("rule 'raises' raised on 2 rows, more than 1 "
                                    "(max_rule_errors); the first is a.csv:7: "
                                    "rules/raises.lua:8: "));
  }
}

TEST_CASE("rule: parameters of the graph replace its own, for each use apart") {
  CheckFixture data(kGifts, "values (3.00, 2.00), (4.00, 2.00)");
  data.add_rule("within_declared", kWithinDeclared);
  const SuiteOutcome outcome = data.run(
      "- rule: within_declared\n"
      "- rule: { name: within_declared, params: { tolerance: \"1.00\" } }\n"
      "- rule: { name: within_declared, where: gift > 3 }\n");
  CHECK(outcome.checks[0].rows_failed == 2);
  CHECK(outcome.checks[1].name == "within_declared #2");
  CHECK(outcome.checks[1].rows_failed == 1);
  CHECK(outcome.checks[2].rows_checked == 1);
  CHECK(outcome.checks[2].rows_failed == 1);
}

TEST_CASE("rule: a parameter it does not have is a load error") {
  CheckFixture data(kGifts, "values (3.00, 2.00)");
  data.add_rule("within_declared", kWithinDeclared);
  CHECK(data.problems_of("- rule: { name: within_declared, params: { tolerence: \"1.00\" } }") ==
        "t.yaml:1:44: error: rule 'within_declared' has no parameter 'tolerence'; did you mean "
        "'tolerance'?\n");
}

TEST_CASE("rule: a column that nobody produces is a load error") {
  CheckFixture data({{"gifts", Type::money(2)}, {"declared", Type::money(2)}},
                    "values (3.00, 2.00)");
  data.add_rule("within_declared", kWithinDeclared);
  CHECK(data.problems_of("- rule: within_declared") ==
        "t.yaml:1:9: error: rule 'within_declared' needs column 'gift', which the dataset does not "
        "have; did you mean 'gifts'?\n");
}

TEST_CASE("rule: a rule of another kind is refused") {
  CheckFixture data(kGifts, "values (3.00, 2.00)");
  data.add_rule("size", R"(
local t = require "tallymill"
return t.classify_rule {
  name = "size",
  doc = "Large or small.",
  needs = { gift = "money" },
  labels = { "large", "small" },
  classify = function(row) return row.gift > t.money "2.00" and "large" or "small" end,
  tests = { { given = { gift = t.money "1.00" }, expect = "small" } },
}
)");
  const std::string problems = data.problems_of("- rule: size");
  CHECK(problems ==
        "t.yaml:1:9: error: rule 'size' is a classify rule, not a check or group "
        "rule; make it with t.check_rule in rules/size.lua\n");
}

TEST_CASE("rule: twenty rules of one dataset run in one call") {
  CheckFixture data(kGifts, "values (3.00, 2.00), (1.00, 2.00)");
  std::string yaml;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "within_" + std::to_string(i);
    std::string text = kWithinDeclared;
    text.replace(text.find("within_declared"), 15, name);
    data.add_rule(name, text);
    yaml += "- rule: " + name + "\n";
  }
  const SuiteOutcome outcome = data.run(yaml);
  for (const CheckResult& result : outcome.checks) CHECK(result.rows_failed == 1);
  CHECK(outcome.findings == 20);
}
