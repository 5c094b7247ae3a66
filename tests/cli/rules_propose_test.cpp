#include <doctest/doctest.h>

#include "ruled_workspace.h"

using namespace tallymill;

TEST_CASE("rules propose: keeps the file as it stands, once") {
  const RuledWorkspace tallymill(true);
  const std::string version = RuledWorkspace::version_of(RuledWorkspace::limit_text("25.00"));
  const CommandOutcome proposed = tallymill({"rules", "propose", "limit"});
  CHECK(proposed.exit == 0);
  CHECK(proposed.err == "rule limit: version " + version +
                            " is proposed; a second person approves it: tallymill rules approve "
                            "limit " +
                            version + "\n");
  const CommandOutcome again = tallymill({"rules", "propose", "limit"});
  CHECK(again.exit == 2);
  CHECK(again.err.find("was proposed by") != std::string::npos);
}

TEST_CASE("rules propose: a file that does not load, or fails its own tests, is refused") {
  const RuledWorkspace tallymill(true);
  tallymill.write("rules/limit.lua", "return {");
  CHECK(tallymill({"rules", "propose", "limit"}).exit == 2);
  tallymill.write_failing_test();
  const CommandOutcome failing = tallymill({"rules", "propose", "limit"});
  CHECK(failing.exit == 2);
  CHECK(failing.err.find("fails 1 of its own tests, so it cannot count:\n  test 1: expected HIGH, "
                         "got pass") != std::string::npos);
}

TEST_CASE("rules propose: where files count there is nothing to propose") {
  const RuledWorkspace tallymill;
  const CommandOutcome outcome = tallymill({"rules", "propose", "limit"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err.find("rules of this workspace need no approval") != std::string::npos);
}
