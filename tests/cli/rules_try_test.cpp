// `rules try` reads a published dataset: this runs tallymill-worker beside the test program.
#include <doctest/doctest.h>

#include "command_line.h"
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
