// `rules diff` asks a worker: this runs tallymill-worker beside the test program.
#include <doctest/doctest.h>

#include "core/files.h"
#include "core/json.h"
#include "ruled_workspace.h"

using namespace tallymill;

TEST_CASE("rules diff: the file against what was run last, in rows, keys and money") {
  const RuledWorkspace tallymill;
  REQUIRE(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  tallymill.set_limit("5.00");
  const CommandOutcome diff = tallymill({"rules", "diff", "limit", "--by", "city"});
  INFO(diff.err);
  CHECK(diff.exit == 0);
  CHECK(diff.out ==
        "rule limit: " + RuledWorkspace::version_of(RuledWorkspace::limit_text("25.00")) +
            ", run last -> rules/limit.lua as it stands\n"
            "2026-01: of 3 rows 2 change, 2 distinct id\n"
            "\n"
            "verdicts\n"
            "  verdict    was  becomes  difference\n"
            "  fail HIGH    1        3          +2\n"
            "  pass         2        0          -2\n"
            "\n"
            "what changes\n"
            "  was   becomes    rows  distinct id  amount\n"
            "  pass  fail HIGH     2            2   30.00\n"
            "\n"
            "by city\n"
            "  city     was   becomes    rows  distinct id  amount\n"
            "  Beijing  pass  fail HIGH     2            2   30.00\n"
            "\n"
            "pass -> fail HIGH\n"
            "  period   id   amount  says\n"
            "  2026-01  ann  10.00   10.00 is high\n"
            "  2026-01  bob  20.00   20.00 is high\n"
            "\n"
            "where the rule was asked\n"
            "  job           period   rows  changed\n"
            "  bills.judged  2026-01     3        2\n");
}

TEST_CASE("rules diff: a table of parameters as it stands against the one that ran last") {
  const RuledWorkspace tallymill;
  tallymill.take_limit_from_table("25.00");
  REQUIRE(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  tallymill.write("params/limits.csv", RuledWorkspace::limits_text("15.00"));
  const CommandOutcome diff = tallymill({"rules", "diff", "limit"});
  INFO(diff.err);
  CHECK(diff.out.find(" -> rules/limit.lua as it stands\n"
                      "with params/limits.csv as it stands, other than what ran last\n"
                      "2026-01: of 3 rows 1 changes, 1 distinct id\n") != std::string::npos);
  CHECK(diff.out.find("2026-01  bob  20.00   Beijing  20.00 is high") != std::string::npos);
  // Two versions of the rule are asked with the same table.
  const std::string version = RuledWorkspace::version_of(
      read_file(std::filesystem::path(tallymill.root()) / "rules/limit.lua"));
  CHECK(
      tallymill({"rules", "diff", "limit", version, version}).out.find("of 3 rows none changes") !=
      std::string::npos);
  const CommandOutcome table = tallymill({"rules", "diff", "params/limits"});
  CHECK(table.exit == 2);
  CHECK(table.err.find("a parameter table has no verdicts; ask a rule that names it") !=
        std::string::npos);
}

TEST_CASE("rules diff: several periods, two versions, JSON and a page") {
  const RuledWorkspace tallymill;
  for (const char* period : {"2026-01", "2026-02"})
    REQUIRE(tallymill({"run", "bills", "--period", period}).exit == 3);
  const std::string old_version = RuledWorkspace::version_of(RuledWorkspace::limit_text("25.00"));
  tallymill.write("drafts/limit.lua", RuledWorkspace::limit_text("15.00", "  -- <script>\n"));
  const std::string page = tallymill.root() + "/effect.html";
  const CommandOutcome diff =
      tallymill({"rules", "diff", "limit", old_version, tallymill.root() + "/drafts/limit.lua",
                 "--periods", "2026-01..2026-03", "--json", "--html", page});
  INFO(diff.err);
  REQUIRE(diff.exit == 0);
  const json::object difference = parse_json(diff.out, "the output").as_object();
  CHECK(json_integer(difference, "rows") == 6);
  CHECK(json_integer(difference, "changed") == 2);
  // Bob of both months is one customer.
  CHECK(json_integer(difference, "distinct") == 1);
  CHECK(json::serialize(difference.at("money")) == R"({"amount":"40.00"})");
  CHECK(difference.at("jobs").as_array().size() == 2);
  const json::array& gaps = difference.at("not_looked_at").as_array();
  REQUIRE(gaps.size() == 1);
  CHECK(json_text(gaps[0].as_object(), "period") == "2026-03");
  const std::string html = read_file(page);
  CHECK(html.find("&lt;script&gt;") != std::string::npos);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("http://") == std::string::npos);
  CHECK(html.find("https://") == std::string::npos);
  CHECK(html.find("bob") != std::string::npos);
}

TEST_CASE("rules diff: what transforms, classify rules, drivers and thresholds give") {
  const RuledWorkspace tallymill;
  tallymill.write("rules/fee.lua", R"(local t = require "tallymill"
return t.transform_rule {
  name = "fee",
  needs = { amount = "money" },
  params = { fee = t.money "1.00" },
  returns = { net = "money", note = "text" },
  transform = function(row, p)
    return { net = row.amount - p.fee, note = "less a fee" }
  end,
}
)");
  const auto valued = [](const std::string& kind, const std::string& name,
                         const std::string& function, const std::string& needs,
                         const std::string& body) {
    return "local t = require \"tallymill\"\nreturn t." + kind + " {\n  name = \"" + name +
           "\",\n  needs = { " + needs + " },\n  " + function + " = function(row)\n    return " +
           body + "\n  end,\n}\n";
  };
  tallymill.write("rules/size.lua",
                  valued("classify_rule", "size", "classify", "amount = \"money\"",
                         "row.amount > t.money \"25.00\" and \"large\" or "
                         "\"small\""));
  tallymill.write("rules/way.lua",
                  valued("driver_rule", "way", "driver", "city = \"text\"", "\"heads\""));
  tallymill.write("rules/level.lua",
                  valued("threshold_rule", "level", "band", "value = \"money\"",
                         "t.band(row.value > t.money \"25.00\" and \"high\" or \"low\")"));
  tallymill.write("graphs/more.yaml", R"(graph: more
period: month
jobs:
  shaped:
    type: cleanse
    from: bills
    into: shaped
    steps:
      - rule: { name: fee, params: { fee: "2.00" } }
      - rule: size
  desks:
    type: transform
    inputs: []
    sql: select * from (values ('d1', 1, 3), ('d2', 1, 1)) as v(desk, heads, area)
    into: desks
    key: [desk]
    columns: { desk: text, heads: integer, area: integer }
    balance: none
    because: a test
  shared:
    type: allocate
    pool: { dataset: bills, amount: amount }
    receivers: { dataset: desks, key: desk }
    driver: { rule: way }
    zero_driver: fail
    negative_driver: fail
    missing_driver: zero
    no_receivers: fail
    into: shared
    tags: [result]
  city_level:
    type: indicator
    from: bills
    sql: select city as org, sum(amount) as value from bills group by city
    into: city_level
    value: money
    threshold: { rule: level }
    tags: [result]
)");
  REQUIRE(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  const CommandOutcome run = tallymill({"run", "more", "--period", "2026-01"});
  INFO(run.out, run.err);
  REQUIRE(run.exit == 0);
  const auto groups = [&](const std::string& rule, const std::string& from, const std::string& to) {
    const std::string file = tallymill.root() + "/rules/" + rule + ".lua";
    std::string text = read_file(file);
    text.replace(text.find(from), from.size(), to);
    tallymill.write("rules/" + rule + ".lua", text);
    const CommandOutcome diff = tallymill({"rules", "diff", rule, "--samples", "0", "--json"});
    INFO(diff.err);
    REQUIRE(diff.exit == 0);
    return json::serialize(parse_json(diff.out, "the output").as_object().at("groups"));
  };
  CHECK(groups("fee", "row.amount - p.fee", "row.amount - 2 * p.fee") ==
        R"([{"what":"net","was":"set","becomes":"set","rows":3,"distinct":3,)"
        R"("money":{"amount":"60.00"},"values":{"net":{"was":"54.00","becomes":"48.00",)"
        R"("difference":"-6.00"}}}])");
  // What comes before the rule is as its file says by now: the fee is twice as high.
  CHECK(groups("size", "25.00", "15.00") ==
        R"([{"what":"","was":"small","becomes":"large","rows":1,"distinct":1,)"
        R"("money":{"amount":"20.00","net":"16.00"}}])");
  CHECK(groups("way", "\"heads\"", "row.city == \"Beijing\" and \"area\" or \"heads\"") ==
        R"([{"what":"","was":"heads","becomes":"area","rows":2,"distinct":2,)"
        R"("money":{"amount":"30.00"}}])");
  CHECK(groups("level", "25.00", "30.00") ==
        R"([{"what":"","was":"high","becomes":"low","rows":2,"distinct":2,)"
        R"("money":{"value":"60.00"}}])");
}

TEST_CASE("rules diff: what cannot be compared is refused before a row is read") {
  const RuledWorkspace tallymill;
  const auto refused = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"rules", "diff"});
    const CommandOutcome outcome = tallymill(more);
    CHECK(outcome.exit == 2);
    CHECK(outcome.out == "");
    return outcome.err;
  };
  CHECK(refused({"limit"}).find("nothing has run in this workspace yet") != std::string::npos);
  REQUIRE(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  CHECK(refused({"limti"}) ==
        "error: there is no rule 'limti' (rules/limti.lua); did you mean 'limit'?\n");
  CHECK(
      refused({"limit", "ffff0000"}).starts_with("error: rule 'limit' has no version 'ffff0000'"));
  CHECK(refused({"limit", "drafts/none.lua"})
            .starts_with("error: there is no file 'drafts/none.lua'"));
  CHECK(refused({"limit", "a", "b", "c"}) ==
        "error: give at most two versions: the old one, then the new one\n");
  CHECK(refused({"limit", "--periods", "2026-02..2026-01"}) ==
        "error: --periods '2026-02..2026-01' ends before it begins\n");
  CHECK(refused({"limit", "--periods", "2027-01"})
            .starts_with("error: there are no rows to ask rules/limit.lua about"));
  CHECK(refused({"limit", "--by", "citty"}) ==
        "error: --by: the rows that job 'judged' asks about have no column 'citty'; did you mean "
        "'city'?\n");
  tallymill.write("rules/limit.lua", "return 1\n");
  CHECK(refused({"limit"}) ==
        "error: rules/limit.lua:1:1: a rule file returns one rule, this one returns number; write "
        "return t.check_rule { name = ..., needs = ..., check = ... }\n");
}
