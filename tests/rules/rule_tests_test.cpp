#include <doctest/doctest.h>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

/// "test 1 passed" or "test 1 failed: message", a line a test.
Lines results_of(const std::string& text, RuleLimits limits = {}) {
  RuleHarness harness(limits);
  if (harness.load("probe", text) == nullptr) return {harness.problems()};
  Lines lines;
  for (const RuleTest& test : harness.runtime().run_tests("probe"))
    lines.push_back(test.name + (test.passed ? " passed" : " failed: " + test.message));
  return lines;
}

}  // namespace

TEST_CASE("rule tests: each is passed, or says what was expected and what came") {
  CHECK(results_of(check_rule_text("probe", "gift = \"money\", note = \"text?\"", R"(
    if row.note == "boom" then error("no") end
    if row.gift > p.limit then return t.fail("R", "{gift} over {limit}", row) end
    if row.note then return t.warn("W") end)",
                                   R"(  params = { limit = t.money "5.00" },
  tests = {
    { given = { gift = t.money "5.00" }, expect = "pass" },
    { given = { gift = t.money "5.01" }, expect = "R", message = "5.01 over 5.00" },
    { given = { gift = t.money "5.01" }, expect = "pass" },
    { name = "a note warns", given = { gift = 0, note = "x" }, expect = "R" },
    { given = {}, expect = "not_applicable" },
    { given = { gift = 0, note = "boom" }, expect = "error" },
    { given = { gift = 0, note = "boom" }, expect = "pass" },
    { given = { gift = t.money "1.00" }, params = { limit = 0 }, expect = "R", message = "x" },
  },
)")) == Lines{"test 1 passed", "test 2 passed",
              "test 3 failed: expected pass, got R: 5.01 over 5.00",
              "a note warns failed: expected R, got warn W", "test 5 passed", "test 6 passed",
              "test 7 failed: expected pass, got error: rules/probe.lua:7: no",
              "test 8 failed: expected the message 'x', got '1.00 over 0.00'"});
}

TEST_CASE("rule tests: an error that is no text has no address in its message") {
  CHECK(results_of(check_rule_text("probe", "n = \"integer\"", "error({})",
                                   "  tests = { { given = { n = 1 }, expect = \"pass\" } },\n")) ==
        Lines{"test 1 failed: expected pass, got error: the rule raised an error that is no text"});
}

TEST_CASE("rule tests: a transform is compared column by column") {
  CHECK(results_of(R"(local t = require "tallymill"
return t.transform_rule {
  name = "probe",
  needs = { n = "integer" },
  returns = { half = "money", kind = "text", part = "ratio" },
  transform = function(row)
    if row.n < 0 then return end
    return { half = t.round(row.n / 2), kind = "k" .. row.n, part = 0.05 }
  end,
  tests = {
    { given = { n = 3 }, expect = { half = t.money "0.02", kind = "k3", part = t.percent "5" } },
    { given = { n = 3 }, expect = { half = t.money "0.01", kind = "x" } },
    { given = { n = -1 }, expect = "nothing" },
    { given = { n = 1 }, expect = { hlf = 1 } },
  },
}
)") == Lines{"test 1 passed",
             "test 2 failed: expected half = 0.01, got 0.02; expected kind = 'x', got 'k3'",
             "test 3 passed", "test 4 failed: 'hlf' is not in returns"});
}

TEST_CASE("rule tests: drivers and bands are compared by name") {
  CHECK(results_of(R"(local t = require "tallymill"
return t.driver_rule {
  name = "probe",
  needs = { n = "integer" },
  driver = function(row) if row.n > 0 then return "users" end end,
  tests = {
    { given = { n = 1 }, expect = "users" },
    { given = { n = 1 }, expect = "lines" },
    { given = { n = 0 }, expect = "nothing" },
  },
}
)") == Lines{"test 1 passed", "test 2 failed: expected lines, got users", "test 3 passed"});
}

TEST_CASE("rule tests: one that never ends names its line, and the next test runs") {
  RuleLimits limits;
  limits.cpu_milliseconds = 100;
  const Lines lines = results_of(check_rule_text("probe", "n = \"integer\"", R"(
    while row.n == 1 do
      pcall(function() while true do end end)
    end)",
                                                 R"(  tests = {
    { given = { n = 1 }, expect = "pass" },
    { given = { n = 2 }, expect = "pass" },
  },
)"),
                                 limits);
  CHECK(lines == Lines{"test 1 failed: did not finish within 100ms of CPU; it was last seen at "
                       "rules/probe.lua:8",
                       "test 2 passed"});
}

TEST_CASE("a traced rule that never ends is an error naming row and line") {
  RuleLimits limits;
  limits.cpu_milliseconds = 100;
  limits.mode = LuaMode::traced;
  RuleHarness harness(limits);
  REQUIRE(harness.load("probe", check_rule_text("probe", "n = \"integer\"", R"(
    local i = 0
    while row.n == 2 do i = i + 1 end)")));
  harness.rows(
      "select n::bigint as n, 'day01.csv' as _source, n + 10 as _line from range(5) as r(n)",
      {column("n", Type::integer())}, true);
  CHECK_THROWS_WITH_AS(
      harness.check({"probe"}),
      doctest::Contains("rule 'probe' (rules/probe.lua) did not finish within 100ms of CPU on row "
                        "day01.csv:12; it was last seen at rules/probe.lua:8; look for a loop that "
                        "never ends"),
      Error);
}
