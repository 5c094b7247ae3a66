// What an activation does is tested in rules_change_test.cpp.
#include <doctest/doctest.h>

#include "ruled_workspace.h"

using namespace tallymill;

TEST_CASE("rules activate: needs a period, and a version that was approved") {
  const RuledWorkspace tallymill(true);
  CHECK(tallymill({"rules", "propose", "limit"}).exit == 0);
  CHECK(tallymill({"rules", "activate", "limit"}).exit == 2);
  CHECK(tallymill({"rules", "activate", "limit", "--from", "spring"}).exit == 2);
  const CommandOutcome none = tallymill({"rules", "activate", "limit", "--from", "2026-01"});
  CHECK(none.exit == 2);
  CHECK(none.err ==
        "error: no version of rule 'limit' has been approved; 'tallymill rules history limit' "
        "tells how far it is\n");
}
