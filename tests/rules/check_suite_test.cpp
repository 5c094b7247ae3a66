#include "check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kColumns{{"id", Type::text()}, {"amount", Type::money(2)}};
const char* const kRows = "values ('a', 1.00), ('b', -2.00), (null, -3.00), ('d', 4.00)";

}  // namespace

TEST_CASE("checks: each row is in one class, by its gravest finding") {
  CheckFixture data(kColumns, kRows);
  const SuiteOutcome outcome = data.run(
      "- not_null: id\n"
      "- in_range: { column: amount, min: 0, severity: warn }\n");
  CHECK(outcome.rows == 4);
  CHECK(outcome.rows_failed == 1);
  CHECK(outcome.rows_warned == 1);
  CHECK(outcome.findings == 3);
}

TEST_CASE("checks: a row keeps all its findings") {
  CheckFixture data(kColumns, kRows);
  const SuiteOutcome outcome = data.run(
      "- not_null: id\n"
      "- in_range: { column: amount, min: 0, severity: warn }\n");
  CHECK(data.findings(outcome, "amount, _check, _severity") ==
        std::vector<std::string>{"-2.00 | in_range(amount) | warn",
                                 "-3.00 | in_range(amount) | warn",
                                 "-3.00 | not_null(id) | error"});
}

TEST_CASE("checks: findings have the rows' columns and provenance, then four of their own") {
  Schema schema;
  schema.columns = kColumns;
  schema.key = {"id"};
  schema.has_provenance = true;
  const Schema findings = findings_schema(schema);
  CHECK(findings.names() ==
        std::vector<std::string>{"id", "amount", "_check", "_severity", "_code", "_message"});
  CHECK(findings.has_provenance);
  CHECK(findings.key.empty());
}

TEST_CASE("checks: failing rows within a tolerance pass and are kept all the same") {
  CheckFixture data(kColumns, kRows);
  const SuiteOutcome outcome = data.run(
      "- in_range: { column: amount, min: 0, max_failed: 2, name: by count }\n"
      "- in_range: { column: amount, min: 0, max_ratio: 0.5, name: by share }\n"
      "- in_range: { column: amount, min: 0, max_failed: 1, max_ratio: 0.5, name: both }\n"
      "- in_range: { column: amount, min: 0, max_ratio: 0.499999999, name: just over }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[1].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[2].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[3].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[0].message ==
        "by count: 2 of 4 rows failed; expected at least 0.00 (tolerated: 2 rows)");
  CHECK(outcome.checks[2].message ==
        "both: 2 of 4 rows failed; expected at least 0.00 (tolerated: 1 row and a share of 0.5)");
  CHECK(outcome.findings == 8);
}

TEST_CASE("checks: rows outside `where` are not applicable, also where it is null") {
  CheckFixture data(kColumns, kRows);
  const CheckResult result =
      data.run_one("- in_range: { column: amount, min: 0, where: id <> 'b' }");
  CHECK(result.rows_checked == 2);
  CHECK(result.rows_failed == 0);
  CHECK(result.rows_not_applicable == 2);
}

TEST_CASE("checks: values of sensitive columns are masked in results and messages") {
  CheckFixture data({{"phone", Type::text(), false, true}}, "values ('13800000000'), ('x')");
  const SuiteOutcome outcome = data.run("- matches: { column: phone, pattern: \"1[0-9]{10}\" }");
  REQUIRE(outcome.checks[0].top_values.size() == 1);
  CHECK(outcome.checks[0].top_values[0].value == "***");
  CHECK(data.findings(outcome, "_message") ==
        std::vector<std::string>{"phone is ***; expected text like 1[0-9]{10}"});
  CHECK(findings_schema(data.schema()).find("phone")->sensitive);
}

TEST_CASE("checks: a suite that asks nothing is refused") {
  CheckFixture data(kColumns, kRows);
  CHECK(data.problems_of("[]") ==
        "t.yaml:1:1: error: 'checks' must list at least one check; a suite that asks nothing would "
        "always pass\n");
}

TEST_CASE("checks: all problems of a suite are reported at once") {
  CheckFixture data(kColumns, kRows);
  CHECK(
      data.problems_of("- not_nul: id\n"
                       "- unique: { columns: id, severity: fatal }\n"
                       "- { not_null: id, unique: id }\n"
                       "- not_null\n"
                       "- in_range: { column: amount, min: 0, max_failed: -1 }\n") ==
      "t.yaml:1:3: error: unknown check 'not_nul'; did you mean 'not_null'?\n"
      "t.yaml:2:36: error: option 'severity' must be one of error, warn, got 'fatal'\n"
      "t.yaml:3:3: error: a check must be a mapping with one key, the name of a check, got 2 keys; "
      "write '- not_null: user_id'\n"
      "t.yaml:4:3: error: a check must be a mapping with one key, the name of a check, got a "
      "text; write '- not_null: user_id'\n"
      "t.yaml:5:51: error: option 'max_failed' must not be negative\n");
}

TEST_CASE("checks: names are unique, chosen ones by the author, others by number") {
  CheckFixture data(kColumns, kRows);
  const SuiteOutcome outcome =
      data.run("- not_null: id\n- not_null: { column: id, severity: warn }\n");
  CHECK(outcome.checks[0].name == "not_null(id)");
  CHECK(outcome.checks[1].name == "not_null(id) #2");
  CHECK(data.problems_of("- not_null: { column: id, name: same }\n"
                         "- unique: { columns: id, name: same }\n") ==
        "t.yaml:2:32: error: two checks are named 'same'; rename one\n");
}

TEST_CASE("checks: a ratio is exact to nine digits, half to even") {
  CHECK(exact_ratio(0, 7) == "0");
  CHECK(exact_ratio(7, 7) == "1");
  CHECK(exact_ratio(1, 4) == "0.25");
  CHECK(exact_ratio(1, 3) == "0.333333333");
  CHECK(exact_ratio(2, 3) == "0.666666667");
  CHECK(exact_ratio(1, 2'000'000'000) == "0");
  CHECK(exact_ratio(3, 2'000'000'000) == "0.000000002");
}

TEST_CASE("checks: a result's JSON says everything in one stable order") {
  CheckFixture data(kColumns, kRows);
  CHECK(
      json::serialize(data.run_one("- in_range: { column: amount, min: 0 }").to_json()) ==
      R"json({"name":"in_range(amount)","check":"in_range","columns":["amount"],"severity":"error",)json"
      R"json("verdict":"fail","rows_checked":4,"rows_failed":2,"rows_warned":0,)json"
      R"json("rows_not_applicable":0,"ratio":"0.5","observed":"2 of 4 rows failed",)json"
      R"json("expected":"at least 0.00",)json"
      R"json("message":"in_range(amount): 2 of 4 rows failed; expected at least 0.00",)json"
      R"json("top_values":[{"value":"-2.00","rows":1},{"value":"-3.00","rows":1}]})json");
}

TEST_CASE("checks: many failing checks keep and count the same as few do") {
  const std::string few =
      "- not_null: id\n"
      "- in_range: { column: amount, min: 0, severity: warn }\n"
      "- in_set: { column: id, values: [z], name: none }\n"
      "- unique: [amount]\n"
      "- rule: { name: signs, severity: error }\n";
  std::string many = few;
  // Three groups of checks, the rule among the last.
  for (int i = 0; i < 150; ++i)
    many = "- expression: { name: \"filler " + std::to_string(i) + "\", sql: \"amount > " +
           std::to_string(i % 3 + 1) + "\" }\n" + many;
  const char* const rule = R"(
    local t = require "tallymill"
    return t.check_rule { name = "signs", doc = "d", needs = { amount = "money" },
      check = function(row)
        if row.amount < t.money "-2.00" then return t.fail("LOW", "{amount} is low", row) end
        if row.amount < t.money "0.00" then return t.warn("NEGATIVE", "{amount}", row) end
      end,
      tests = { { given = { amount = t.money "1.00" }, expect = "pass" } } })";
  const std::string rows = "values ('a', 1.00), ('b', -2.00), (null, -3.00), ('d', 1.00)";
  CheckFixture small(kColumns, rows);
  CheckFixture large(kColumns, rows);
  small.add_rule("signs", rule);
  large.add_rule("signs", rule);
  const SuiteOutcome expected = small.run(few);
  const SuiteOutcome outcome = large.run(many);
  CHECK(expected.findings == 2 + 1 + 4 - 1 + 2 + 2);
  CHECK(outcome.findings == expected.findings + 50 * (4 + 4 + 4));
  CHECK(outcome.rows_failed == 4);
  const std::string columns = "_check, id, amount, _severity, _code, _message";
  std::vector<std::string> found = large.findings(outcome, columns);
  std::erase_if(found, [](const std::string& line) { return line.starts_with("filler"); });
  CHECK(found == small.findings(expected, columns));
  for (std::size_t i = 0; i < expected.checks.size(); ++i) {
    const CheckResult& check = outcome.checks[150 + i];
    const CheckResult& alone = expected.checks[i];
    CAPTURE(alone.name);
    CHECK(check.name == alone.name);
    REQUIRE(check.top_values.size() == alone.top_values.size());
    for (std::size_t value = 0; value < alone.top_values.size(); ++value) {
      CHECK(check.top_values[value].value == alone.top_values[value].value);
      CHECK(check.top_values[value].rows == alone.top_values[value].rows);
    }
  }
}

namespace {

/// What a run of the checks ends with.
std::string error_of(CheckFixture& data, const std::string& yaml) {
  try {
    data.run(yaml);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  const bool found = text.find(part) != std::string::npos;
  CHECK_MESSAGE(found, "lacks: " << part);
  return found;
}

}  // namespace

TEST_CASE("checks: what cannot be computed beside the scan names check, place and column, too") {
  const std::vector<Column> columns{{"city", Type::text()}, {"n", Type::decimal(38, 0)}};
  const std::string large = "99999999999999999999999999999999999999";
  const std::string rows = "values ('a', 1), ('a', " + large + "), ('b', " + large + ")";
  const auto ends_with_names = [&](const std::string& check, const std::string& place) {
    CheckFixture data(columns, rows);
    const std::string error = error_of(data, "- not_null: city\n" + check);
    has(error, "; correct the value, or leave its rows out with `where` of the check");
    has(error, "while running check " + place);
  };
  SUBCASE("the scan itself") {
    ends_with_names("- aggregate: { column: n, function: stdev, max: 1 }\n",
                    "'aggregate(n)' (t.yaml:2:3) on column n");
  }
  SUBCASE("groups") {
    ends_with_names("- aggregate: { column: n, function: stdev, max: 1, by: city }\n",
                    "'aggregate(n)' (t.yaml:2:3) on columns city, n");
  }
  SUBCASE("the sum of what matters in failing rows") {
    ends_with_names(
        "- not_in_set: { column: city, values: [a, b], amount: n, max_failed_amount: 1, name: m "
        "}\n",
        "'m' (t.yaml:2:3) on columns city, n");
  }
}

TEST_CASE("checks: a value that cannot be computed is not shown if its column is sensitive") {
  CheckFixture data({{"n", Type::decimal(38, 0), false, true}},
                    "values (12345678901234567890123456789012345678)");
  const std::string error =
      error_of(data, "- aggregate: { column: n, function: stdev, max: 1, name: spread }\n");
  has(error, "a value that is computed of a sensitive column is out of range");
  has(error, "while running check 'spread' (t.yaml:1:3) on column n");
  CHECK(error.find("1234567890123") == std::string::npos);
}

TEST_CASE("checks: an error in groups that several checks share names them all") {
  CheckFixture data({{"city", Type::text()}, {"n", Type::decimal(38, 0)}},
                    "values ('a', 99999999999999999999999999999999999999)");
  const std::string same = "- aggregate: { column: n, function: stdev, max: 1, by: city, name: ";
  const std::string error =
      error_of(data, same + "a }\n" + same + "b }\n" + same + "c }\n" + same + "d }\n");
  has(error,
      "while running checks 'a' (t.yaml:1:3), 'b' (t.yaml:2:3), 'c' (t.yaml:3:3) and 1 more on "
      "columns city, n");
}
