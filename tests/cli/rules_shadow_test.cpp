// A shadow runs in workers: this runs tallymill-worker beside the test program.
#include <doctest/doctest.h>

#include "core/json.h"
#include "ruled_workspace.h"

using namespace tallymill;

namespace {

json::array seen_by(const RuledWorkspace& tallymill) {
  const CommandOutcome shown = tallymill({"rules", "shadow", "limit", "--json"});
  INFO(shown.err);
  REQUIRE(shown.exit == 0);
  return parse_json(shown.out, "the shadow").as_object().at("seen").as_array();
}

}  // namespace

TEST_CASE("rules shadow: what it would have changed is told, and nothing else changes") {
  const RuledWorkspace tallymill;
  tallymill.write("drafts/limit.lua", RuledWorkspace::limit_text("5.00"));
  CHECK(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  CHECK(tallymill({"rules", "shadow", "limit", "--version", tallymill.root() + "/drafts/limit.lua"})
            .exit == 0);
  // What is up to date stays so: a shadow is no reason to run.
  const CommandOutcome same = tallymill({"run", "bills", "--period", "2026-01"});
  CHECK(same.out.find("up to date") != std::string::npos);
  CHECK(seen_by(tallymill).empty());

  CHECK(tallymill({"run", "bills", "--period", "2026-02"}).exit == 3);
  const json::array seen = seen_by(tallymill);
  REQUIRE(seen.size() == 1);
  CHECK(json_text(seen[0].as_object(), "run") == "bills.2026-02.1");
  CHECK(json_integer(seen[0].as_object(), "rows") == 3);
  CHECK(json_integer(seen[0].as_object(), "changed") == 2);
  const CommandOutcome report = tallymill({"report", "bills.2026-02.1", "judged", "--json"});
  CHECK(json_integer(parse_json(report.out, "the report").as_object().at("report").as_object(),
                     "rows_failed") == 1);
  CHECK(tallymill({"rules", "shadow", "limit"}).out.find("fail HIGH") != std::string::npos);

  CHECK(tallymill({"rules", "shadow", "limit", "--stop"}).exit == 0);
  CHECK(tallymill({"run", "bills", "--period", "2026-03"}).exit == 3);
  CHECK(tallymill({"rules", "shadow", "limit"}).out.starts_with("rule limit has no shadow\n"));
  CHECK(tallymill({"audit", "verify"}).exit == 0);
}

TEST_CASE("rules shadow: one that raises, or never ends, harms no run and is told") {
  const RuledWorkspace tallymill;
  std::string endless = RuledWorkspace::limit_text("5.00");
  endless.insert(endless.find("    if row"), "    while row.amount > 0 do end\n");
  tallymill.write("drafts/limit.lua", endless);
  CHECK(tallymill({"rules", "shadow", "limit", "--version", tallymill.root() + "/drafts/limit.lua"})
            .exit == 2);  // it needs a store
  CHECK(tallymill({"run", "bills", "--period", "2026-01"}).exit == 3);
  CHECK(tallymill({"rules", "shadow", "limit", "--version", tallymill.root() + "/drafts/limit.lua"})
            .exit == 0);
  const CommandOutcome run = tallymill({"run", "bills", "--period", "2026-02"});
  CHECK(run.exit == 3);
  const json::array seen = seen_by(tallymill);
  REQUIRE(seen.size() == 1);
  CHECK(json_text(seen[0].as_object().at("difference").as_object(), "error").find("limit") !=
        std::string::npos);
  CHECK(tallymill({"rules", "shadow", "limit", "--start", "--stop"}).exit == 2);
}
