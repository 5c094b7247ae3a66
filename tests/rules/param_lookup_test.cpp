#include "rules/param_lookup.h"

#include "rules/rule_requirements.h"
#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

const FileTexts kFiles{
    {"params/high_value.csv",
     "# values: { threshold: money, label: text, since: date, share: ratio, on: boolean }\n"
     "org,from,to,threshold,label,since,share,on\n"
     "B01,2025-01,2025-12,2500.00,gold,2025-01-01,0.25,true\n"
     "B01,2026-01,,2800.00,platinum,2026-01-01,0.5,false\n"
     "B02,2025-01,,3000.00,gold,2024-06-30,0.125,true\n"}};

std::string rule(const std::string& params, const std::string& body, const std::string& more = {}) {
  return "local t = require \"tallymill\"\n"
         "return t.check_rule {\n"
         "  name = \"high_value\",\n"
         "  needs = { charge = \"money\", org_code = \"text\" },\n"
         "  params = { " +
         params +
         " },\n"
         "  check = function(row, p)\n" +
         body + "\n  end,\n" + more + "}\n";
}

const std::string kParams =
    R"(limit = t.param { type = "money", table = "high_value", column = "threshold", by = "org_code" })";
const std::string kBody =
    R"(if row.charge > p.limit then return t.fail("CL01", "{charge} is over {limit}", row) end)";

struct Case {
  explicit Case(const std::string& text, const std::string& period = "2025-06",
                RuleLimits limits = {})
      : harness(limits) {
    harness.rows(
        "values (2500.01, 'B01'), (2999.99, 'B02'), (3000.01, 'B02'), (2500.00, 'B01'), "
        "(9.00, 'Z9'), (9.00, null)",
        {column("charge", Type::money(2)), column("org_code", Type::text())});
    harness.engine().execute(
        "create or replace table rows as select col0::decimal(18,2) as charge, col1 as org_code "
        "from rows");
    harness.runtime().set_period(Period::parse(period).value());
    harness.load("high_value", text, kFiles);
  }
  RuleHarness harness;
};

}  // namespace

TEST_CASE("param lookup: a rule sees the value that holds for the org of its row") {
  for (const LuaMode mode : {LuaMode::compiled, LuaMode::interpreted, LuaMode::traced}) {
    Case of(rule(kParams, kBody), "2025-06", {.mode = mode});
    CHECK(of.harness.check({"high_value"}) ==
          Lines{"0 high_value fail CL01: 2500.01 is over 2500.00",
                "2 high_value fail CL01: 3000.01 is over 3000.00",
                "4 high_value error rule_error: rules/high_value.lua:6: parameter 'limit': "
                "params/high_value.csv has no one value for org 'Z9' in 2025-06",
                "5 high_value not_applicable"});
  }
}

TEST_CASE("param lookup: another period sees its own value") {
  Case of(rule(kParams, kBody), "2026-01");
  CHECK(of.harness.check({"high_value"}).at(0) ==
        "2 high_value fail CL01: 3000.01 is over 3000.00");
}

TEST_CASE("param lookup: texts, dates, ratios and booleans arrive as their types") {
  const std::string params =
      R"(a = t.param { type = "text", table = "high_value", column = "label", by = "org_code" },
         b = t.param { type = "date", table = "high_value", column = "since", by = "org_code" },
         c = t.param { type = "ratio", table = "high_value", column = "share", by = "org_code" },
         d = t.param { type = "boolean", table = "high_value", column = "on", by = "org_code" })";
  const std::string body =
      R"(return t.fail(p.a, t.date_text(p.b) .. " " .. t.percent_text(p.c) .. " " .. tostring(p.d)))";
  for (const LuaMode mode : {LuaMode::compiled, LuaMode::interpreted}) {
    Case of(rule(params, body), "2026-01", {.mode = mode});
    of.harness.engine().execute("delete from rows where org_code is null or org_code = 'Z9'");
    CHECK(of.harness.check({"high_value"}).at(0) ==
          "0 high_value fail platinum: 2026-01-01 50 % false");
    CHECK(of.harness.check({"high_value"}).at(1) ==
          "1 high_value fail gold: 2024-06-30 12.5 % true");
  }
}

TEST_CASE("param lookup: what a job gives stands over the table, the rule's default behind it") {
  Case given(rule(kParams, kBody));
  CHECK(given.harness.check({"high_value"}, {{"limit", "8.00"}}).size() == 6);
  std::string params = kParams;
  params.insert(params.rfind('}'), ", default = t.money \"5.00\" ");
  Case fallback(rule(params, kBody));
  CHECK(fallback.harness.check({"high_value"}).at(2) ==
        "4 high_value fail CL01: 9.00 is over 5.00");
}

TEST_CASE("param lookup: a value and its validity can be told for each row") {
  Case of(rule(kParams, kBody));
  const auto call = of.harness.bind({"high_value"});
  REQUIRE(call);
  REQUIRE(call->params.size() == 1);
  CHECK(call->params[0].name == "limit");
  const Rows rows = of.harness.engine().query("select " + call->params[0].value + ", " +
                                              call->params[0].origin + " from rows limit 1");
  CHECK(rows.text(0, 0) == "2500.00");
  CHECK(rows.text(0, 1) == "2025-01 to 2025-12 (org B01, params/high_value.csv:3)");
}

TEST_CASE("param lookup: a period before any value is refused before a row is read") {
  Case of(rule(kParams, kBody), "2024-12");
  CHECK_FALSE(of.harness.bind({"high_value"}));
  CHECK(of.harness.problems() ==
        "params/high_value.csv:1:1: it has no one value for org 'B01' in 2024-12; give that org, a "
        "parent or org \"*\" a value that holds through all of 2024-12\n");
}

TEST_CASE("param lookup: a declaration that does not fit the table is reported at the parameter") {
  const auto problems = [](const std::string& declared) {
    RuleHarness harness;
    harness.load("high_value", rule("limit = t.param { " + declared + " }", kBody), kFiles);
    return harness.problems();
  };
  CHECK(problems(R"(type = "money", table = "hihg_value", by = "org_code")") ==
        "rules/high_value.lua:5:14: there is no parameter table 'hihg_value'; it would stand in "
        "params/hihg_value.csv, named by a plain text here\n");
  CHECK(problems(R"(type = "money", table = "high_value", by = "org_code")") ==
        "rules/high_value.lua:5:14: params/high_value.csv has several columns of values; write "
        "column = one of: threshold, label, since, share, on\n");
  CHECK(problems(R"(type = "money", table = "high_value", column = "treshold", by = "org_code")") ==
        "rules/high_value.lua:5:14: params/high_value.csv has no column 'treshold'; did you mean "
        "'threshold'?\n");
  CHECK(problems(
            R"(type = "integer", table = "high_value", column = "threshold", by = "org_code")") ==
        "rules/high_value.lua:5:14: parameter 'limit' is integer, but 'threshold' of "
        "params/high_value.csv is money; give both the same type\n");
  CHECK(
      problems(R"(type = "money", table = "high_value", column = "threshold", by = "org")") ==
      "rules/high_value.lua:5:14: parameter 'limit' is looked up by 'org', which is not in needs; "
      "add org = \"text\"\n");
  CHECK(problems(R"(type = "money", table = "high_value")") ==
        "rules/high_value.lua:5: t.param with a table takes its name and the column of the org: "
        "t.param { type = \"money\", table = \"high_value\", by = \"org_code\" }\n");
}

TEST_CASE("param lookup: a test gives the value itself") {
  const std::string tests =
      "  tests = {\n"
      "    { given = { charge = t.money \"9.00\", org_code = \"B01\" },\n"
      "      params = { limit = t.money \"8.00\" }, expect = \"CL01\" },\n"
      "    { given = { charge = t.money \"9.00\", org_code = \"B01\" }, expect = \"pass\" },\n"
      "  },\n";
  RuleHarness harness;
  REQUIRE(harness.load("high_value", rule(kParams, kBody, tests), kFiles));
  const std::vector<RuleTest> results = harness.runtime().run_tests("high_value");
  CHECK(results[0].passed);
  CHECK(results[1].message ==
        "limit comes from params/high_value.csv; give the test a value: params = { limit = ... }");
}

TEST_CASE("rule requirements: a rule depends on the tables it names, and on theirs") {
  std::map<std::string, std::string> files = kFiles;
  files["params/other.yaml"] = "orgs: { table: org, key: org_code }\n";
  files["tables/org.csv"] = "org_code\n";
  const FileReader read = [&](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
  Diagnostics diagnostics;
  const auto uses = rule_requirements(
      "rules/x.lua",
      "t.param { type = 'money', table = 'high_value' } -- t.param { table = 'no' }\n"
      "t.param({ table = \"other\" }) t.param { table = 'none', more = { table = 'no' } }",
      read, diagnostics);
  std::vector<std::string> paths;
  for (const FileUse& use : uses) paths.push_back(use.path);
  CHECK(paths == Lines{"params/high_value.csv", "params/other.yaml", "tables/org.csv"});
  CHECK(
      diagnostics.render() ==
      "rules/x.lua:2:48: error: there is no parameter table 'none'; it would stand in "
      "params/none.csv or params/none.yaml\n"
      "    2 | t.param({ table = \"other\" }) t.param { table = 'none', more = { table = 'no' } }\n"
      "      |                                                ^~~~~~\n");
}

TEST_CASE("rule requirements: a rule that stands in two files is reported at the second") {
  const FileReader read = [](const std::string& path) -> std::optional<std::string> {
    if (path.ends_with(".lua") || path.ends_with(".yaml")) return "decision: x\n";
    return std::nullopt;
  };
  Diagnostics diagnostics;
  CHECK_FALSE(find_rule_file("x", read, diagnostics));
  CHECK(diagnostics.render() ==
        "rules/x.yaml:1:1: error: rule 'x' stands in rules/x.lua, too; rename or remove one of "
        "them\n"
        "    1 | decision: x\n"
        "      | ^\n");
}
