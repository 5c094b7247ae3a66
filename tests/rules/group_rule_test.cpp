#include <doctest/doctest.h>

#include "core/error.h"
#include "rules/group_pass.h"
#include "tests/rules/check_fixture.h"
#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

/// Gifts of a customer within 30 days of the gift before.
std::string twice_text(const std::string& more = {}) {
  return R"lua(local t = require "tallymill"
return t.group_rule {
  name = "twice",
  needs = { who = "text", day = "date", id = "integer", gift = "money?" },
  key = { "who" },
  order = { "day", "id" },
  params = { days = 30 },
  check = function(rows, p)
    local found = {}
    for i = 2, #rows do
      local row = rows[i]
      if row.day - rows[i - 1].day <= p.days then
        found[#found + 1] = t.fail("G1", "{who} got {gift} on {day}, within {days} days", row)
      end
    end
)lua" + more +
         R"lua(    return found
  end,
}
)lua";
}

const std::vector<Column> kColumns{column("who", Type::text()), column("day", Type::date()),
                                   column("id", Type::integer()), column("gift", Type::money(2))};

const std::string kGifts =
    "select * from (values ('a', date '2026-01-31', 3::bigint, 5.00::decimal(18,2)), "
    "('a', date '2026-01-01', 1, 7.00), ('b', date '2026-01-05', 2, 1.00), "
    "('a', date '2026-03-15', 4, null), ('a', date '2026-03-15', 5, 2.00), "
    "(null, date '2026-03-15', 6, 2.00), (null, date '2026-03-15', 7, 2.00)) as v(who, day, id, "
    "gift)";

/// "<id> <code>: <message>" of every row with a finding, by id.
Lines findings(RuleHarness& harness, const std::string& rule, const std::string& where = {}) {
  const auto pass = harness.runtime().bind_group(rule, harness.schema(), {}, {"g.yaml", 1, 1},
                                                 harness.diagnostics());
  if (pass == nullptr) return {"not bound: " + harness.problems()};
  pass->run(harness.engine(), "rows", where);
  const Rows rows = harness.engine().query("select id, v from (select id, " + pass->expression() +
                                           " as v from rows) where v is not null order by id");
  Lines lines;
  for (std::size_t i = 0; i < rows.cells.size(); ++i)
    for (const Verdict& verdict : decode_verdicts(rows.text(i, 1)))
      lines.push_back(rows.text(i, 0) + " " + verdict.code + ": " + verdict.message);
  return lines;
}

}  // namespace

TEST_CASE(
    "group: a rule sees the rows of one key in order, and its findings stay with their rows") {
  RuleHarness harness;
  REQUIRE_MESSAGE(harness.load("twice", twice_text()), harness.problems());
  harness.rows(kGifts, kColumns);
  CHECK(findings(harness, "twice") == Lines{"3 G1: a got 5.00 on 2026-01-31, within 30 days",
                                            "5 G1: a got 2.00 on 2026-03-15, within 30 days"});
}

TEST_CASE("group: a parameter of a table is that of the org in the group's key") {
  const std::string text = R"lua(local t = require "tallymill"
return t.group_rule {
  name = "sum",
  needs = { org = "text", id = "integer", amount = "money" },
  key = { "org" },
  order = { "id" },
  params = { most = t.param { type = "money", table = "most", by = "org" } },
  check = function(rows, p)
    local sum = 0
    for _, row in ipairs(rows) do sum = sum + row.amount end
    if sum > p.most then return t.fail("S1", "{org}: over {most}", rows[#rows]) end
  end,
}
)lua";
  const FileTexts files{{"params/most.csv",
                         "# values: { most: money }\norg,from,to,most\n"
                         "B1,2026-01,,5.00\nB2,2026-01,,9.00\n"}};
  for (const LuaMode mode : {LuaMode::compiled, LuaMode::interpreted, LuaMode::traced}) {
    RuleHarness harness({.mode = mode});
    harness.runtime().set_period(Period::parse("2026-03").value());
    REQUIRE_MESSAGE(harness.load("sum", text, files), harness.problems());
    harness.rows(
        "select * from (values ('B1', 1::bigint, 3.00::decimal(18,2)), ('B1', 2, 3.00), "
        "('B2', 3, 3.00), ('B2', 4, 6.00), ('B3', 5, 1.00), ('B2', 6, 0.01)) as v(org, id, amount)",
        {column("org", Type::text()), column("id", Type::integer()),
         column("amount", Type::money(2))});
    CHECK(findings(harness, "sum") ==
          Lines{"2 S1: B1: over 5.00",
                "5 rule_error: rules/sum.lua:8: parameter 'most': params/most.csv has no one value "
                "for org 'B3' in 2026-03",
                "6 S1: B2: over 9.00"});
  }
}

TEST_CASE("group: a parameter looked up by what rows of a group do not share is refused") {
  const std::string text = R"lua(local t = require "tallymill"
return t.group_rule {
  name = "sum",
  needs = { org = "text", who = "text", id = "integer" },
  key = { "who" },
  order = { "id" },
  params = { most = t.param { type = "money", table = "most", by = "org" } },
  check = function(rows, p) end,
}
)lua";
  RuleHarness harness;
  harness.load("sum", text,
               {{"params/most.csv", "# values: { most: money }\norg,from,to,most\n*,,,5.00\n"}});
  CHECK(harness.problems() ==
        "rules/sum.lua:7:14: parameter 'most' of a group rule is looked up by 'org', which is "
        "not in its key; the rows of a group share one value: add 'org' to key\n");
}

TEST_CASE("group: rows that `where` leaves out are in no group") {
  RuleHarness harness;
  REQUIRE(harness.load("twice", twice_text()));
  harness.rows(kGifts, kColumns);
  CHECK(findings(harness, "twice", "id <> 1 and id <> 4").empty());
}

TEST_CASE("group: verdicts do not depend on threads, the order of rows or the JIT") {
  const std::string rows =
      "select 'u' || (n * 7919 % 997) as who, date '2026-01-01' + (n * 31 % 700)::int as day, "
      "n::bigint as id, case when n % 5 > 0 then n / 100.0 end::decimal(18,2) as gift "
      "from range(20000) r(n)";
  const auto run = [&](std::optional<LuaMode> mode, int threads, const std::string& order) {
    RuleHarness harness({.mode = mode}, threads);
    REQUIRE(harness.load("twice", twice_text()));
    harness.rows(rows + " order by " + order, kColumns);
    return findings(harness, "twice");
  };
  const Lines expected = run(LuaMode::compiled, 1, "id");
  REQUIRE(expected.size() > 5000);
  CHECK((run(LuaMode::compiled, 2, "hash(id)") == expected));
  CHECK((run(LuaMode::interpreted, 2, "hash(id + 1)") == expected));
  CHECK((run(LuaMode::traced, 1, "id desc") == expected));
  CHECK((run({}, 4, "day, id") == expected));
}

TEST_CASE("group: rows that tie are refused, because their order would be that of a file") {
  RuleHarness harness;
  REQUIRE(harness.load("twice", twice_text()));
  harness.rows(
      "select 'a' as who, date '2026-01-01' as day, 1::bigint as id, 1::decimal(18,2) as "
      "gift from range(2)",
      kColumns);
  CHECK_THROWS_WITH_AS(
      findings(harness, "twice"),
      "error: rule 'twice' (rules/twice.lua) sees rows in the order of day, id, but two "
      "rows of one who have the same; add a column to 'order' that tells them "
      "apart",
      Error);
}

TEST_CASE("group: a rule that raises on one group is an error on its first row, the others go on") {
  RuleHarness harness;
  REQUIRE(harness.load("twice", twice_text("    if rows[1].who == 'b' then error('no b') end\n"
                                           "    local function read(row) return row.gitf end\n"
                                           "    if #rows > 3 then local x = read(rows[1]) end\n")));
  harness.rows(kGifts, kColumns);
  CHECK(findings(harness, "twice") ==
        Lines{"1 rule_error: rules/twice.lua:17: column 'gitf' is read but not declared in needs",
              "2 rule_error: rules/twice.lua:16: no b"});
}

TEST_CASE("group: a finding names one of the rows, and each row once") {
  const auto error_of = [](const std::string& more) {
    RuleHarness harness;
    REQUIRE(harness.load("twice", twice_text("    if #rows > 1 then\n" + more + "\n    end\n")));
    harness.rows(kGifts, kColumns);
    const Lines lines = findings(harness, "twice");
    return lines.empty() ? std::string() : lines.front();
  };
  const std::string expected =
      "a group rule returns nothing, t.fail(code, message, row) about one of its rows, or a list "
      "of such";
  CHECK(error_of("      return t.fail('X', 'all')") ==
        "1 rule_error: rules/twice.lua:8: group gave 'X', but " + expected);
  CHECK(error_of("      return 7") ==
        "1 rule_error: rules/twice.lua:8: group gave 7, but " + expected);
  CHECK(error_of("      return { t.fail('X', '', rows[1]), t.fail('Y', '', rows[1]) }") ==
        "1 rule_error: rules/twice.lua:8: group gave 'Y', but row 1 of the group has a finding "
        "already");
  CHECK(error_of("      return t.warn('X', '{gift}', rows[1])") == "1 X: 7.00");
}

TEST_CASE(
    "group: a group that does not fit the memory of a rule is an error, the next one is seen") {
  RuleHarness harness({.memory_bytes = 8 << 20});
  REQUIRE(harness.load("twice", twice_text()));
  harness.rows(
      "select case when n < 200000 then 'a' else 'b' end as who, date '2026-01-01' as day, "
      "n::bigint as id, 1::decimal(18,2) as gift from range(200002) r(n)",
      kColumns);
  CHECK(findings(harness, "twice") ==
        Lines{"0 rule_error: rules/twice.lua:8: a group of 200000 rows does not fit the rule's 8 "
              "MiB of memory",
              "200001 G1: b got 1.00 on 2026-01-01, within 30 days"});
}

TEST_CASE("group: what its file gets wrong is reported where it stands") {
  const auto problems = [](std::string text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    RuleHarness harness;
    CHECK(harness.load("twice", text) == nullptr);
    return harness.problems();
  };
  CHECK(
      problems(twice_text(), "key = { \"who\" }", "key = { \"woh\" }") ==
      "rules/twice.lua:5:3: key names column 'woh', which is not in needs; did you mean 'who'?\n");
  CHECK(problems(twice_text(), "  order = { \"day\", \"id\" },\n", "") ==
        "rules/twice.lua:3:3: the rule has no order; write order = { \"day\" }\n");
  CHECK(problems(twice_text(), "local row = rows[i]", "local row = rows.day") ==
        "rules/twice.lua:11:24: column 'day' is read of all rows at once; the function gets a list "
        "of "
        "rows: rows[1].day, for i, row in ipairs(rows)\n");
}

TEST_CASE(
    "group: columns that its code reads of a row must be declared, and rows stay as they are") {
  const auto problems = [](const std::string& body) {
    std::string text = twice_text(body);
    RuleHarness harness;
    CHECK(harness.load("twice", text) == nullptr);
    return harness.problems();
  };
  const std::string hint =
      "column 'gitf' is read but not declared in needs; did you mean 'gift'?\n";
  CHECK(problems("    local a = rows[1].gitf\n") == "rules/twice.lua:16:23: " + hint);
  CHECK(problems("    for i, row in ipairs(rows) do\n      if i > 1 then found[1] = row.gitf end\n"
                 "    end\n") == "rules/twice.lua:17:36: " + hint);
  CHECK(problems("    local last = rows[#rows]\n    local again = last\n"
                 "    found[1] = again.gitf\n") == "rules/twice.lua:18:22: " + hint);
  CHECK(problems("    rows[1].gift = 1\n") ==
        "rules/twice.lua:16: a rule may not change its rows; copy the value into a local\n");
  CHECK(problems("    rows[1] = nil\n") ==
        "rules/twice.lua:16: a rule may not change its row; copy the value into a local\n");
}

TEST_CASE("group: tests in the file give lists of rows") {
  RuleHarness harness;
  std::string text = twice_text();
  text.insert(text.rfind('}'), R"lua(
  tests = {
    { given = { { who = "a", day = t.date "2026-01-01", id = 1 }, { who = "a", day = t.date "2026-01-31", id = 2 } },
      expect = { "pass", "G1" } },
    { given = { { who = "a", day = t.date "2026-01-01", id = 1 } }, expect = "pass" },
    { given = { { who = "a", day = t.date "2026-01-01", id = 1 }, { who = "a", day = t.date "2026-01-31" } },
      expect = { "pass", "G1" } },
  },
)lua");
  REQUIRE_MESSAGE(harness.load("twice", text), harness.problems());
  const std::vector<RuleTest> tests = harness.runtime().run_tests("twice");
  REQUIRE(tests.size() == 3);
  CHECK(tests[0].message == "");
  CHECK(tests[0].passed);
  CHECK(tests[1].passed);
  CHECK(tests[2].message == "expected pass, G1, got pass, not_applicable");
}

TEST_CASE("group: beside other checks it fails the rows it names") {
  CheckFixture data(kColumns, kGifts);
  data.add_rule("twice", twice_text());
  const SuiteOutcome outcome = data.run(
      "- rule: twice\n- not_null: gift\n- rule: { name: twice, "
      "where: id <> 4, params: { days: 100 } }\n");
  CHECK(outcome.checks[0].rows_failed == 2);
  CHECK(outcome.checks[0].rows_checked == 5);
  CHECK(outcome.checks[1].rows_failed == 1);
  CHECK(outcome.checks[2].rows_failed == 2);
  CHECK(data.findings(outcome, "id, _code, _message") ==
        std::vector<std::string>{"3 | G1 | a got 5.00 on 2026-01-31, within 100 days",
                                 "3 | G1 | a got 5.00 on 2026-01-31, within 30 days",
                                 "4 | not_null | gift is null; expected a value",
                                 "5 | G1 | a got 2.00 on 2026-03-15, within 100 days",
                                 "5 | G1 | a got 2.00 on 2026-03-15, within 30 days"});
}

TEST_CASE("group: where `where` cannot be computed the checks of groups are named") {
  CheckFixture data(kColumns, kGifts);
  data.add_rule("twice", twice_text());
  CHECK_THROWS_WITH_AS(data.run("- not_null: gift\n- rule: { name: twice, where: id * (id + "
                                "9223372036854775800) > 0 }\n"),
                       doctest::Contains("while running check 'twice' (t.yaml:2:3)"), Error);
}
