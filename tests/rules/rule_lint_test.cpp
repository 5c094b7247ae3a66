#include "rules/rule_lint.h"

#include <doctest/doctest.h>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

/// Problems of a check with this body from line 4 on; `gift`, `other` are money, `share` a ratio,
/// `price` a decimal(12,4), `n` an integer; p.limit is money, p.rate a ratio.
std::string lint(const std::string& body) {
  return rule_problems(
      "local t = require \"tallymill\"\n"
      "return t.check_rule { name = \"probe\", needs = { gift = \"money\", other = \"money\", "
      "share = \"ratio\", price = \"decimal(12,4)\", n = \"integer\" },\n"
      "params = { limit = t.money \"1.00\", rate = t.percent \"5\" }, check = function(row, p)\n" +
      body + "\nend }\n");
}

/// One problem of the rule, "4:15" being where.
std::string at(const std::string& place, const std::string& message) {
  return "rules/probe.lua:" + place + ": " + message + "\n";
}

}  // namespace

TEST_CASE("lint: money compared with a bare number is refused where the number stands") {
  CHECK(lint("if row.gift > 3000 then return t.fail(\"R\") end") ==
        at("4:15",
           "row.gift is money and is compared with the bare number 3000, which means 30.00; write "
           "t.money \"3000\""));
  CHECK(lint("if 100 <= row.gift then return t.fail(\"R\") end") ==
        at("4:4",
           "row.gift is money and is compared with the bare number 100, which means 1.00; write "
           "t.money \"100\""));
  CHECK(lint("if row.gift == -5 then return t.fail(\"R\") end") ==
        at("4:16",
           "row.gift is money and is compared with the bare number -5, which means -0.05; write "
           "t.money \"-5\""));
}

TEST_CASE("lint: money combined with a bare number is refused") {
  CHECK(lint("local x = row.gift + 5") == at("4:22",
                                             "row.gift is money and is combined with the bare "
                                             "number 5, which means 0.05; write t.money \"5\""));
  CHECK(lint("if (row.gift - p.limit) * 2 < 10.5 then return end") ==
        at("4:31",
           "the expression is money and is compared with the bare number 10.5; write t.money "
           "\"10.5\""));
}

TEST_CASE("lint: a decimal compared with a bare number is refused likewise") {
  CHECK(lint("if row.price > 100 then return end") ==
        at("4:16",
           "row.price is a decimal and is compared with the bare number 100, which means 0.0100; "
           "write t.decimal(\"100\", 4)"));
}

TEST_CASE("lint: units are followed through locals, t.round and max") {
  CHECK(lint("local g = row.gift\nif t.round(g * 0.5) > 3 then return end") ==
        at("5:23",
           "t.round(...) is money and is compared with the bare number 3, which means 0.03; write "
           "t.money \"3\""));
  CHECK(
      lint("local limit = 3000\nif row.gift > limit then return end") ==
      at("5:15", "row.gift is money and is compared with a bare number; make it t.money \"...\""));
  CHECK(lint("if math.max(row.gift, row.other) > 7 then return end") ==
        at("4:36",
           "math.max(...) is money and is compared with the bare number 7, which means 0.07; write "
           "t.money \"7\""));
}

TEST_CASE("lint: money times money, and money with a ratio, are refused") {
  CHECK(
      lint("local x = row.gift * row.other") ==
      at("4:11", "money times money is no amount; multiply by a ratio or a count, or use t.share"));
  CHECK(lint("local x = row.gift + row.share") ==
        at("4:11",
           "money is combined with a ratio; turn the ratio into money first: t.share(amount, "
           "ratio)"));
  CHECK(lint("if p.rate < row.gift then return end") ==
        at("4:4",
           "money is compared with a ratio; turn the ratio into money first: t.share(amount, "
           "ratio)"));
}

TEST_CASE("lint: what keeps its units is let through") {
  CHECK(lint(R"(
    if row.gift > 0 and row.gift ~= -0 and row.gift > t.money "3000" then return end
    if row.gift * 2 > row.other or row.gift / row.other > 0.5 then return end
    if row.gift > row.other * p.rate + p.limit or row.n > 3 or row.share > 0.05 then return end
    for i = 1, 3 do if row.n > i then return end end
    if row.price > row.price / 2 then return end
    local f = function(a) return a > 3 end
    local s = { gift = 3, [1] = row.gift > t.money "1" }
    return f(row.n) and t.fail("R", "x", { gift = 3 }) or nil)") == "");
}

TEST_CASE("lint: a column that is needed and never read is warned of") {
  const auto warned = [](const std::string& body, const std::string& more = {}) {
    RuleHarness harness;
    CHECK(harness.load("probe", check_rule_text("probe", "a = \"text\", b = \"text?\"", body,
                                                more)) != nullptr);
    return harness.problems();
  };
  CHECK(warned("if row.a == \"b1\" then return t.fail(\"R\") end",
               "  tests = { { given = { a = \"x\", b = \"y\" }, expect = \"pass\" } },\n") ==
        at("4:25",
           "column 'b' is needed and never read; leave it out of needs: a row without a value in "
           "it is not judged"));
  for (const char* body : {"if row.a == row.b then return t.fail(\"R\") end",
                           "if row.a == \"\" then return t.fail(\"R\", \"{b}\", row) end",
                           "if row[\"a\"] == row[\"b\"] then return end",
                           "for name, value in pairs(row) do if value == \"\" then return end end",
                           "local name = \"a\" .. row.a if row[name] == \"\" then return end"})
    CHECK(warned(body) == "");
}

TEST_CASE("lint: a bare number in a test's money column is refused") {
  CHECK(rule_problems(
            check_rule_text("probe", "gift = \"money\"", "",
                            "  tests = { { given = { gift = 3000 }, expect = \"pass\" } },\n")) ==
        at("8:32",
           "column 'gift' is money and is given the bare number 3000, which means 30.00; write "
           "t.money \"3000\""));
}

TEST_CASE("lint: a message that names an unknown column is refused") {
  CHECK(lint("return t.fail(\"R\", \"{gift} of {giift} {limit} { x }\", row)") ==
        at("4:20",
           "the message names {giift}, which is neither in needs nor in params; did you mean "
           "'gift'?"));
}
