// What somebody who gets a rule wrong is told: the place, the line, what was expected, exit 2; and
// no run begins.
#include <doctest/doctest.h>

#include "ruled_workspace.h"

using namespace tallymill;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

/// What `run` says, which must be what `validate` says.
std::string refused(const RuledWorkspace& tallymill) {
  const CommandOutcome validate = tallymill({"validate"});
  CHECK(validate.exit == 2);
  const CommandOutcome run = tallymill({"run", "bills", "--period", "2026-01"});
  CHECK(run.exit == 2);
  CHECK(run.out == "");
  CHECK(run.err == validate.err);
  CHECK(tallymill({"status"}).out.find("bills.2026-01.1") == std::string::npos);
  return run.err;
}

/// The same of a rule that needs another column, too, and has it in its message.
std::string refused_need(const std::string& column, const std::string& type) {
  const RuledWorkspace tallymill;
  const std::string text = replaced(RuledWorkspace::limit_text("25.00"), "{amount} is",
                                    "{amount} of {" + column + "} is");
  tallymill.write("rules/limit.lua",
                  replaced(text, "\"money\" }", "\"money\", " + column + " = \"" + type + "\" }"));
  return refused(tallymill);
}

std::string refused_text(const std::string& from, const std::string& to) {
  const RuledWorkspace tallymill;
  tallymill.write("rules/limit.lua", replaced(RuledWorkspace::limit_text("25.00"), from, to));
  return refused(tallymill);
}

}  // namespace

TEST_CASE("bad rules: a syntax error") {
  CHECK(refused_text("then", "thn") ==
        "rules/limit.lua:7:37: error: 'then' expected near 'thn'\n"
        "    7 |     if row.amount > t.money \"25.00\" thn\n"
        "      |                                     ^~~\n");
}

TEST_CASE("bad rules: a column the rule does not declare, and one the dataset does not have") {
  CHECK(refused_text("row.amount", "row.amuont") ==
        "rules/limit.lua:7:12: error: column 'amuont' is read but not declared in needs; did you "
        "mean "
        "'amount'?\n"
        "    7 |     if row.amuont > t.money \"25.00\" then\n"
        "      |            ^~~~~~\n");
  CHECK(
      refused_need("org", "text") ==
      "graphs/bills.yaml:18:15: error: rule 'limit' needs column 'org', which the dataset does not "
      "have\n"
      "   18 |       - rule: limit\n"
      "      |               ^~~~~\n");
}

TEST_CASE("bad rules: a column of another type") {
  CHECK(refused_need("id", "date") ==
        "graphs/bills.yaml:18:9: error: rule 'limit' (rules/limit.lua) needs column 'id' as date, "
        "but "
        "it is text\n"
        "   18 |       - rule: limit\n"
        "      |         ^~~~\n");
}

TEST_CASE("bad rules: money compared with a bare number") {
  CHECK(refused_text("t.money \"25.00\"", "25") ==
        "rules/limit.lua:7:21: error: row.amount is money and is compared with the bare number 25, "
        "which means 0.25; write t.money \"25\"\n"
        "    7 |     if row.amount > 25 then\n"
        "      |                     ^~\n");
}

TEST_CASE("bad rules: no value of a parameter for an org and period, and two for one") {
  const RuledWorkspace tallymill;
  tallymill.take_limit_from_table("25.00");
  const std::string head = "# values: { limit: money }\norg,from,to,limit\n";
  tallymill.write("params/limits.csv", head + "*,2026-02,,25.00\n");
  const CommandOutcome run = tallymill({"run", "bills", "--period", "2026-01"});
  CHECK(run.exit == 2);
  CHECK(
      run.err ==
      "params/limits.csv:1:1: error: it has no one value for org '*' in 2026-01; give that org, a "
      "parent or org \"*\" a value that holds through all of 2026-01\n"
      "    1 | # values: { limit: money }\n"
      "      | ^\n");
  tallymill.write("params/limits.csv", head + "*,2025-12,2026-03,25.00\n*,2026-02,,26.00\n");
  CHECK(
      refused(tallymill) ==
      "params/limits.csv:4:1: error: org '*' has two values from 2026-02-01 to 2026-03-31: line 3 "
      "holds 2025-12 to 2026-03, this one from 2026-02; end the one before the other begins\n"
      "    4 | *,2026-02,,26.00\n"
      "      | ^\n");
}

TEST_CASE("bad rules: a backfill does not begin with them, nor where a period has no value") {
  const RuledWorkspace tallymill;
  const std::vector<std::string> backfill{"backfill", "bills", "--from",
                                          "2026-01",  "--to",  "2026-02"};
  tallymill.write("rules/limit.lua",
                  replaced(RuledWorkspace::limit_text("25.00"), "row.amount", "row.amuont"));
  const CommandOutcome unsound = tallymill(backfill);
  CHECK(unsound.exit == 2);
  CHECK(unsound.err.starts_with("rules/limit.lua:7:12: error: column 'amuont' is read"));
  tallymill.take_limit_from_table("25.00");
  tallymill.write("params/limits.csv",
                  "# values: { limit: money }\norg,from,to,limit\n*,,2026-01,25.00\n");
  const CommandOutcome open = tallymill(backfill);
  CHECK(open.exit == 2);
  CHECK(open.err.starts_with(
      "params/limits.csv:1:1: error: it has no one value for org '*' in 2026-02"));
  CHECK(tallymill({"status"}).out.find("bills.2026-01.1") == std::string::npos);
}

TEST_CASE("bad rules: a decision table of which two rows apply") {
  const RuledWorkspace tallymill;
  std::filesystem::remove(tallymill.root() + "/rules/limit.lua");
  tallymill.write("rules/limit.yaml",
                  "name: limit\nkind: check\nhit: unique\ninputs: { amount: money }\nrows:\n"
                  "  - { amount: \"> 25.00\", code: HIGH }\n"
                  "  - { amount: \"> 50.00\", code: TOO_HIGH }\notherwise: nothing\n");
  CHECK(
      refused(tallymill) ==
      "rules/limit.yaml:7:5: error: rows 1 and 2 both apply where amount is >= 50.01; row 1 stands "
      "in line 6; narrow one of them, or write hit: first to let the first count\n"
      "    7 |   - { amount: \"> 50.00\", code: TOO_HIGH }\n"
      "      |     ^\n");
}

TEST_CASE("bad rules: a name twice") {
  const RuledWorkspace tallymill;
  tallymill.write("rules/limit.yaml", "name: limit\n");
  CHECK(
      refused(tallymill) ==
      "rules/limit.yaml:1:1: error: rule 'limit' stands in rules/limit.lua, too; rename or remove "
      "one of them\n"
      "    1 | name: limit\n"
      "      | ^\n");
}

TEST_CASE("bad rules: a test that fails has its place and what came instead") {
  const RuledWorkspace tallymill;
  tallymill.write_failing_test();
  const CommandOutcome tested = tallymill({"rules", "test", "limit"});
  CHECK(tested.exit == 3);
  CHECK(tested.out ==
        "limit  0 passed, 1 failed; branches 1 of 2 (50 %)\n"
        "  rules/limit.lua:11:13: error: test 1: expected HIGH, got pass\n"
        "     11 |   tests = { { given = { amount = t.money \"1.00\" }, expect = \"HIGH\" } },\n"
        "        |             ^\n"
        "  rules/limit.lua:7:8: warning: no test makes this true\n"
        "      7 |     if row.amount > t.money \"25.00\" then\n"
        "        |        ^~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
        "1 rule, 1 test: 0 passed, 1 failed; branches 1 of 2 (50 %)\n");
  CHECK(refused(tallymill) ==
        "rules/limit.lua:11:13: error: test 1 of rule 'limit' fails: expected HIGH, got pass; "
        "'tallymill rules test limit' says which conditions tests take\n"
        "   11 |   tests = { { given = { amount = t.money \"1.00\" }, expect = \"HIGH\" } },\n"
        "      |             ^\n");
}
