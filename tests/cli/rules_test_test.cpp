// `rules test` needs a worker: this runs tallymill-worker beside the test program.
#include <doctest/doctest.h>

#include "command_line.h"
#include "program.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

std::string rule(const std::string& name, const std::string& tests) {
  return "local t = require \"tallymill\"\nreturn t.check_rule {\n  name = \"" + name +
         "\",\n  needs = { n = \"integer\" },\n  check = function(row)\n"
         "    if row.n > 1 then return t.fail(\"R\", \"{n}\", row) end\n  end,\n" +
         tests + "}\n";
}

CommandOutcome rules_test(const SampleWorkspace& workspace, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"rules", "test", "--workspace", workspace.root()});
  return run_tallymill(more);
}

}  // namespace

TEST_CASE("rules test: says per rule how its tests ended, and what they would not notice") {
  const SampleWorkspace workspace;
  workspace.write("rules/sound.lua", rule("sound",
                                          "  tests = { { given = { n = 1 }, expect = "
                                          "\"pass\" } },\n"));
  workspace.write("rules/untested.lua", rule("untested", ""));
  const CommandOutcome good = rules_test(workspace);
  CHECK(good.err == "");
  CHECK(good.out ==
        "sound     1 passed; branches 1 of 2 (50 %); mutants 2 of 5 (40 %)\n"
        "  rules/sound.lua:6:8: warning: no test makes this true\n"
        "      6 |     if row.n > 1 then return t.fail(\"R\", \"{n}\", row) end\n"
        "        |        ^~~~~~~~~\n"
        "  rules/sound.lua:6:16: no test notices 1 to 2\n"
        "    - if row.n > 1 then return t.fail(\"R\", \"{n}\", row) end\n"
        "    + if row.n > 2 then return t.fail(\"R\", \"{n}\", row) end\n"
        "  rules/sound.lua:6:23: no test notices statement removed\n"
        "    - if row.n > 1 then return t.fail(\"R\", \"{n}\", row) end\n"
        "    + if row.n > 1 then  end\n"
        "  rules/sound.lua:6:37: no test notices \"R\" to \"Rx\"\n"
        "    - if row.n > 1 then return t.fail(\"R\", \"{n}\", row) end\n"
        "    + if row.n > 1 then return t.fail(\"Rx\", \"{n}\", row) end\n"
        "untested  no tests\n"
        "2 rules, 1 test: 1 passed; branches 1 of 4 (25 %); mutants 2 of 10 (20 %)\n");
  CHECK(good.exit == 0);

  workspace.write("rules/wrong.lua", rule("wrong",
                                          "  tests = { { given = { n = 2 }, expect = "
                                          "\"pass\" } },\n"));
  const CommandOutcome bad = rules_test(workspace, {"wrong"});
  CHECK(bad.out ==
        "wrong  0 passed, 1 failed; branches 1 of 2 (50 %)\n"
        "  rules/wrong.lua:8:13: error: test 1: expected pass, got R: 2\n"
        "      8 |   tests = { { given = { n = 2 }, expect = \"pass\" } },\n"
        "        |             ^\n"
        "  rules/wrong.lua:6:8: warning: no test makes this false\n"
        "      6 |     if row.n > 1 then return t.fail(\"R\", \"{n}\", row) end\n"
        "        |        ^~~~~~~~~\n"
        "1 rule, 1 test: 0 passed, 1 failed; branches 1 of 2 (50 %)\n");
  CHECK(bad.exit == 3);
}

TEST_CASE("rules test: a table of cases beside the rule's own tests") {
  const SampleWorkspace workspace;
  workspace.write("rules/sound.lua", rule("sound", ""));
  workspace.write("tests/rules/sound_test.yaml",
                  "cases:\n  - { given: { n: 1 }, expect: pass }\n"
                  "  - { given: { n: 2 }, expect: R, message: \"2\" }\n");
  const CommandOutcome good = rules_test(workspace);
  CHECK(good.err == "");
  CHECK(good.out ==
        "sound  2 passed; branches 2 of 2 (100 %); mutants 5 of 5 (100 %)\n"
        "1 rule, 2 tests: 2 passed; branches 2 of 2 (100 %); mutants 5 of 5 (100 %)\n");
  CHECK(rules_test(workspace, {"--min-score", "100", "--min-coverage", "100"}).exit == 0);

  workspace.write("tests/rules/sound_test.yaml", "cases:\n  - { given: { n: two }, expect: R }\n");
  const CommandOutcome mistyped = rules_test(workspace);
  CHECK(mistyped.exit == 2);
  CHECK(mistyped.err ==
        "tests/rules/sound_test.yaml:2:19: error: column 'n' is integer and must be a whole "
        "number, got 'two'\n"
        "    2 |   - { given: { n: two }, expect: R }\n"
        "      |                   ^~~\n");

  workspace.write("tests/rules/sound_test.yaml", "cases:\n  - { given: { n: 2 }, expect: pass }\n");
  const CommandOutcome failed = rules_test(workspace, {"--no-mutants"});
  CHECK(failed.exit == 3);
  CHECK(contains(failed.out,
                 "  tests/rules/sound_test.yaml:2:5: error: case 1: expected pass, got R: 2\n"
                 "      2 |   - { given: { n: 2 }, expect: pass }\n"
                 "        |     ^\n"));
}

TEST_CASE("rules test: a table of a rule that is not there") {
  const SampleWorkspace workspace;
  workspace.write("rules/sound.lua", rule("sound", ""));
  workspace.write("tests/rules/suond_test.yaml", "cases: []\n");
  const CommandOutcome outcome = rules_test(workspace);
  CHECK(outcome.exit == 2);
  CHECK(outcome.err ==
        "tests/rules/suond_test.yaml:1: error: the table tests rules/suond.lua, and there is no "
        "such rule; did you mean 'sound'?\n");
}

TEST_CASE("rules test: limits say what falls short, and exit 3") {
  const SampleWorkspace workspace;
  workspace.write("rules/sound.lua", rule("sound",
                                          "  tests = { { given = { n = 1 }, expect = "
                                          "\"pass\" } },\n"));
  const CommandOutcome low = rules_test(workspace, {"--min-coverage", "80", "--min-score", "41"});
  CHECK(low.exit == 3);
  CHECK(low.err ==
        "tests of 'sound' take 1 of 2 (50 %) outcomes of its conditions, and 80 % are asked for\n"
        "tests of 'sound' notice 2 of 5 (40 %) mutants, and 41 % are asked for\n");
  CHECK(rules_test(workspace, {"--min-coverage", "50", "--min-score", "40"}).exit == 0);
  const CommandOutcome none = rules_test(workspace, {"--min-score", "40", "--no-mutants"});
  CHECK(none.exit == 2);
  CHECK(none.err == "error: --min-score needs the mutants that --no-mutants leaves out\n");
  CHECK(rules_test(workspace, {"--min-score", "101"}).err ==
        "error: --min-score is a percentage from 0 to 100, got 101\n");
}

TEST_CASE("rules test: suggested cases, for the place where the rule's tests are") {
  const SampleWorkspace workspace;
  workspace.write("rules/sound.lua", rule("sound", ""));
  const CommandOutcome in_file = rules_test(workspace, {"sound", "--suggest"});
  CHECK(in_file.err == "");
  CHECK(in_file.exit == 0);
  CHECK(in_file.out ==
        "3 cases for the tests of rules/sound.lua; expect says what the rule does now, read it "
        "before you paste\n"
        "    -- line 6, row.n > 1: one below\n"
        "    { given = { n = 0 }, expect = \"pass\" },\n"
        "    -- line 6, row.n > 1: equal\n"
        "    { given = { n = 1 }, expect = \"pass\" },\n"
        "    -- line 6, row.n > 1: one above\n"
        "    { given = { n = 2 }, expect = \"R\" },\n");
  workspace.write("tests/rules/sound_test.yaml",
                  "cases:\n  - { given: { n: 1 }, expect: pass }\n"
                  "  - { given: { n: 2 }, expect: R }\n");
  CHECK(rules_test(workspace, {"sound", "--suggest"}).out ==
        "1 case for the cases of tests/rules/sound_test.yaml; expect says what the rule does now, "
        "read it before you paste\n"
        "  # line 6, row.n > 1: one below\n"
        "  - { given: { n: 0 }, expect: pass }\n");
}

TEST_CASE("rules test: where no case can be suggested for a condition, that is said") {
  const SampleWorkspace workspace;
  workspace.write("rules/sum.lua",
                  "local t = require \"tallymill\"\nreturn t.check_rule {\n  name = \"sum\",\n"
                  "  needs = { a = \"integer\", b = \"integer\" },\n  check = function(row)\n"
                  "    local both = row.a + row.b\n    if both > 7 then return t.fail(\"S\") end\n"
                  "  end,\n  tests = { { given = { a = 1, b = 1 }, expect = \"pass\" } },\n}\n");
  CHECK(rules_test(workspace, {"sum", "--suggest"}).out ==
        "nothing to add to the tests of rules/sum.lua: 1 outcome of its conditions no test takes, "
        "and no change of one value makes a case of it; 'tallymill rules test' says which\n");
}

TEST_CASE("rules test: a file that is wrong is reported with its line") {
  const SampleWorkspace workspace;
  workspace.write("rules/sound.lua", rule("sound", "  tess = {},\n"));
  const CommandOutcome outcome = rules_test(workspace);
  CHECK(outcome.exit == 2);
  CHECK(outcome.err ==
        "rules/sound.lua:8:3: error: unknown field 'tess' of a check rule; did you mean 'tests'?\n"
        "    8 |   tess = {},\n"
        "      |   ^~~~\n");
}

TEST_CASE("rules test: a rule that is not there is met with the nearest one") {
  const SampleWorkspace workspace;
  workspace.write("rules/sound.lua", rule("sound", ""));
  const CommandOutcome outcome = rules_test(workspace, {"suond"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err ==
        "error: there is no rule 'suond' (rules/suond.lua); did you mean 'sound'?\n");
}

TEST_CASE("rules test: a decision table has tests, and nothing to count or to mistake") {
  const SampleWorkspace workspace;
  workspace.write("rules/level.yaml",
                  "name: level\nkind: classify\nhit: unique\ninputs:\n"
                  "  n: { type: integer, domain: \">= 0\" }\nrows:\n"
                  "  - { n: \"< 10\", label: low }\n  - { n: \">= 10\", label: high }\n"
                  "tests:\n  - { given: { n: 9 }, expect: low }\n");
  const std::string note =
      "a decision table has no branches to count and no source to put mistakes in\n";
  const CommandOutcome good = rules_test(workspace, {"--min-score", "90", "--min-coverage", "90"});
  CHECK(good.err == "");
  CHECK(good.out == "level  1 passed\n  note: " + note + "1 rule, 1 test: 1 passed\n");
  CHECK(good.exit == 0);
  CHECK(rules_test(workspace, {"level", "--suggest"}).out ==
        "nothing to add to the tests of rules/level.yaml: " + note);
  workspace.write("tests/rules/level_test.yaml", "cases:\n  - { given: { n: 9 }, expect: high }\n");
  const CommandOutcome bad = rules_test(workspace);
  CHECK(bad.exit == 3);
  CHECK(contains(bad.out,
                 "  tests/rules/level_test.yaml:2:5: error: case 1: expected high, got low\n"));
}
