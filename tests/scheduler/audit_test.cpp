#include "scheduler/audit.h"

#include <doctest/doctest.h>

#include "tests/scheduler/run_fixture.h"

using namespace tallymill;

TEST_CASE("audit: of a run the journal is read from its beginning on, by its key") {
  RunFixture fixture;
  fixture.graph("g", "  a: { type: test, outputs: { a: x }, tags: [result] }\n");
  REQUIRE(fixture.run().exit == 0);
  REQUIRE(fixture.run("g", {"force"}).exit == 0);
  StoreView view = fixture.view();
  const std::int64_t began = view.run("g.2026-01.2")->event;
  const AuditFilter filter{.run = "g.2026-01.2", .job = {}, .acts = false, .limit = 100};
  const AuditQuery query = audit_query(view, filter);
  CHECK(std::get<std::int64_t>(query.parameters.at(3)) == began);
  const auto plan = view.database().select(
      "explain query plan select number, body from event " + query.which, "iiit", query.parameters);
  REQUIRE(plan.size() == 1);
  CHECK(plan[0].text(3) == "SEARCH event USING INDEX sqlite_autoindex_event_1 (number>?)");

  const auto of_run = audit_events(view, filter);
  REQUIRE(of_run.size() > 2);
  CHECK(of_run.front().number == began);
  CHECK(of_run.front().event.kind == "run_started");
  CHECK(of_run.back().event.kind == "run_ended");
  const auto all = audit_events(view, {.run = {}, .job = {}, .limit = 100});
  CHECK(all.front().event.kind == "store_created");
  CHECK(all.size() > of_run.size());
}
