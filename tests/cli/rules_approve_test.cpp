// The second person's word itself is tested in rules_change_test.cpp.
#include <doctest/doctest.h>

#include "core/json.h"
#include "ruled_workspace.h"

using namespace tallymill;

TEST_CASE("rules approve: the proposer, an unknown version and one nobody proposed are refused") {
  const RuledWorkspace tallymill(true);
  const std::string version = RuledWorkspace::version_of(RuledWorkspace::limit_text("25.00"));
  CHECK(tallymill({"rules", "propose", "limit"}).exit == 0);
  const CommandOutcome own = tallymill({"rules", "approve", "limit", version});
  CHECK(own.exit == 2);
  CHECK(own.err.find("who cannot approve it, too; a second person has to") != std::string::npos);
  const CommandOutcome unknown = tallymill({"rules", "approve", "limit", "zzz"});
  CHECK(unknown.exit == 2);
  CHECK(unknown.err == "error: rule 'limit' has no version 'zzz'; it has " + version + "\n");
}

TEST_CASE("rules approve: a version that fails its own tests is refused, however it came in") {
  const RuledWorkspace tallymill;
  // A run keeps what it asks, whether or not it was proposed, and does not look at tables of tests.
  tallymill.write("tests/rules/limit_test.yaml",
                  "cases:\n  - { given: { amount: 1.00 }, expect: HIGH }\n");
  CHECK(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  const CommandOutcome outcome = tallymill({"rules", "approve", "limit", ""});
  CHECK(outcome.exit == 2);
  const CommandOutcome history = tallymill({"rules", "history", "limit", "--json"});
  const std::string version =
      parse_json(history.out, "the history").at("versions").at(0).at("version").as_string().c_str();
  const CommandOutcome failing = tallymill({"rules", "approve", "limit", version});
  CHECK(failing.exit == 2);
  CHECK(failing.err.find("of its own tests, so it cannot count") != std::string::npos);
}
