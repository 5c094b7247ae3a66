#include "rules/decision_table.h"

#include <random>

#include "rules/decision_reader.h"
#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

const std::string kHead =
    "name: probe\n"
    "kind: classify\n"
    "inputs: { grain: { type: text, domain: [branch, centre] }, amount: money }\n";

/// Everything reported about a table, with the lines quoted.
std::string problems(const std::string& text, const std::string& file = "rules/probe.yaml") {
  Diagnostics diagnostics;
  const auto table = read_decision_table("probe", file, text, 2, diagnostics);
  CHECK((table == nullptr) == diagnostics.has_errors());
  return diagnostics.render();
}

/// One label per row of `facts`, decided by the table as an SQL function; errors in full.
Lines labels(const std::string& text, const std::string& facts, std::vector<Column> columns,
             const std::string& file = "rules/probe.yaml") {
  RuleHarness harness;
  harness.rows(facts, std::move(columns));
  harness.runtime().load({"probe", file, text}, harness.diagnostics());
  return harness.values({"probe"});
}

const std::vector<Column> kFact{column("grain", Type::text()), column("amount", Type::money(2))};

const std::string kFacts =
    "select * from (values ('branch', 3000.00::decimal(18,2)), ('branch', 3000.01), "
    "('centre', -1.00), ('other', 1.00), ('centre', null)) t(grain, amount)";

}  // namespace

TEST_CASE("decision table: a fact gets what the row that admits it says") {
  const std::string rows =
      "rows:\n"
      "  - { grain: branch, amount: \"<= 3000.00\", label: low }\n"
      "  - { grain: branch, amount: \"> 3000.00\", label: high }\n"
      "  - { grain: centre, label: any }\n";
  CHECK(labels(kHead + rows, kFacts, kFact) ==
        Lines{"low | - | false", "high | - | false", "any | - | false",
              "- | rules/probe.yaml: 'grain' is other, which is outside its domain | false",
              "- | - | true"});
}

TEST_CASE("decision table: CSV says the same, its head in lines that begin with '#'") {
  const std::string csv =
      "# name: probe\n"
      "# kind: classify\n"
      "# inputs:\n"
      "#   grain: { type: text, domain: branch | centre },,\n"
      "#   amount: money,,\n"
      "grain,amount,label\n"
      "branch,\"(, 3000.00]\",low\n"
      "branch,> 3000.00,high\n"
      "centre,,any\n";
  CHECK(labels(csv, kFacts, kFact, "rules/probe.csv") ==
        Lines{"low | - | false", "high | - | false", "any | - | false",
              "- | rules/probe.csv: 'grain' is other, which is outside its domain | false",
              "- | - | true"});
}

TEST_CASE("decision table: cells are values, sets, intervals, negations and null") {
  const auto admits = [](const std::string& type, const std::string& cell,
                         const std::string& value) {
    Diagnostics diagnostics;
    const Type of = *type_from_word(type, 2);
    const TextCell written{.text = cell, .is_given = !cell.empty(), .where = {"t.yaml", 1, 1, 1}};
    const auto set = read_value_set(of, true, "x", written, diagnostics);
    REQUIRE_MESSAGE(set, diagnostics.render());
    return value == "null" ? set->has_null : set->admits(of, parse_typed(of, value).value);
  };
  CHECK(admits("money", "", "null"));
  CHECK(admits("money", "*", "-5.00"));
  CHECK(admits("money", "< 10.00", "9.99"));
  CHECK_FALSE(admits("money", "< 10.00", "10.00"));
  CHECK_FALSE(admits("money", "< 10.00", "null"));
  CHECK(admits("money", "[10.00, 20.00)", "10.00"));
  CHECK_FALSE(admits("money", "[10.00, 20.00)", "20.00"));
  CHECK(admits("money", "(10.00, 20.00]", "20.00"));
  CHECK_FALSE(admits("money", "(10.00, 20.00]", "10.00"));
  CHECK(admits("money", "10.00..20.00", "20.00"));
  CHECK(admits("money", "5.00 | >= 10.00", "5.00"));
  CHECK_FALSE(admits("money", "5.00 | >= 10.00", "5.01"));
  CHECK(admits("money", "not [10.00, 20.00)", "20.00"));
  CHECK_FALSE(admits("money", "not (5.00 | 6.00)", "6.00"));
  CHECK(admits("money", "null | 5.00", "null"));
  CHECK_FALSE(admits("money", "not 5.00", "null"));
  CHECK(admits("text", "B01 | B02", "B02"));
  CHECK(admits("text", "not (B01 | B02)", "B03"));
  CHECK_FALSE(admits("text", "not B01", "B01"));
  CHECK(admits("text", "'*'", "*"));
  CHECK_FALSE(admits("text", "'*'", "x"));
  CHECK(admits("date", ">= 2026-01-01", "2026-01-01"));
  CHECK(admits("boolean", "not true", "false"));
  CHECK(admits("integer", "1..3 | 7", "7"));
}

TEST_CASE("decision table: what YAML quotes is a text, but for a star") {
  Diagnostics diagnostics;
  const Type text = Type::text();
  const auto admits = [&](const std::string& cell, const std::string& value) {
    const TextCell written{
        .text = cell, .is_given = true, .is_quoted = true, .where = {"t.yaml", 1, 1, 1}};
    return read_value_set(text, false, "x", written, diagnostics)->admits(text, {0, value});
  };
  CHECK(admits("*", "anything"));
  CHECK(admits("'*'", "*"));
  CHECK_FALSE(admits("'*'", "anything"));
  CHECK(admits("a | b", "a | b"));
  CHECK_FALSE(admits("-", "anything"));
  CHECK_FALSE(diagnostics.has_errors());
}

TEST_CASE("decision table: a fact that no row meets is a gap, reported with its region") {
  CHECK(problems(kHead + "rows:\n"
                         "  - { grain: branch, amount: \"< 3000.00\", label: low }\n"
                         "  - { grain: branch, amount: \"> 3000.00\", label: high }\n"
                         "  - { grain: centre, amount: \">= 0.00\", label: any }\n") ==
        "rules/probe.yaml:7:5: error: no row applies where grain is 'branch' and amount is "
        "3000.00; add a row for it, or say what follows: otherwise: nothing\n"
        "    7 |   - { grain: centre, amount: \">= 0.00\", label: any }\n"
        "      |     ^\n"
        "rules/probe.yaml:7:5: error: no row applies where grain is 'centre' and amount is <= "
        "-0.01; add a row for it, or say what follows: otherwise: nothing\n"
        "    7 |   - { grain: centre, amount: \">= 0.00\", label: any }\n"
        "      |     ^\n");
}

TEST_CASE("decision table: an ambiguous table is reported with both rows and the region") {
  CHECK(problems(kHead + "rows:\n"
                         "  - { amount: \"<= 3000.00\", label: low }\n"
                         "  - { grain: branch, amount: \">= 2000.00\", label: high }\n"
                         "  - { grain: centre, amount: \"> 3000.00\", label: other }\n") ==
        "rules/probe.yaml:6:5: error: rows 1 and 2 both apply where grain is 'branch' and amount "
        "is [2000.00, 3000.00]; row 1 stands in line 5; narrow one of them, or write hit: first to "
        "let the first count\n"
        "    6 |   - { grain: branch, amount: \">= 2000.00\", label: high }\n"
        "      |     ^\n");
}

TEST_CASE("decision table: rows of policy any may overlap as long as they agree") {
  const std::string head = kHead + "hit: any\notherwise: nothing\n";
  CHECK(problems(head + "rows:\n"
                        "  - { amount: \"< 10.00\", label: a }\n"
                        "  - { grain: branch, amount: \"< 20.00\", label: a }\n")
            .empty());
  CHECK(problems(head + "rows:\n"
                        "  - { amount: \"< 10.00\", label: a }\n"
                        "  - { grain: branch, amount: \"< 20.00\", label: b }\n") ==
        "rules/probe.yaml:8:5: error: rows 1 and 2 both apply and say different things where grain "
        "is 'branch' and amount is <= 9.99; row 1 stands in line 7; let them say the same, or "
        "narrow one of them\n"
        "    8 |   - { grain: branch, amount: \"< 20.00\", label: b }\n"
        "      |     ^\n");
}

TEST_CASE("decision table: rows that earlier ones leave nothing for are warned of") {
  CHECK(problems(kHead + "hit: first\n"
                         "rows:\n"
                         "  - { amount: \"< 10.00\", label: a }\n"
                         "  - { grain: branch, amount: \"< 5.00\", label: b }\n"
                         "  - { amount: \">= 10.00\", label: c }\n"
                         "  - { grain: centre, label: d }\n") ==
        "rules/probe.yaml:7:5: warning: row 2 is never reached: row 1 before it admits all that it "
        "does; move it up, narrow that row, or remove this one\n"
        "    7 |   - { grain: branch, amount: \"< 5.00\", label: b }\n"
        "      |     ^\n"
        "rules/probe.yaml:9:5: warning: row 4 is never reached: rows 1, 3 before it together admit "
        "all that it does; move it up, narrow one of those, or remove this one\n"
        "    9 |   - { grain: centre, label: d }\n"
        "      |     ^\n");
}

TEST_CASE("decision table: a row that admits nothing of the domain is reported") {
  CHECK(problems(kHead + "otherwise: nothing\nrows:\n  - { grain: brnch, label: a }\n") ==
        "rules/probe.yaml:6:5: error: row 1 never applies: it admits no 'grain' of the domain; did "
        "you mean 'branch'?\n"
        "    6 |   - { grain: brnch, label: a }\n"
        "      |     ^\n");
}

TEST_CASE("decision table: cells, outputs and tests are typed, all problems at once") {
  CHECK(problems("name: prob\n"
                 "kind: transform\n"
                 "inputs: { amount: money }\n"
                 "outputs: { rate: ratio }\n"
                 "rows:\n"
                 "  - { amount: \"< ten\", rate: 0.5 }\n") ==
        "rules/probe.yaml:1:7: error: the rule is named 'prob', its file 'probe.yaml'; give both "
        "the same name\n"
        "    1 | name: prob\n"
        "      |       ^~~~\n");
  CHECK(problems("name: probe\n"
                 "kind: transform\n"
                 "inputs: { amount: money }\n"
                 "outputs: { rate: ratio }\n"
                 "otherwise: { rat: 1 }\n"
                 "rows:\n"
                 "  - { amount: \"< ten\", rate: half }\n"
                 "  - { amount: null, rate: 1 }\n"
                 "  - { amount: \"[5.00, 1.00]\" }\n"
                 "tests:\n"
                 "  - { given: { amont: 1.00 }, expect: { rate: 1 } }\n") ==
        "rules/probe.yaml:5:14: error: 'rat' is no output; did you mean 'rate'?\n"
        "    5 | otherwise: { rat: 1 }\n"
        "      |              ^~~\n"
        "rules/probe.yaml:7:15: error: 'amount' is money, got 'ten' (not_a_number); write a number "
        "with at most 2 fraction digits, such as 1.23\n"
        "    7 |   - { amount: \"< ten\", rate: half }\n"
        "      |               ^~~~~~~\n"
        "rules/probe.yaml:7:30: error: 'rate' is ratio, got 'half' (not_a_number); write a number "
        "such as 0.05\n"
        "    7 |   - { amount: \"< ten\", rate: half }\n"
        "      |                              ^~~~\n"
        "rules/probe.yaml:9:15: error: no value is in '[5.00, 1.00]'\n"
        "    9 |   - { amount: \"[5.00, 1.00]\" }\n"
        "      |               ^~~~~~~~~~~~~~\n"
        "rules/probe.yaml:11:16: error: 'amont' is no input; did you mean 'amount'?\n"
        "   11 |   - { given: { amont: 1.00 }, expect: { rate: 1 } }\n"
        "      |                ^~~~~\n");
}

TEST_CASE("decision table: what collects gives every label once, and every finding") {
  const std::string rows =
      "hit: collect\n"
      "rows:\n"
      "  - { amount: \">= 3000.00\", label: important }\n"
      "  - { grain: branch, label: branch }\n"
      "  - { grain: branch, amount: \"> 3000.00\", label: important }\n";
  CHECK(labels(kHead + rows, kFacts, kFact).at(1) == "important;branch | - | false");
  const std::string check =
      "name: probe\n"
      "kind: check\n"
      "hit: collect\n"
      "inputs: { grain: text, amount: money }\n"
      "rows:\n"
      "  - { amount: \"< 0.00\", code: NEG, message: \"{amount} of {grain}\" }\n"
      "  - { grain: not (branch | centre), code: GRAIN, verdict: warn }\n";
  RuleHarness harness;
  harness.rows(kFacts, kFact);
  harness.runtime().load({"probe", "rules/probe.yaml", check}, harness.diagnostics());
  CHECK(harness.check({"probe"}) == Lines{"2 probe fail NEG: -1.00 of centre",
                                          "3 probe warn GRAIN: ", "4 probe not_applicable"});
}

TEST_CASE(
    "decision table: a threshold's messages name inputs, also the one that follows otherwise") {
  const std::string text =
      "name: probe\nkind: threshold\nhit: first\ninputs: { share: ratio, org: text }\nrows:\n"
      "  - { share: \"> 0.5\", band: red, message: \"{share} in {org} is much\" }\n"
      "  - { share: \"> 0.2\", org: [a, b], band: amber, message: plain }\n"
      "  - { share: \"> 0.2\", band: amber }\n"
      "otherwise: { band: green, message: \"only {share}\" }\n";
  const std::string facts =
      "select * from (values (0.9::decimal(18,9), 'a'), (0.3, 'b'), (0.3, 'c'), (0.1, 'a'), "
      "(null, 'a')) t(share, org)";
  CHECK(labels(text, facts, {column("share", Type::ratio()), column("org", Type::text())}) ==
        Lines{"red | 0.9 in a is much | - | false", "amber | plain | - | false",
              "amber | - | - | false", "green | only 0.1 | - | false", "- | - | - | true"});
}

TEST_CASE("decision table: check rules in Lua and in tables stand beside each other") {
  const std::string check =
      "name: probe\n"
      "kind: check\n"
      "inputs: { amount: money }\n"
      "rows:\n"
      "  - { amount: \"< 0.00\", code: NEG }\n";
  RuleHarness harness;
  harness.rows(kFacts, kFact);
  harness.runtime().load({"probe", "rules/probe.yaml", check}, harness.diagnostics());
  harness.load("lua", check_rule_text("lua", "grain = \"text\"",
                                      "if row.grain ~= 'branch' then return t.fail('G', '') end"));
  CHECK(harness.check({"probe", "lua"}) ==
        Lines{"2 lua fail G: ", "2 probe fail NEG: ", "3 lua fail G: ", "4 lua fail G: ",
              "4 probe not_applicable"});
}

TEST_CASE("decision table: its tests run, and tell what came instead") {
  const std::string text =
      kHead +
      "otherwise: { label: rest }\n"
      "rows:\n"
      "  - { amount: \"> 3000.00\", label: high }\n"
      "tests:\n"
      "  - { given: { grain: branch, amount: 3000.01 }, expect: high }\n"
      "  - { given: { grain: branch, amount: 3000.00 }, expect: high }\n"
      "  - { given: { grain: branch }, expect: not_applicable }\n"
      "  - { name: strange, given: { grain: x, amount: 1.00 }, expect: rest }\n";
  RuleHarness harness;
  REQUIRE_MESSAGE(
      harness.runtime().load({"probe", "rules/probe.yaml", text}, harness.diagnostics()),
      harness.problems());
  const std::vector<RuleTest> tests = harness.runtime().run_tests("probe");
  CHECK(tests[0].passed);
  CHECK(tests[1].message == "expected high, got rest");
  CHECK(tests[2].passed);
  CHECK(tests[3].name == "strange");
  CHECK(tests[3].message == "expected rest, got error: 'grain' is x, which is outside its domain");
}

TEST_CASE("decision table: random tables say what a CASE of the same rows says") {
  std::mt19937 random(7);
  const auto draw = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  for (int round = 0; round < 20; ++round) {
    std::string rows = "rows:\n";
    std::string sql = "case";
    const int count = 1 + draw(100);
    for (int row = 0; row < count; ++row) {
      const int grain = draw(5);
      const int low = draw(40) - 20;
      const int high = low + draw(15);
      const bool is_open = draw(4) == 0;
      rows += "  - { grain: " + (grain == 4 ? std::string("\"*\"") : "g" + std::to_string(grain)) +
              ", amount: \"" +
              (is_open ? "> " + std::to_string(low)
                       : "[" + std::to_string(low) + ", " + std::to_string(high) + "]") +
              "\", label: r" + std::to_string(row) + " }\n";
      sql += " when " +
             (grain == 4 ? std::string("true") : "grain = 'g" + std::to_string(grain) + "'") +
             " and amount " +
             (is_open ? "> " + std::to_string(low)
                      : "between " + std::to_string(low) + " and " + std::to_string(high)) +
             " then 'r" + std::to_string(row) + "'";
    }
    const std::string text =
        "name: probe\nkind: classify\nhit: first\notherwise: nothing\n"
        "inputs: { grain: text, amount: money }\n" +
        rows;
    RuleHarness harness;
    harness.rows(
        "select 'g' || (i % 6) as grain, (((i * 7919) % 5000) / 100 - 25)::decimal(18,2) as amount "
        "from range(5000) t(i)",
        kFact);
    harness.runtime().load({"probe", "rules/probe.yaml", text}, harness.diagnostics());
    const auto call = harness.bind({"probe"});
    REQUIRE_MESSAGE(call, harness.problems());
    CHECK(harness.engine()
              .query("select count(*) from rows where (" + call->expression +
                     ").label is distinct from " + sql + " end")
              .integer(0, 0) == 0);
  }
}
