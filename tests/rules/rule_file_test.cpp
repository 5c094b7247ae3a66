#include "rules/rule_file.h"

#include <doctest/doctest.h>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

/// A file whose line 3 onwards are these fields.
std::string check_file(const std::string& fields) {
  return "local t = require \"tallymill\"\nreturn t.check_rule {\n" + fields + "\n}\n";
}

const std::string kSound =
    "  name = \"probe\", needs = { gift = \"money\", note = \"text?\" },\n"
    "  check = function(row) end,\n";

}  // namespace

TEST_CASE("rule file: a syntax error is reported at its line") {
  CHECK(rule_problems("local t = require \"tallymill\"\nreturn t.check_rule {\n  name = = 1\n}") ==
        "rules/probe.lua:3: unexpected symbol near '='\n");
}

TEST_CASE("rule file: of a syntax error the place is said where only one can be meant") {
  const std::string head = "local t = require \"tallymill\"\nlocal x = ";
  CHECK(rule_problems(head + "1 2\n") == "rules/probe.lua:2:13: unexpected symbol near '2'\n");
  CHECK(rule_problems(head + "{ a = 1 ]\n") == "rules/probe.lua:2:19: '}' expected near ']'\n");
}

TEST_CASE("rule file: an error while the file runs is reported at its line") {
  CHECK(rule_problems("local t = require \"tallymill\"\nlocal x = t.money \"12.345\"\n") ==
        "rules/probe.lua:2: t.money: '12.345' has 3 fraction digits, the type has 2\n");
}

TEST_CASE("rule file: it must return a rule") {
  CHECK(rule_problems("return { name = \"probe\" }") ==
        "rules/probe.lua:1:1: a rule file returns one rule, this one returns table; write return "
        "t.check_rule { name = ..., needs = ..., check = ... }\n");
}

TEST_CASE("rule file: everything that is missing is reported at once") {
  CHECK(rule_problems(check_file("")) ==
        "rules/probe.lua:1:1: the rule has no function 'check'; write check = function(row, p) ... "
        "end\n"
        "rules/probe.lua:1:1: the rule has no name; write name = \"probe\"\n"
        "rules/probe.lua:1:1: the rule has no needs; write needs = { amount = \"money\" }\n");
}

TEST_CASE("rule file: the name is the file's") {
  CHECK(rule_problems(
            check_file("  name = \"prob\", needs = { a = \"text\" }, check = function() end")) ==
        "rules/probe.lua:3:3: the rule is named 'prob', its file 'probe.lua'; give both the same "
        "name\n");
}

TEST_CASE("rule file: an unknown field is met with the nearest known one") {
  CHECK(rule_problems(check_file(kSound + "  parms = {},\n  [1] = 2,")) ==
        "rules/probe.lua:5:3: unknown field 'parms' of a check rule; did you mean 'params'?\n"
        "rules/probe.lua:6:3: unknown field '[1]' of a check rule; known fields: name, doc, needs, "
        "params, check, tests\n");
}

TEST_CASE("rule file: an unknown type is reported at its column") {
  CHECK(rule_problems(check_file("  name = \"probe\",\n  needs = {\n    gift = \"mony\",\n"
                                 "    note = 3,\n    kind = \"enum\",\n  },\n"
                                 "  check = function(row) end,")) ==
        "rules/probe.lua:5:5: column 'gift' has the unknown type 'mony'; did you mean 'money'?\n"
        "rules/probe.lua:6:5: the type of column 'note' must be a text, got 3\n"
        "rules/probe.lua:7:5: column 'kind' has the unknown type 'enum'; write text\n");
}

TEST_CASE("rule file: fields of the wrong kind are reported") {
  CHECK(rule_problems(check_file("  name = 7, doc = {}, needs = { \"gift\" }, params = 1,\n"
                                 "  tests = \"x\", check = \"f\",")) ==
        "rules/probe.lua:3:3: name must be a text, got 7; write name = \"probe\"\n"
        "rules/probe.lua:3:13: doc must be a text, got a table\n"
        "rules/probe.lua:3:23: needs must be a table such as { amount = \"money\" }, got a list\n"
        "rules/probe.lua:3:43: params must be a table such as { tolerance = t.money \"0.00\" }\n"
        "rules/probe.lua:4:3: tests must be a list such as { { given = {...}, expect = \"pass\" } "
        "}\n"
        "rules/probe.lua:4:16: check must be a function, got the text 'f'; write check = "
        "function(row, p) ... end\n");
}

TEST_CASE("rule file: malformed tests are reported where they stand") {
  CHECK(rule_problems(check_file(kSound + R"(  tests = {
    { given = { gift = t.money "1.00" } },
    { expect = "pass" },
    { given = { gfit = 1, note = 3 }, expect = "pass", expct = "x" },
    { given = { gift = t.money "1.00" / 3 }, expect = 3 },
    "no test",
  },)")) ==
        "rules/probe.lua:6:5: test 1 has no expect; write expect = \"pass\"\n"
        "rules/probe.lua:7:5: test 2 has no table given; write given = { column = value }\n"
        "rules/probe.lua:8:17: test 3 gives column 'gfit', which is not in needs; did you mean "
        "'gift'?\n"
        "rules/probe.lua:8:27: test 3: column 'note' is text and must be a text, got 3\n"
        "rules/probe.lua:8:56: test 3 has the unknown field 'expct'; did you mean 'expect'?\n"
        "rules/probe.lua:9:17: test 4: column 'gift' is money and must be a whole number of minor "
        "units, as t.money \"1.00\" gives it, got 33.333333333333\n"
        "rules/probe.lua:9:46: test 4 expects 3; a text was expected\n"
        "rules/probe.lua:10:5: test 5 must be a table with given and expect, got the text 'no "
        "test'\n");
}

TEST_CASE("rule file: a column or parameter read without being declared is reported") {
  CHECK(rule_problems(check_file("  name = \"probe\", needs = { gift = \"money\" },\n"
                                 "  params = { limit = 3 },\n"
                                 "  check = function(row, p)\n"
                                 "    local r = row\n"
                                 "    if r.gifts > 0 then\n      return p.limits\n    end\n"
                                 "  end,")) ==
        "rules/probe.lua:7:10: column 'gifts' is read but not declared in needs; did you mean "
        "'gift'?\n"
        "rules/probe.lua:8:16: parameter 'limits' is read but not declared in params; did you mean "
        "'limit'?\n");
}

TEST_CASE("rule file: a column read by name at run time must be declared too") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "n = \"integer\"", R"(
    local name = "m"
    return row[name])")));
  harness.rows("select 1::bigint as n", {column("n", Type::integer())});
  CHECK(harness.check({"probe"}) ==
        Lines{"0 probe error rule_error: rules/probe.lua:8: column 'm' is read but not declared in "
              "needs"});
}

TEST_CASE("rule file: parameters are typed by their literal or by t.param") {
  RuleHarness harness;
  const RuleInfo* info = harness.load("probe", check_file(kSound + R"(
  params = {
    a = t.money "1.50", b = t.percent "5", c = t.date "2026-01-31", d = "x", e = true, f = 7,
    g = t.decimal("0.1250", 4),
    h = t.param { type = "money", default = t.money "2.00", doc = "Of the audit." },
  },)"));
  REQUIRE(info != nullptr);
  CHECK(
      json::serialize(json::value_from(info->params)) ==
      R"({"a":"1.50","b":"0.05","c":"2026-01-31","d":"x","e":true,"f":7,"g":"0.1250","h":"2.00"})");
}

TEST_CASE("rule file: a file that never ends is an error with the line seen last") {
  RuleLimits limits;
  limits.cpu_milliseconds = 100;
  RuleHarness harness(limits);
  CHECK(harness.load("probe", "local n = 0\nwhile true do\n  n = n + 1\nend\n") == nullptr);
  const std::string found = harness.problems();
  CHECK(found.substr(0, 16) == "rules/probe.lua:");
  CHECK(found.substr(17) ==
        ": the file did not finish loading within 100 ms of CPU; this line was seen last\n");
}

TEST_CASE("rule file: loading the same text twice gives the first, another text takes its place") {
  RuleHarness harness;
  const RuleInfo* first = harness.load("probe", check_file(kSound));
  REQUIRE(first != nullptr);
  CHECK(harness.load("probe", check_file(kSound)) == first);
  CHECK(harness.load("probe", "broken") == nullptr);
  const RuleInfo* again = harness.load("probe", check_file(kSound));
  REQUIRE(again != nullptr);
  CHECK(again->name == first->name);
}

TEST_CASE("rule file: a problem quotes its line") {
  RuleHarness harness;
  harness.load("probe",
               check_file("  name = \"prob\", needs = { a = \"text\" }, check = function() end"));
  CHECK(harness.diagnostics().render() ==
        "rules/probe.lua:3:3: error: the rule is named 'prob', its file 'probe.lua'; give both the "
        "same name\n"
        "    3 |   name = \"prob\", needs = { a = \"text\" }, check = function() end\n"
        "      |   ^~~~\n");
}
