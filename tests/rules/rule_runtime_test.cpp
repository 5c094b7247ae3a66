#include "rules/rule_runtime.h"

#include <doctest/doctest.h>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

const std::vector<Column> kGiftColumns = {{.name = "gift", .type = Type::money(2)},
                                          {.name = "declared", .type = Type::money(2)}};
const std::string kGiftRows =
    "from (values (10.00::decimal(18,2), 10.00::decimal(18,2)), (10.01, 10.00), (0.05, -3.10)) "
    "as v(gift, declared)";

}  // namespace

TEST_CASE("a check rule finds the rows that fail and fills its message") {
  RuleHarness harness;
  REQUIRE(harness.load("gift_within_declaration", gift_rule_text()) != nullptr);
  harness.rows(kGiftRows, kGiftColumns);
  CHECK(harness.check({"gift_within_declaration"}) ==
        Lines{"1 gift_within_declaration fail CC04: gift 10.01 is over the declared 10.00",
              "2 gift_within_declaration fail CC04: gift 0.05 is over the declared -3.10"});
}

TEST_CASE("loading tells kind, doc, needs, parameters and tests of a rule") {
  RuleHarness harness;
  const RuleInfo* info = harness.load("gift_within_declaration", gift_rule_text());
  REQUIRE(info != nullptr);
  CHECK(info->kind == RuleKind::check);
  CHECK(info->doc == "A city may not give more than the campaign declared (R-CC04, amount part).");
  REQUIRE(info->needs.size() == 2);
  CHECK(info->needs[0].column == "declared");
  CHECK(info->needs[0].type == Type::money(2));
  CHECK(info->params.at("tolerance") == json::value("0.00"));
  CHECK(info->tests == 2);
}

TEST_CASE("a parameter is overridden by name, in its own type") {
  RuleHarness harness;
  REQUIRE(harness.load("gift_within_declaration", gift_rule_text()) != nullptr);
  harness.rows(kGiftRows, kGiftColumns);
  CHECK(harness.check({"gift_within_declaration"}, {{"tolerance", "0.01"}}) ==
        Lines{"2 gift_within_declaration fail CC04: gift 0.05 is over the declared -3.10"});
  CHECK(harness.check({"gift_within_declaration"},
                      {{"gift_within_declaration.tolerance", "3.15"}}) == Lines{});
}

TEST_CASE("a parameter that is not of its type, or not there, is reported where it was written") {
  RuleHarness harness;
  REQUIRE(harness.load("gift_within_declaration", gift_rule_text()) != nullptr);
  harness.rows(kGiftRows, kGiftColumns);
  harness.bind({"gift_within_declaration"}, {{"tolerance", "5%"}, {"tolerence", "1"}});
  CHECK(harness.problems() ==
        "graph.yaml:7:9: parameter 'tolerance' of rule 'gift_within_declaration' "
        "(rules/gift_within_declaration.lua) is money, got '5%'\n"
        "graph.yaml:7:9: rule 'gift_within_declaration' (rules/gift_within_declaration.lua) has no "
        "parameter 'tolerence'; did you mean 'tolerance'?\n");
}

TEST_CASE("a column that is missing or of another type is reported with the rule's file") {
  RuleHarness harness;
  REQUIRE(harness.load("gift_within_declaration", gift_rule_text()) != nullptr);
  harness.rows("select 1.00::decimal(18,2) as gifts, 'x' as declared",
               {column("gifts", Type::money(2)), column("declared", Type::text())});
  CHECK_FALSE(harness.bind({"gift_within_declaration"}).has_value());
  CHECK(harness.problems() ==
        "graph.yaml:7:9: rule 'gift_within_declaration' (rules/gift_within_declaration.lua) needs "
        "column 'declared' as money, but it is text\n"
        "graph.yaml:7:9: rule 'gift_within_declaration' (rules/gift_within_declaration.lua) needs "
        "column 'gift', which the rows do not have; did you mean 'gifts'?\n");
}

TEST_CASE("a null in a column that is not optional makes the row not applicable") {
  RuleHarness harness;
  REQUIRE(harness.load("strict", check_rule_text("strict", "n = \"integer\"",
                                                 "    return t.fail('R', 'n is {n}', row)")));
  REQUIRE(harness.load("lenient", check_rule_text("lenient", "n = \"integer?\"", R"(
    if row.n == nil then return t.warn("N", "n is {n}", row) end)")));
  harness.rows("from (values (1::bigint), (null), (3)) as v(n)", {column("n", Type::integer())});
  CHECK(harness.check({"strict", "lenient"}) ==
        Lines{"0 strict fail R: n is 1", "1 strict not_applicable", "1 lenient warn N: n is null",
              "2 strict fail R: n is 3"});
}

TEST_CASE("a rule may call a row not applicable itself") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "n = \"integer\"",
                                                "    return t.not_applicable('not yet')")));
  harness.rows("select 1::bigint as n", {column("n", Type::integer())});
  CHECK(harness.check({"probe"}) == Lines{"0 probe not_applicable not_applicable: not yet"});
}

TEST_CASE("a rule that raises is an error on its row, and the next rule still runs") {
  RuleHarness harness;
  REQUIRE(harness.load("first", check_rule_text("first", "n = \"integer?\"", R"(
    if row.n > 1 then return t.fail("R", "over") end)")));
  REQUIRE(harness.load("second", check_rule_text("second", "n = \"integer?\"", R"(
    if row.n == nil then error("nothing to see", 0) end
    if row.n == 2 then error({}) end)")));
  REQUIRE(harness.load("third", check_rule_text("third", "n = \"integer?\"", R"(
    return t.warn("W"))")));
  harness.rows("from (values (1::bigint), (null), (2)) as v(n)", {column("n", Type::integer())});
  CHECK(harness.check({"first", "second", "third"}) ==
        Lines{"0 third warn W: ",
              "1 first error rule_error: rules/first.lua:7: attempt to compare number with nil",
              "1 second error rule_error: rules/second.lua:7: nothing to see",
              "1 third warn W: ", "2 first fail R: over",
              "2 second error rule_error: rules/second.lua:8: the rule raised an error that is no "
              "text",
              "2 third warn W: "});
}

TEST_CASE("a check that returns something else says what it may return") {
  RuleHarness harness;
  REQUIRE(
      harness.load("probe", check_rule_text("probe", "n = \"integer\"", "    return row.n > 0")));
  harness.rows("select 1::bigint as n", {column("n", Type::integer())});
  CHECK(harness.check({"probe"}) ==
        Lines{"0 probe error rule_error: rules/probe.lua:5: check gave true, but a check returns "
              "nothing, t.fail(...) or t.warn(...)"});
}

TEST_CASE("every type arrives as documented and prints as its column does") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", R"lua(
    a = "text", b = "integer", c = "money", d = "decimal(12,4)", e = "ratio", f = "date",
    g = "timestamp", h = "boolean", i = "decimal(30,2)", j = "text")lua",
                                                R"lua(
    assert(row.a == "长文本,比十二字节长" and row.b == -5 and row.c == t.money "12.30")
    assert(row.d == t.decimal("0.1250", 4) and row.e == t.percent "5" and row.e == 0.05)
    assert(row.f == t.date "2026-01-31" and t.day(row.f) == 31)
    assert(row.g == t.timestamp "2026-01-31T08:05:00Z" and row.h == true and row.i == t.decimal("1.00", 2))
    return t.fail("R", "{a}|{b}|{c}|{d}|{e}|{f}|{g}|{h}|{i}|{j}", row))lua")));
  harness.rows(
      "select '长文本,比十二字节长' as a, -5::bigint as b, 12.30::decimal(18,2) as c, "
      "0.125::decimal(18,4) as d, 0.05::decimal(18,9) as e, date '2026-01-31' as f, "
      "timestamp '2026-01-31 08:05:00' as g, true as h, 1.00::decimal(30,2) as i, 'x' as j",
      {column("a", Type::text()), column("b", Type::integer()), column("c", Type::money(2)),
       column("d", Type::decimal(12, 4)), column("e", Type::ratio()), column("f", Type::date()),
       column("g", Type::timestamp()), column("h", Type::boolean()),
       column("i", Type::decimal(30, 2)), column("j", Type{TypeKind::enumeration, 0, 0, {"x"}})});
  CHECK(harness.check({"probe"}) ==
        Lines{"0 probe fail R: 长文本,比十二字节长|-5|12.30|0.1250|0.05|2026-01-31|"
              "2026-01-31T08:05:00Z|true|1.00|x"});
}

TEST_CASE("sensitive texts are masked in what a rule puts together itself, too") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "phone = \"text?\", n = \"integer\"", R"(
    if row.n == 1 then return t.fail("R", "call " .. row.phone .. " or " .. row.phone:sub(1, 3)) end
    if row.n == 2 then error("no such phone: " .. row.phone) end
    if row.n == 3 then return row.phone end
    return t.warn("W", "nothing to hide"))")) != nullptr);
  harness.rows(
      "from (values ('138-(0)*%1', 1::bigint), ('139', 2), ('140', 3), (null, 4)) as v(phone, n)",
      {{.name = "phone", .type = Type::text(), .sensitive = true}, column("n", Type::integer())});
  CHECK(harness.check({"probe"}) ==
        Lines{"0 probe fail R: call *** or 138",
              "1 probe error rule_error: rules/probe.lua:8: no such phone: ***",
              "2 probe error rule_error: rules/probe.lua:5: check gave '***', but a check returns "
              "nothing, t.fail(...) or t.warn(...)",
              "3 probe warn W: nothing to hide"});
}

TEST_CASE("sensitive columns are masked in messages") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "id = \"text\"",
                                                "    return t.fail('R', 'id {id}', row)")));
  harness.rows("select '330106199001011234' as id",
               {{.name = "id", .type = Type::text(), .sensitive = true}});
  CHECK(harness.check({"probe"}) == Lines{"0 probe fail R: id ***"});
}

TEST_CASE("messages name parameters too, in their own type") {
  RuleHarness harness;
  REQUIRE(harness.load(
      "probe", check_rule_text("probe", "n = \"money\"",
                               "    return t.fail('R', '{n} of {limit} {other}', row)",
                               "  params = { limit = t.money \"5.00\", other = \"x\" },\n")));
  harness.rows("select 7.00::decimal(18,2) as n", {column("n", Type::money(2))});
  CHECK(harness.check({"probe"}) == Lines{"0 probe fail R: 7.00 of 5.00 x"});
}

TEST_CASE("an integer beyond 2^53 is refused with column, row and what to do") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "id = \"integer\"", "")));
  harness.rows(
      "select 9007199254740993 as id, 'day01.csv' as _source, 17::bigint as _line "
      "union all select 9007199254740992, 'day01.csv', 16 order by id",
      {column("id", Type::integer())}, true);
  CHECK_THROWS_WITH_AS(
      harness.check({"probe"}),
      doctest::Contains("rule 'probe' (rules/probe.lua) reads column 'id', which holds "
                        "9007199254740993 in row day01.csv:17: beyond 2^53, where Lua's numbers "
                        "stop being exact; declare the column text"),
      Error);
}

TEST_CASE("a null in a column does not bring its hidden number before the 2^53 test") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "id = \"integer\"", "")));
  harness.rows(
      "select case when n > 5 then null else n * 1 end as id "
      "from (values (9007199254740993), (1)) as v(n)",
      {column("id", Type::integer())});
  CHECK(harness.check({"probe"}) == Lines{"0 probe not_applicable"});
}

TEST_CASE("a set too large for one loop is cut and gives the same") {
  RuleHarness harness;
  Lines names, expected;
  std::string select = "select ";
  std::vector<Column> columns;
  for (int i = 0; i < 45; ++i) {
    const std::string name = "r" + std::to_string(i), own = "c" + std::to_string(i);
    REQUIRE(harness.load(name, check_rule_text(name, own + " = \"integer\", shared = \"text\"",
                                               "    return t.fail('R', '{shared} {" + own +
                                                   "}', row)")) != nullptr);
    names.push_back(name);
    expected.push_back("0 " + name + " fail R: s " + std::to_string(i));
    select += std::to_string(i) + "::bigint as " + own + ", ";
    columns.push_back(column(own, Type::integer()));
  }
  columns.push_back(column("shared", Type::text()));
  harness.rows(select + "'s' as shared", columns);
  CHECK(harness.check(names) == expected);
}

TEST_CASE("verdicts are the same at one thread and at two") {
  const std::string select =
      "select (n * 7919 % 10007)::decimal(18,2) as gift, (n * 104729 % 9973)::decimal(18,2) as "
      "declared from range(60000) as r(n)";
  Lines found[2];
  for (int threads : {1, 2}) {
    RuleHarness harness({}, threads);
    REQUIRE(harness.load("gift_within_declaration", gift_rule_text()) != nullptr);
    harness.rows(select, kGiftColumns);
    found[threads - 1] = harness.check({"gift_within_declaration"});
  }
  CHECK(found[0].size() > 1000);
  CHECK(found[0] == found[1]);
}

TEST_CASE("texts that hardly repeat give the same as texts that do") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "a = \"text\", b = \"text\"", R"(
    if row.a ~= row.b then return t.fail("R", "{a} {b}", row) end)")));
  harness.rows(
      "select 'customer number ' || n as a, "
      "'customer number ' || (case when n % 50000 = 49999 then 0 else n end) as b "
      "from range(200000) as r(n)",
      {column("a", Type::text()), column("b", Type::text())});
  CHECK(harness.check({"probe"}) ==
        Lines{"49999 probe fail R: customer number 49999 customer number 0",
              "99999 probe fail R: customer number 99999 customer number 0",
              "149999 probe fail R: customer number 149999 customer number 0",
              "199999 probe fail R: customer number 199999 customer number 0"});
}

TEST_CASE("verdicts survive any bytes in codes and messages") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "n = \"integer\"", R"(
    return t.fail("A:1", "0:f:1\0:x\255 {unknown {n}", row))")));
  harness.rows("select 1::bigint as n", {column("n", Type::integer())});
  const std::string expected =
      std::string("0 probe fail A:1: 0:f:1") + '\0' + ":x\uFFFD {unknown 1";
  CHECK(harness.check({"probe"}) == Lines{expected});
}

TEST_CASE("a text of nearly every row becomes a Lua text only where a rule looks at it") {
  // 2,048 texts of 40 kB are more than the state may hold; a rule looks at few of them.
  const std::string rows =
      "select n::bigint as id, repeat('x', 40000) || n as note, "
      "case when n % 3 > 0 then 'y' || n end as other from range(4096) r(n)";
  const std::vector<Column> columns{column("id", Type::integer()), column("note", Type::text()),
                                    column("other", Type::text())};
  for (const LuaMode mode : {LuaMode::compiled, LuaMode::interpreted, LuaMode::traced}) {
    RuleHarness harness({.memory_bytes = 24 << 20, .mode = mode});
    REQUIRE(harness.load("first", check_rule_text("first", "id = \"integer\", note = \"text\"", R"(
    if row.id % 1000 == 999 then return t.fail("N", string.sub(row.note, 40001) .. #row.note) end)")));
    REQUIRE(
        harness.load("second", check_rule_text("second", "id = \"integer\", other = \"text?\"", R"(
    if row.id % 1000 == 999 then return t.fail("O", "{other}", row) end)")));
    harness.rows(rows, columns);
    CHECK(harness.check({"first", "second"}) ==
          Lines{"999 first fail N: 99940003", "999 second fail O: null",
                "1999 first fail N: 199940004", "1999 second fail O: y1999",
                "2999 first fail N: 299940004", "2999 second fail O: y2999",
                "3999 first fail N: 399940004", "3999 second fail O: null"});
  }
}
