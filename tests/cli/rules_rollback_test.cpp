// What a rollback does is tested in rules_change_test.cpp.
#include <doctest/doctest.h>

#include "ruled_workspace.h"

using namespace tallymill;

TEST_CASE("rules rollback: there must be something to take back") {
  const RuledWorkspace tallymill(true);
  CHECK(tallymill({"rules", "propose", "limit"}).exit == 0);
  const CommandOutcome outcome = tallymill({"rules", "rollback", "limit"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err == "error: rule 'limit' has no activation to take back\n");
}
