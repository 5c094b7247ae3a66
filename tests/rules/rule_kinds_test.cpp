#include <doctest/doctest.h>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

/// A rule file of any kind: `fields` between name and the closing brace.
std::string rule_text(const std::string& kind, const std::string& name, const std::string& fields) {
  return "local t = require \"tallymill\"\nreturn t." + kind + "_rule {\n  name = \"" + name +
         "\",\n" + fields + "}\n";
}

RuleHarness& with_numbers(RuleHarness& harness) {
  harness.rows("from (values (1::bigint), (null), (3), (4)) as v(n)",
               {column("n", Type::integer())});
  return harness;
}

}  // namespace

TEST_CASE("a transform rule gives typed columns") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("transform", "probe", R"lua(
  needs = { n = "integer" },
  returns = { a_text = "text", b_money = "money", c_ratio = "ratio", d_date = "date",
              e_flag = "boolean", f_price = "decimal(12,4)", g_time = "timestamp" },
  transform = function(row)
    return { a_text = "n" .. row.n, b_money = t.share(t.money "10.00", row.n, 3),
             c_ratio = row.n / 3, d_date = t.date "2026-01-31" + row.n, e_flag = row.n > 2,
             f_price = t.decimal("0.1250", 4), g_time = t.timestamp "2026-01-31T00:00:00Z" }
  end,
)lua")));
  const Lines found = with_numbers(harness).values({"probe"});
  CHECK(found ==
        Lines{"n1 | 3.33 | 0.333333333 | 2026-02-01 | false | 0.1250 | 2026-01-31 00:00:00 | - | "
              "false",
              "- | - | - | - | - | - | - | - | true",
              "n3 | 10.00 | 1.000000000 | 2026-02-03 | true | 0.1250 | 2026-01-31 00:00:00 | - | "
              "false",
              "n4 | 13.33 | 1.333333333 | 2026-02-04 | true | 0.1250 | 2026-01-31 00:00:00 | - | "
              "false"});
}

TEST_CASE("a transform value that is not of its type is a rule error on its row") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("transform", "probe", R"lua(
  needs = { n = "integer" },
  returns = { amount = "money" },
  transform = function(row)
    if row.n == 1 then return { amount = row.n / 2 } end
    if row.n == 3 then return { amuont = 1 } end
    return "no table"
  end,
)lua")));
  CHECK(with_numbers(harness).values({"probe"}) ==
        Lines{"- | rules/probe.lua:7: transform column 'amount' gave 0.5, but money is a whole "
              "number of minor units; use t.round or t.share | false",
              "- | - | true",
              "- | rules/probe.lua:7: transform gave column 'amuont', which is not in returns | "
              "false",
              "- | rules/probe.lua:7: transform gave 'no table', but it returns a table of columns "
              "| false"});
}

TEST_CASE("a transform that returns nothing gives nulls, also after rows that gave values") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("transform", "probe", R"lua(
  needs = { n = "integer?" },
  returns = { a = "integer", b = "text" },
  transform = function(row)
    if row.n == 1 then return { a = 1, b = "x" } end
    if row.n == 3 then return { b = "y" } end
  end,
)lua")));
  harness.rows(
      "select case when n < 3000 then 1 when n % 2 = 0 then 3 end::bigint as n "
      "from range(5000) as r(n)",
      {column("n", Type::integer())});
  const Lines found = harness.values({"probe"});
  REQUIRE(found.size() == 5000);
  CHECK(found[0] == "1 | x | - | false");
  CHECK(found[3000] == "- | y | - | false");
  CHECK(found[3001] == "- | - | - | false");
}

TEST_CASE("several transform rules in one loop give the columns of all") {
  RuleHarness harness;
  for (const std::string name : {"one", "two"})
    REQUIRE(harness.load(name, rule_text("transform", name,
                                         "  needs = { n = \"integer\" },\n  returns = { " + name +
                                             " = \"integer\" },\n  transform = function(row)\n"
                                             "    if row.n == 3 and '" +
                                             name +
                                             "' == 'one' then error('no three') end\n"
                                             "    return { " +
                                             name + " = row.n } end,\n")));
  CHECK(with_numbers(harness).values({"one", "two"}) ==
        Lines{"1 | 1 | - | false", "- | - | - | true", "- | 3 | rules/one.lua:7: no three | false",
              "4 | 4 | - | false"});
}

TEST_CASE("two rules that give the same column cannot be bound together") {
  RuleHarness harness;
  for (const std::string name : {"one", "two"})
    REQUIRE(harness.load(name, rule_text("transform", name,
                                         "  needs = { n = \"integer\" },\n"
                                         "  returns = { x = \"integer\" },\n"
                                         "  transform = function(row) return { x = row.n } "
                                         "end,\n")));
  CHECK(with_numbers(harness).values({"one", "two"}) ==
        Lines{"not bound: graph.yaml:7:9: rule 'two' (rules/two.lua) gives column 'x', which a "
              "rule before it gives\n"});
}

TEST_CASE("rules of different kinds cannot be bound together") {
  RuleHarness harness;
  REQUIRE(harness.load("one", check_rule_text("one", "n = \"integer\"", "local n = row.n")));
  REQUIRE(harness.load("two", rule_text("driver", "two",
                                        "  needs = { n = \"integer\" },\n"
                                        "  driver = function(row) return \"n\" end,\n")));
  CHECK(with_numbers(harness).values({"one", "two"}) ==
        Lines{"not bound: graph.yaml:7:9: rule 'two' (rules/two.lua) is a driver rule, but rule "
              "'one' (rules/one.lua) beside it is a check rule\n"});
}

TEST_CASE("a classify rule gives one of its labels") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("classify", "probe", R"lua(
  needs = { n = "integer" },
  labels = { "small", "large" },
  classify = function(row)
    if row.n == 1 then return "small" end
    if row.n == 3 then return "huge" end
  end,
)lua")));
  CHECK(with_numbers(harness).values({"probe"}) ==
        Lines{"small | - | false", "- | - | true",
              "- | rules/probe.lua:7: classify gave 'huge', but it may be one of: small, large | "
              "false",
              "- | - | false"});
}

TEST_CASE("a driver rule gives the name of a driver") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("driver", "probe", R"lua(
  needs = { n = "integer?" },
  driver = function(row)
    if row.n == 3 then return 3 end
    return row.n and "users" or "lines"
  end,
)lua")));
  CHECK(with_numbers(harness).values({"probe"}) ==
        Lines{"users | - | false", "lines | - | false",
              "- | rules/probe.lua:6: driver gave 3, but a text was expected | false",
              "users | - | false"});
}

TEST_CASE("a threshold rule gives a band and a message") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("threshold", "probe", R"lua(
  needs = { value = "ratio" },
  params = { high = t.percent "5" },
  bands = { "normal", "high" },
  band = function(row, p)
    if row.value > p.high then return t.band("high", "{value} is over {high}", row) end
    if row.value == 0 then return t.band "none" end
    return "normal"
  end,
)lua")));
  harness.rows("from (values (0.0525::decimal(18,9)), (0.05), (0), (null)) as v(value)",
               {column("value", Type::ratio())});
  CHECK(
      harness.values({"probe"}) ==
      Lines{"high | 0.0525 is over 0.05 | - | false", "normal | - | - | false",
            "- | - | rules/probe.lua:8: threshold gave 'none', but it may be one of: normal, high "
            "| false",
            "- | - | - | true"});
}

TEST_CASE("a value rule may not give text that is not UTF-8") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("classify", "probe", R"lua(
  needs = { n = "text" },
  classify = function(row) return row.n:sub(1, 2) end,
)lua")));
  harness.rows("select '长' as n", {column("n", Type::text())});
  CHECK(harness.values({"probe"}) ==
        Lines{"- | rules/probe.lua:6: label holds bytes that are not UTF-8; string.sub counts "
              "bytes, not characters | false"});
}

TEST_CASE("a score rule gives a number and what adds to it, largest first") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("score", "probe", R"lua(
  needs = { n = "integer" },
  reasons = { "base", "odd", "big" },
  score = function(row)
    if row.n == 4 then return { huge = 1 } end
    return { base = 5, odd = row.n % 2 == 1 and -7 or 0, big = row.n > 2 and 7 or nil }
  end,
)lua")));
  CHECK(with_numbers(harness).values({"probe"}) ==
        Lines{"-2 | odd -7; base 5 | - | false", "- | - | - | true",
              "5 | big 7; odd -7; base 5 | - | false",
              "- | - | rules/probe.lua:7: score reason gave 'huge', but it may be one of: base, "
              "odd, big | false"});
}

TEST_CASE("a score has the type its rule names, and is never a rounded number") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("score", "probe", R"lua(
  needs = { n = "integer" },
  points = "money",
  score = function(row)
    if row.n == 1 then return {} end
    if row.n == 3 then return { a = 9007199254740991, b = -9007199254740991 } end
    return { a = t.money "1.50", b = row.n / 8 }
  end,
)lua")));
  CHECK(
      with_numbers(harness).values({"probe"}) ==
      Lines{"0.00 |  | - | false", "- | - | - | true",
            "- | - | rules/probe.lua:7: score gave 0, but the points are beyond 2^53 together | "
            "false",
            "- | - | rules/probe.lua:7: score reason 'b' gave 0.5, but money is a whole number of "
            "minor units; use t.round or t.share | false"});
  CHECK(rule_problems(rule_text("score", "probe",
                                "  needs = { n = \"integer\" },\n  points = \"ratio\",\n"
                                "  score = function(row) return {} end,\n")) ==
        "rules/probe.lua:5:3: points must be integer, money or decimal(p,s)\n");
}

TEST_CASE("a classify rule with many labels gives each once, in the order of its list") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("classify", "probe", R"lua(
  needs = { n = "integer" },
  labels = { "small", "odd", "x" },
  many = true,
  classify = function(row)
    if row.n == 1 then return { "odd", "small", "odd" } end
    if row.n == 4 then return { "odd", "huge" } end
    return {}
  end,
)lua")));
  CHECK(with_numbers(harness).values({"probe"}) ==
        Lines{"small;odd | - | false", "- | - | true", "- | - | false",
              "- | rules/probe.lua:8: classify gave 'huge', but it may be one of: small, odd, x | "
              "false"});
}

TEST_CASE("without a list many labels are ordered by their texts, and hold no ';'") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("classify", "probe", R"lua(
  needs = { n = "integer" },
  many = true,
  classify = function(row)
    if row.n == 1 then return "one" end
    if row.n == 3 then return { "c", "a", "b" } end
    return { "a;b" }
  end,
)lua")));
  CHECK(with_numbers(harness).values({"probe"}) ==
        Lines{"one | - | false", "- | - | true", "a;b;c | - | false",
              "- | rules/probe.lua:7: classify gave 'a;b', but a label has no ';' and is not empty "
              "| false"});
  CHECK(rule_problems(rule_text("classify", "probe",
                                "  needs = { n = \"integer\" },\n  many = true,\n"
                                "  labels = { \"a;b\" },\n"
                                "  classify = function(row) return {} end,\n")) ==
        "rules/probe.lua:6:3: label 'a;b' holds a ';', which stands between several labels\n");
}

TEST_CASE("match and break rules give one of their words") {
  RuleHarness harness;
  REQUIRE(harness.load("near", rule_text("match", "near", R"lua(
  needs = { n = "integer" },
  labels = { "rounding" },
  match = function(row) if row.n < 3 then return "rounding" end end,
)lua")));
  REQUIRE(harness.load("why", rule_text("break", "why", R"lua(
  needs = { n = "integer" },
  causes = { "timing" },
  cause = function(row) return row.n == 4 and "luck" or "timing" end,
)lua")));
  with_numbers(harness);
  CHECK(harness.values({"near"}) ==
        Lines{"rounding | - | false", "- | - | true", "- | - | false", "- | - | false"});
  CHECK(harness.values({"why"}) ==
        Lines{"timing | - | false", "- | - | true", "timing | - | false",
              "- | rules/why.lua:7: break gave 'luck', but it may be one of: timing | false"});
}

TEST_CASE("what a rule computes beyond 2^53 is an error, never a rounded number") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text("transform", "probe", R"lua(
  needs = { n = "integer" },
  returns = { x = "integer" },
  transform = function(row)
    if row.n == 1 then return { x = 9007199254740991 } end
    if row.n == 3 then return { x = 9007199254740991 + 2 } end
    return { x = -9007199254740991 * row.n }
  end,
)lua")));
  const std::string error = ", but an integer is a whole number within 2^53 | false";
  CHECK(with_numbers(harness).values({"probe"}) ==
        Lines{"9007199254740991 | - | false", "- | - | true",
              "- | rules/probe.lua:7: transform column 'x' gave 9.007199254741e+15" + error,
              "- | rules/probe.lua:7: transform column 'x' gave -3.6028797018964e+16" + error});
}
