// The same rules over the same rows say the same, however they run: compiled or not, chosen by
// speed or given, on one thread or four, in whatever order the rows come.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

using Lines = std::vector<std::string>;

/// Rows with everything that could come out differently: nulls, negative and extreme money, days
/// before 1970 and leap days, texts that are empty, Chinese, beyond the BMP or longer than DuckDB's
/// inlined strings, decimals up to what Lua can hold, integers at +-2^53.
std::string rows_sql(int rows, const std::string& order) {
  return "select n::bigint as id, "
         "case when n % 11 = 0 then null when n % 7 = 0 then (n * 7919 % 100000) / 100.0 - 500 "
         "  else (n % 1000) end::decimal(18,2) as gift, "
         "case n % 5 when 0 then null when 1 then -0.01 when 2 then 90071992547409.91 "
         "  when 3 then -90071992547409.91 else 250.00 end::decimal(18,2) as declared, "
         "case n % 6 when 0 then null when 1 then 9007199254740992 when 2 then -9007199254740992 "
         "  when 3 then 9007199254740991 when 4 then 0 else n end::bigint as whole, "
         "((n * 37 % 20001 - 10000) / 10000.0)::decimal(18,4) as price, "
         "case when n % 13 = 0 then null else (n % 997) / 996.0 end::decimal(18,9) as share, "
         "case n % 8 when 0 then null when 1 then date '1969-12-31' when 2 then date '2024-02-29' "
         "  when 3 then date '0001-01-01' when 4 then date '9999-12-31' "
         "  else date '2026-01-01' + (n % 60)::int end as day, "
         "timestamp '2026-01-31 08:05:00' + to_seconds(n % 100000) as at, "
         "case n % 9 when 0 then null when 1 then '' when 2 then '浙江省杭州市' when 3 then "
         "'𠮷野家' "
         "  when 4 then 'a text that is longer than twelve bytes' when 5 then 'P' || (n % 50) "
         "  when 6 then '营销活动' || (n % 300) else 'O''Neil \"x\"' end as note, "
         "n % 3 = 0 as flag from range(" +
         std::to_string(rows) + ") r(n) order by " + order;
}

std::vector<Column> columns() {
  return {column("id", Type::integer()),         column("gift", Type::money(2)),
          column("declared", Type::money(2)),    column("whole", Type::integer()),
          column("price", Type::decimal(12, 4)), column("share", Type::ratio()),
          column("day", Type::date()),           column("at", Type::timestamp()),
          column("note", Type::text()),          column("flag", Type::boolean())};
}

const Lines kChecks{"amounts", "texts", "days", "raising"};

void load_rules(RuleHarness& harness) {
  REQUIRE(
      harness.load("amounts", check_rule_text("amounts", R"lua(
    gift = "money", declared = "money?", whole = "integer?", price = "decimal(12,4)")lua",
                                              R"lua(
    if row.declared == nil then return t.warn("A0", "{gift} undeclared, {price}", row) end
    if row.gift > row.declared + p.tolerance then
      return t.fail("A1", "gift {gift} over {declared} by more than {tolerance}", row)
    end
    if row.whole ~= nil and (row.whole >= 9007199254740992 or row.whole <= -9007199254740992) then
      return t.fail("A2", "{whole} is at the edge", row)
    end
    if t.round(row.gift / 3) * 3 ~= row.gift then return t.warn("A3", "{gift} is no triple", row) end)lua",
                                              "  params = { tolerance = t.money \"0.05\" },\n")));
  REQUIRE(harness.load("texts", check_rule_text("texts", "note = \"text?\", flag = \"boolean\"",
                                                R"lua(
    local note = row.note
    if note == nil then return t.not_applicable("nothing noted") end
    if note == "" then return t.fail("T0", "[{note}] {flag}", row) end
    local city = string.match(note, "^浙江省(.+)$")
    if city then return t.fail("T1", "{note}: " .. city .. " " .. #note, row) end
    if string.find(note, "营销", 1, true) and row.flag then return t.warn("T2", "{note}", row) end
    if string.sub(note, 1, 1) == "P" and tonumber(string.sub(note, 2)) > 25 then
      return t.fail("T3", string.rep("|", #note) .. "{note}", row)
    end)lua")));
  REQUIRE(harness.load("days", check_rule_text("days", R"lua(
    day = "date", at = "timestamp", share = "ratio")lua",
                                               R"lua(
    if t.year(row.day) < 1970 then return t.fail("D1", "{day} {at}", row) end
    if t.month(row.day) == 2 and t.day(row.day) == 29 then return t.warn("D2", "{day} {share}", row) end
    if row.share > 0.75 then return t.fail("D3", "{share} of {day}", row) end)lua")));
  REQUIRE(harness.load("raising", check_rule_text("raising", "id = \"integer\", note = \"text?\"",
                                                  R"lua(
    if row.id % 1009 == 5 then error("row {id} is no good") end
    if row.id % 1013 == 7 then local x = row.note .. nil end
    if row.id % 1019 == 9 then return 42 end)lua")));
}

struct Way {
  const char* name;
  std::optional<LuaMode> mode;
  int threads;
  const char* order;
};

/// "<id> <verdicts>" of every row that has any, by id.
Lines verdicts(const Way& way, int rows) {
  RuleHarness harness({.mode = way.mode}, way.threads);
  load_rules(harness);
  harness.rows(rows_sql(rows, way.order), columns());
  const auto call = harness.bind(kChecks);
  REQUIRE_MESSAGE(call.has_value(), harness.problems());
  const Rows found =
      harness.engine().query("select id, v from (select id, (" + call->expression +
                             ").verdicts as v from rows) where v is not null order by id");
  Lines lines;
  for (std::size_t i = 0; i < found.cells.size(); ++i) {
    std::string line = found.text(i, 0);
    for (const Verdict& verdict : decode_verdicts(found.text(i, 1)))
      line += " " + kChecks[verdict.rule] + "/" + std::to_string(static_cast<int>(verdict.state)) +
              "/" + verdict.code + "/" + verdict.message;
    lines.push_back(line);
  }
  return lines;
}

/// How many rows there are, and a sum over what was said of each.
std::string digest(const Way& way, int rows) {
  RuleHarness harness({.mode = way.mode}, way.threads);
  load_rules(harness);
  harness.rows(rows_sql(rows, way.order), columns());
  const auto call = harness.bind({"amounts", "days"});
  REQUIRE_MESSAGE(call.has_value(), harness.problems());
  const Rows found = harness.engine().query(
      "select count(*), sum(hash(id, v)::hugeint)::varchar from (select id, (" + call->expression +
      ").verdicts as v from rows)");
  return found.text(0, 0) + " " + found.text(0, 1);
}

/// The values of a transform rule, by id.
Lines values(const Way& way, int rows) {
  RuleHarness harness({.mode = way.mode}, way.threads);
  REQUIRE(harness.load("derive", R"lua(local t = require "tallymill"
return t.transform_rule {
  name = "derive",
  needs = { id = "integer", gift = "money?", whole = "integer?", price = "decimal(12,4)",
            day = "date?", note = "text?" },
  returns = { a_third = "money", b_label = "text", c_day = "date", d_whole = "integer",
              e_price = "decimal(12,4)", f_random = "integer" },
  transform = function(row)
    if row.id % 1021 == 3 then error("not this one") end
    local label = row.note and string.upper(string.sub(row.note, 1, 6)) or nil
    return { a_third = row.gift and t.share(row.gift, 1, 3), b_label = label and #label > 3 and label,
             c_day = row.day and row.day < t.date "9999-01-01" and row.day + 31 or nil,
             d_whole = row.whole and -row.whole, e_price = -row.price,
             f_random = math.floor(t.random(row.id) * 1000) }
  end,
}
)lua"));
  harness.rows(rows_sql(rows, way.order), columns());
  const auto call = harness.bind({"derive"});
  REQUIRE_MESSAGE(call.has_value(), harness.problems());
  const Rows found = harness.engine().query("select id, (" + call->expression +
                                            ")::varchar as v from rows order by id");
  Lines lines;
  for (std::size_t i = 0; i < found.cells.size(); ++i)
    lines.push_back(found.text(i, 0) + " " + found.cells[i][1].value_or("-"));
  return lines;
}

/// The first line that differs, or where one ends early.
std::string difference(const Lines& expected, const Lines& got) {
  if (expected == got) return {};
  const auto [want, have] = std::mismatch(expected.begin(), expected.end(), got.begin(), got.end());
  return "expected " + (want == expected.end() ? "the end" : *want) + "\n     got " +
         (have == got.end() ? "the end" : *have);
}

}  // namespace

TEST_CASE("verdicts do not depend on JIT, threads or the order of rows") {
  constexpr int kRows = 6000;
  const Lines expected = verdicts({"compiled", LuaMode::compiled, 1, "id"}, kRows);
  REQUIRE(expected.size() > kRows / 2);
  // What was said is sound to begin with.
  CHECK(expected[0] == "0 amounts/2// texts/2/not_applicable/nothing noted days/2//");
  const auto of_row = [&](const std::string& id) {
    return *std::find_if(expected.begin(), expected.end(),
                         [&](const std::string& line) { return line.starts_with(id + " "); });
  };
  CHECK(of_row("3") ==
        "3 amounts/0/A1/gift 3.00 over -90071992547409.91 by more than 0.05 days/0/D1/"
        "0001-01-01 2026-01-31T08:05:03Z");
  CHECK(of_row("5") ==
        "5 amounts/1/A0/5.00 undeclared, -0.9815 raising/3/rule_error/"
        "rules/raising.lua:7: row {id} is no good");
  CHECK(of_row("2") ==
        "2 amounts/0/A2/-9007199254740992 is at the edge texts/0/T1/浙江省杭州市: "
        "杭州市 18 days/1/D2/2024-02-29 0.002008032");
  for (const Way& way :
       {Way{"interpreted", LuaMode::interpreted, 1, "id"}, Way{"traced", LuaMode::traced, 1, "id"},
        Way{"compiled, shuffled", LuaMode::compiled, 1, "hash(id)"},
        Way{"interpreted, shuffled", LuaMode::interpreted, 1, "hash(id + 1)"},
        Way{"chosen", {}, 4, "hash(id + 2)"}}) {
    CAPTURE(std::string(way.name));
    CHECK(difference(expected, verdicts(way, kRows)) == "");
  }
}

TEST_CASE("values do not depend on JIT, threads or the order of rows") {
  constexpr int kRows = 6000;
  const Lines expected = values({"compiled", LuaMode::compiled, 1, "id"}, kRows);
  REQUIRE(expected.size() == kRows);
  for (const Way& way :
       {Way{"interpreted", LuaMode::interpreted, 1, "id"}, Way{"traced", LuaMode::traced, 1, "id"},
        Way{"interpreted, shuffled", LuaMode::interpreted, 4, "hash(id)"},
        Way{"chosen", {}, 4, "hash(id + 2)"}}) {
    CAPTURE(std::string(way.name));
    CHECK(difference(expected, values(way, kRows)) == "");
  }
}

TEST_CASE("a row its rule did not see is not judged by what an earlier chunk left there") {
  RuleHarness harness;
  REQUIRE(harness.load("cut", R"lua(local t = require "tallymill"
return t.transform_rule {
  name = "cut",
  needs = { note = "text" },
  returns = { start = "text" },
  transform = function(row)
    if row.note == "raise" then error("raised", 0) end
    return { start = string.sub(row.note, 1, 1) }
  end,
}
)lua"));
  // The first chunk is cut inside characters, the second one has nulls and errors in their places.
  harness.rows(
      "select case when n < 2048 then '浙江' when n % 2 = 0 then 'raise' end as note "
      "from range(4096) r(n)",
      {column("note", Type::text())});
  const Lines lines = harness.values({"cut"});
  REQUIRE(lines.size() == 4096);
  CHECK(lines[0] ==
        "- | rules/cut.lua:6: start holds bytes that are not UTF-8; string.sub counts "
        "bytes, not characters | false");
  CHECK(lines[2048] == "- | rules/cut.lua:7: raised | false");
  CHECK(lines[2049] == "- | - | true");
}

TEST_CASE("four threads and a choice on the way say what one thread says") {
  // Enough rows for more than one row group, and for chunks after the choice has been made.
  constexpr int kRows = 140'000;
  const std::string expected = digest({"one", LuaMode::compiled, 1, "id"}, kRows);
  CHECK(expected.starts_with("140000 "));
  CHECK(digest({"four", LuaMode::compiled, 4, "id"}, kRows) == expected);
  CHECK(digest({"chosen", {}, 4, "hash(id)"}, kRows) == expected);
}
