#include "rules/rule_lint.h"

#include <doctest/doctest.h>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

/// Problems of a check with this body on line 4; `gift`, `other` are money, `share` a ratio,
/// `price` a decimal(12,4), `n` an integer; p.limit is money, p.rate a ratio.
std::string problems_of(const std::string& body) {
  RuleHarness harness;
  harness.load(
      "probe",
      "local t = require \"tallymill\"\n"
      "return t.check_rule { name = \"probe\", needs = { gift = \"money\", other = \"money\", "
      "share = \"ratio\", price = \"decimal(12,4)\", n = \"integer\" },\n"
      "params = { limit = t.money \"1.00\", rate = t.percent \"5\" }, check = function(row, p)\n" +
          body + "\nend }\n");
  return harness.problems();
}

}  // namespace

TEST_CASE("lint: money compared with a bare number is refused where the number stands") {
  CHECK(problems_of("if row.gift > 3000 then return t.fail(\"R\") end") ==
        "rules/probe.lua:4:15: row.gift is money and is compared with the bare number 3000, which "
        "means 30.00; write t.money \"3000\"\n");
  CHECK(problems_of("if 100 <= row.gift then return t.fail(\"R\") end") ==
        "rules/probe.lua:4:4: row.gift is money and is compared with the bare number 100, which "
        "means 1.00; write t.money \"100\"\n");
  CHECK(problems_of("if row.gift == -5 then return t.fail(\"R\") end") ==
        "rules/probe.lua:4:16: row.gift is money and is compared with the bare number -5, which "
        "means -0.05; write t.money \"-5\"\n");
}

TEST_CASE("lint: money combined with a bare number is refused") {
  CHECK(problems_of("local x = row.gift + 5") ==
        "rules/probe.lua:4:22: row.gift is money and is combined with the bare number 5, which "
        "means 0.05; write t.money \"5\"\n");
  CHECK(problems_of("if (row.gift - p.limit) * 2 < 10.5 then return end") ==
        "rules/probe.lua:4:31: the expression is money and is compared with the bare number 10.5; "
        "write t.money "
        "\"10.5\"\n");
}

TEST_CASE("lint: a decimal compared with a bare number is refused likewise") {
  CHECK(problems_of("if row.price > 100 then return end") ==
        "rules/probe.lua:4:16: row.price is a decimal and is compared with the bare number 100, "
        "which means 0.0100; write t.decimal(\"100\", 4)\n");
}

TEST_CASE("lint: units are followed through locals, t.round and max") {
  CHECK(problems_of("local g = row.gift\nif t.round(g * 0.5) > 3 then return end") ==
        "rules/probe.lua:5:23: t.round(...) is money and is compared with the bare number 3, which "
        "means 0.03; write t.money \"3\"\n");
  CHECK(problems_of("local limit = 3000\nif row.gift > limit then return end") ==
        "rules/probe.lua:5:15: row.gift is money and is compared with a bare number; make it "
        "t.money \"...\"\n");
  CHECK(
      problems_of("if math.max(row.gift, row.other) > 7 then return end") ==
      "rules/probe.lua:4:36: math.max(...) is money and is compared with the bare number 7, which "
      "means 0.07; write t.money \"7\"\n");
}

TEST_CASE("lint: money times money, and money with a ratio, are refused") {
  CHECK(problems_of("local x = row.gift * row.other") ==
        "rules/probe.lua:4:11: money times money is no amount; multiply by a ratio or a count, or "
        "use t.share\n");
  CHECK(problems_of("local x = row.gift + row.share") ==
        "rules/probe.lua:4:11: money is combined with a ratio; turn the ratio into money "
        "first: t.share(amount, ratio)\n");
  CHECK(problems_of("if p.rate < row.gift then return end") ==
        "rules/probe.lua:4:4: money is compared with a ratio; turn the ratio into money first: "
        "t.share(amount, ratio)\n");
}

TEST_CASE("lint: what keeps its units is let through") {
  CHECK(problems_of(R"(
    if row.gift > 0 and row.gift ~= -0 and row.gift > t.money "3000" then return end
    if row.gift * 2 > row.other or row.gift / row.other > 0.5 then return end
    if row.gift > row.other * p.rate + p.limit or row.n > 3 or row.share > 0.05 then return end
    for i = 1, 3 do if row.n > i then return end end
    local f = function(a) return a > 3 end
    local s = { gift = 3, [1] = row.gift > t.money "1" }
    return f(row.n) and t.fail("R", "x", { gift = 3 }) or nil)") == "");
}

TEST_CASE("lint: a bare number in a test's money column is refused") {
  RuleHarness harness;
  harness.load("probe",
               check_rule_text("probe", "gift = \"money\"", "",
                               "  tests = { { given = { gift = 3000 }, expect = \"pass\" } },\n"));
  CHECK(harness.problems() ==
        "rules/probe.lua:8:32: column 'gift' is money and is given the bare number 3000, which "
        "means 30.00; write t.money \"3000\"\n");
}

TEST_CASE("lint: a message that names an unknown column is refused") {
  CHECK(problems_of("return t.fail(\"R\", \"{gift} of {giift} {limit} { x }\", row)") ==
        "rules/probe.lua:4:20: the message names {giift}, which is neither in needs nor in params; "
        "did you mean 'gift'?\n");
}
