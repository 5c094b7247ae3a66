// `rules try` reads a published dataset: this runs tallymill-worker beside the test program.
#include <doctest/doctest.h>

#include "command_line.h"
#include "program.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

/// A workspace whose dataset `total` has been made for 2026-01.
void make_total(const SampleWorkspace& workspace) {
  workspace.write(
      "graphs/totals.yaml",
      "graph: totals\nperiod: month\njobs:\n  total:\n    type: transform\n"
      "    inputs: []\n    sql: select * from (values ('a', 1.50::decimal(18,2)), ('b', "
      "-2.00), ('c', null)) as v(name, amount)\n"
      "    into: total\n    key: [name]\n    columns: { name: text, amount: money }\n"
      "    balance: none\n    because: a test\n    tags: [result]\n");
  workspace.write("rules/positive.lua",
                  "local t = require \"tallymill\"\nreturn t.check_rule {\n  name = \"positive\",\n"
                  "  needs = { amount = \"money\" },\n  params = { least = t.money \"0.00\" },\n"
                  "  check = function(row, p)\n    if row.amount < p.least then\n"
                  "      return t.fail(\"NEG\", \"{amount} is below {least}\", row)\n    end\n"
                  "  end,\n}\n");
  const CommandOutcome run =
      run_tallymill({"run", "totals", "--period", "2026-01", "--workspace", workspace.root()});
  INFO(run.out, run.err);
  REQUIRE(run.exit == 0);
}

CommandOutcome rules_try(const SampleWorkspace& workspace, std::vector<std::string> more) {
  more.insert(more.begin(), {"rules", "try", "--workspace", workspace.root()});
  return run_tallymill(more);
}

}  // namespace

TEST_CASE("rules try: counts verdicts and shows rows that do not pass first") {
  const SampleWorkspace workspace;
  make_total(workspace);
  const CommandOutcome tried = rules_try(workspace, {"positive", "--dataset", "total"});
  CHECK(tried.err == "");
  CHECK(tried.out ==
        "rules/positive.lua over total, 2026-01\n"
        "\n"
        "  verdict         rows\n"
        "  pass               1\n"
        "  fail NEG           1\n"
        "  not applicable     1\n"
        "\n"
        "name  amount  verdict         message\n"
        "b      -2.00  fail NEG        -2.00 is below 0.00\n"
        "c          -  not applicable  -\n"
        "a       1.50  pass            -\n"
        "3 rows\n");
  CHECK(tried.exit == 0);
  const CommandOutcome stricter = rules_try(
      workspace, {"positive", "--dataset", "total", "--param", "least=2.00", "--limit", "1"});
  CHECK(
      stricter.out.ends_with("name  amount  verdict   message\n"
                             "a       1.50  fail NEG  1.50 is below 2.00\n"
                             "1 of 3 rows\n"));
  const CommandOutcome misspelt = rules_try(workspace, {"positive", "--dataset", "totl"});
  CHECK(misspelt.exit == 2);
  CHECK(misspelt.err == "error: dataset 'totl' has no visible version; did you mean 'total'?\n");
}

TEST_CASE("rules try: the path of one row of a dataset") {
  const SampleWorkspace workspace;
  make_total(workspace);
  const CommandOutcome tried =
      rules_try(workspace, {"positive", "--dataset", "total", "--key", "b"});
  CHECK(tried.err == "");
  CHECK(tried.out ==
        "rules/positive.lua over one row\n"
        "\nrow\n"
        "  column  value\n"
        "  amount  -2.00\n"
        "\npath\n"
        "  line  condition             with          is\n"
        "     7  row.amount < p.least  -2.00 < 0.00  true\n"
        "\nparameters read\n"
        "  parameter  value  from\n"
        "  least      0.00   default, rules/positive.lua:5:14\n"
        "\nverdict: fail NEG: -2.00 is below 0.00\n");
  CHECK(tried.exit == 0);
  CHECK(rules_try(workspace, {"positive", "--dataset", "total", "--key", "name=b"}).out ==
        tried.out);
  CHECK(contains(rules_try(workspace, {"positive", "--dataset", "total", "--key", "c"}).out,
                 "  amount  null\n\nverdict: not_applicable\n"));
  const CommandOutcome absent =
      rules_try(workspace, {"positive", "--dataset", "total", "--key", "zz"});
  CHECK(absent.exit == 2);
  CHECK(absent.err ==
        "error: dataset 'total', 2026-01, has no row with name = zz; its key is name\n");
}

TEST_CASE("rules try: the path of a row written out, which needs no run") {
  const SampleWorkspace workspace;
  make_total(workspace);
  const CommandOutcome tried =
      rules_try(workspace, {"positive", "--row", R"({"amount": "0.99"})", "--param", "least=1.00"});
  CHECK(tried.err == "");
  CHECK(contains(tried.out, "     7  row.amount < p.least  0.99 < 1.00  true\n"));
  CHECK(contains(tried.out, "  least      1.00   --param\n"));
  CHECK(tried.out.ends_with("\nverdict: fail NEG: 0.99 is below 1.00\n"));
  const auto refused = [&](const std::string& row) {
    const CommandOutcome outcome = rules_try(workspace, {"positive", "--row", row});
    CHECK(outcome.exit == 2);
    return outcome.err;
  };
  CHECK(refused(R"({"amount": 0.99})") ==
        "error: --row: column 'amount' is money, got 0.99; a number with a fraction is not "
        "exact "
        "in JSON: put it in quotes\n");
  CHECK(refused(R"({"amont": "1"})") ==
        "error: 2 problems:\n"
        "--row: error: column 'amont' is not in needs of rules/positive.lua; did you mean "
        "'amount'?\n"
        "--row: error: the row has no 'amount', which is money in needs of rules/positive.lua; "
        "give it a value, or null\n");
  CHECK(refused("[1]") ==
        "error: --row takes one JSON object; write --row '{\"amount\": \"10.01\"}'\n");
}

TEST_CASE("rules try: what goes together") {
  const SampleWorkspace workspace;
  workspace.write("rules/positive.lua", "return 1");
  const auto refused = [&](std::vector<std::string> more) {
    more.insert(more.begin(), "positive");
    return rules_try(workspace, more).err;
  };
  CHECK(refused({}) ==
        "error: rules try needs rows: --dataset DATASET, or --row with one written out\n");
  CHECK(refused({"--row", "{}", "--dataset", "total"}) ==
        "error: --row is a row of its own: leave out --dataset and --key\n");
  CHECK(refused({"--key", "a"}) == "error: --key needs the --dataset it is a key of\n");
}

TEST_CASE("rules try: the path of a fact through a decision table is the rows that apply") {
  const SampleWorkspace workspace;
  workspace.write("rules/level.yaml",
                  "name: level\nkind: classify\nhit: unique\ninputs:\n"
                  "  n: { type: integer, domain: \">= 0\" }\nrows:\n"
                  "  - { n: \"< 10\", label: low }\n  - { n: \">= 10\", label: high }\n");
  const CommandOutcome tried = rules_try(workspace, {"level", "--row", R"({"n": 12})"});
  CHECK(tried.err == "");
  CHECK(tried.out ==
        "rules/level.yaml over one row\n"
        "\nrow\n"
        "  column  value\n"
        "  n       12\n"
        "\npath\n"
        "  line  condition  with     is\n"
        "     8  row 2      applies  true\n"
        "\nverdict: high\n");
  CHECK(rules_try(workspace, {"level", "--row", R"({"n": -1})"})
            .out.ends_with("\nverdict: error: rules/level.yaml: 'n' is -1, which is outside its "
                           "domain\n"));
}

TEST_CASE("rules try: a parameter of a table is that of the period") {
  const SampleWorkspace workspace;
  workspace.write("params/limits.csv", "# values: { limit: money }\norg,from,to,limit\n*,,,5.00\n");
  workspace.write("rules/high.lua",
                  "local t = require \"tallymill\"\nreturn t.check_rule {\n  name = \"high\",\n"
                  "  needs = { charge = \"money\", org_code = \"text\" },\n"
                  "  params = { limit = t.param { type = \"money\", table = \"limits\", by = "
                  "\"org_code\" } },\n"
                  "  check = function(row, p)\n    if row.charge > p.limit then\n"
                  "      return t.fail(\"H\", \"over {limit}\", row)\n    end\n  end,\n}\n");
  const std::string row = R"({"charge": "6.00", "org_code": "B"})";
  const CommandOutcome tried = rules_try(workspace, {"high", "--row", row, "--period", "2026-01"});
  CHECK(tried.err == "");
  CHECK(contains(tried.out, "  limit      5.00   always (org *, params/limits.csv:3)\n"));
  CHECK(tried.out.ends_with("\nverdict: fail H: over 5.00\n"));
  const CommandOutcome given =
      rules_try(workspace, {"high", "--row", row, "--param", "limit=7.00"});
  CHECK(given.out.ends_with("\nverdict: pass\n"));
  const CommandOutcome open = rules_try(workspace, {"high", "--row", row});
  CHECK(open.exit == 2);
  CHECK(open.err ==
        "error: parameter 'limit' of rules/high.lua comes from params/limits.csv; say of which "
        "period: --period PERIOD, or give it a value: --param limit=VALUE\n");
}

TEST_CASE("rules try: of a group rule a parameter of a table has its value and its origin") {
  const SampleWorkspace workspace;
  workspace.write("graphs/gifts.yaml",
                  "graph: gifts\nperiod: month\njobs:\n  gifts:\n    type: transform\n"
                  "    inputs: []\n    sql: select * from (values ('a', 'x', 6.00::decimal(18,2)), "
                  "('b', 'x', 1.00), ('c', 'y', 1.00)) as v(name, who, amount)\n"
                  "    into: gifts\n    key: [name]\n"
                  "    columns: { name: text, who: text, amount: money }\n"
                  "    balance: none\n    because: a test\n    tags: [result]\n");
  workspace.write("params/limits.csv",
                  "# values: { limit: money }\norg,from,to,limit\n*,,,9.00\nx,,,5.00\n");
  workspace.write(
      "rules/much.lua",
      "local t = require \"tallymill\"\nreturn t.group_rule {\n  name = \"much\",\n"
      "  needs = { name = \"text\", who = \"text\", amount = \"money\" },\n"
      "  params = { limit = t.param { type = \"money\", table = \"limits\", by = \"who\" } },\n"
      "  key = { \"who\" },\n  order = { \"name\" },\n  check = function(rows, p)\n"
      "    if rows[1].amount > p.limit then\n"
      "      return t.fail(\"M\", \"over {limit}\", rows[1])\n    end\n  end,\n}\n");
  REQUIRE(run_tallymill({"run", "gifts", "--period", "2026-01", "--workspace", workspace.root()})
              .exit == 0);
  const CommandOutcome rows = rules_try(workspace, {"much", "--dataset", "gifts"});
  CHECK(rows.err == "");
  CHECK(rows.out.ends_with(
      "name  amount  who  limit  validity of limit                    verdict  message\n"
      "a       6.00  x     5.00  always (org x, params/limits.csv:4)  fail M   over 5.00\n"
      "b       1.00  x     5.00  always (org x, params/limits.csv:4)  pass     -\n"
      "c       1.00  y     9.00  always (org *, params/limits.csv:3)  pass     -\n"
      "3 rows\n"));
  const CommandOutcome path = rules_try(workspace, {"much", "--dataset", "gifts", "--key", "a"});
  CHECK(path.err == "");
  CHECK(contains(path.out, "  limit      5.00   always (org x, params/limits.csv:4)\n"));
}

TEST_CASE("rules try: of a group rule the path leads through the group of the row") {
  const SampleWorkspace workspace;
  workspace.write("graphs/gifts.yaml",
                  "graph: gifts\nperiod: month\njobs:\n  gifts:\n    type: transform\n"
                  "    inputs: []\n    sql: select * from (values ('a', 'x', 1.00::decimal(18,2)), "
                  "('b', 'x', 1.00), ('c', 'y', 1.00)) as v(name, who, amount)\n"
                  "    into: gifts\n    key: [name]\n"
                  "    columns: { name: text, who: text, amount: money }\n"
                  "    balance: none\n    because: a test\n    tags: [result]\n");
  workspace.write("rules/again.lua",
                  "local t = require \"tallymill\"\nreturn t.group_rule {\n  name = \"again\",\n"
                  "  needs = { name = \"text\", who = \"text\", amount = \"money\" },\n"
                  "  key = { \"who\" },\n  order = { \"name\" },\n  check = function(rows)\n"
                  "    for i = 2, #rows do\n"
                  "      if rows[i].amount == rows[i - 1].amount then\n"
                  "        return t.fail(\"G\", \"{amount} again\", rows[i])\n      end\n    end\n"
                  "  end,\n}\n");
  REQUIRE(run_tallymill({"run", "gifts", "--period", "2026-01", "--workspace", workspace.root()})
              .exit == 0);
  const auto path_of = [&](const std::string& key) {
    const CommandOutcome tried =
        rules_try(workspace, {"again", "--dataset", "gifts", "--key", key});
    CHECK(tried.err == "");
    return tried.out;
  };
  CHECK(contains(path_of("b"), "rows[i].amount == rows[i - 1].amount  1.00 == 1.00  true\n"));
  CHECK(path_of("b").ends_with("\nverdict: fail G: 1.00 again\n"));
  CHECK(path_of("a").ends_with("\nverdict: pass\n"));
  CHECK(!contains(path_of("c"), "rows[i].amount"));
  const CommandOutcome alone =
      rules_try(workspace, {"again", "--row", R"({"name": "a", "who": "x", "amount": "1.00"})"});
  CHECK(alone.out.ends_with("\nverdict: pass\n"));
}
