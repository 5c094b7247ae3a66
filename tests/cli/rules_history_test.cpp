#include <doctest/doctest.h>

#include "core/json.h"
#include "ruled_workspace.h"

using namespace tallymill;

TEST_CASE("rules history: every version that was run is there, with its text") {
  const RuledWorkspace tallymill;
  CHECK(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  tallymill.set_limit("5.00");
  CHECK(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  const CommandOutcome shown = tallymill({"rules", "history", "limit", "--json"});
  CHECK(shown.exit == 0);
  const json::object history = parse_json(shown.out, "the history").as_object();
  CHECK(history.at("versions").as_array().size() == 2);
  CHECK(history.at("changes").as_array().empty());
  for (const char* limit : {"25.00", "5.00"}) {
    const std::string text = RuledWorkspace::limit_text(limit);
    CHECK(
        tallymill({"rules", "history", "limit", "--text", RuledWorkspace::version_of(text)}).out ==
        text);
  }
  const CommandOutcome misspelt = tallymill({"rules", "history", "limti"});
  CHECK(misspelt.exit == 2);
  CHECK(misspelt.err ==
        "error: there is no rule 'limti' (rules/limti.lua); did you mean 'limit'?\n");
}
