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
        "error: --row: error: column 'amount' is money, got 0.99; a number with a fraction is not "
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
