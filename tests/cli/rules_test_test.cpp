// `rules test` needs a worker: this runs tallymill-worker beside the test program.
#include <doctest/doctest.h>

#include "command_line.h"
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

TEST_CASE("rules test: says per rule how its tests ended") {
  const SampleWorkspace workspace;
  workspace.write("rules/sound.lua", rule("sound",
                                          "  tests = { { given = { n = 1 }, expect = "
                                          "\"pass\" } },\n"));
  workspace.write("rules/untested.lua", rule("untested", ""));
  const CommandOutcome good = rules_test(workspace);
  CHECK(good.err == "");
  CHECK(good.out ==
        "sound     1 passed\n"
        "untested  no tests\n"
        "2 rules, 1 test: 1 passed\n");
  CHECK(good.exit == 0);

  workspace.write("rules/wrong.lua", rule("wrong",
                                          "  tests = { { given = { n = 2 }, expect = "
                                          "\"pass\" } },\n"));
  const CommandOutcome bad = rules_test(workspace, {"wrong"});
  CHECK(bad.out ==
        "wrong  0 passed, 1 failed\n"
        "  rules/wrong.lua: test 1: expected pass, got R: 2\n"
        "1 rule, 1 test: 0 passed, 1 failed\n");
  CHECK(bad.exit == 3);
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
