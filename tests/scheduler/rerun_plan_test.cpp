#include "scheduler/rerun_plan.h"

#include <doctest/doctest.h>

#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

constexpr const char* kJobs = R"(
  raw:    { type: test, outputs: { raw: rows } }
  clean:  { type: test, reads: [raw], outputs: { clean: rows } }
  aside:  { type: test, outputs: { aside: rows }, tags: [result] }
  totals: { type: test, reads: [clean], outputs: { totals: rows }, tags: [result] }
)";

RerunPlan plan(const RunFixture& fixture, const RerunSelection& selection) {
  Diagnostics diagnostics;
  const Workspace workspace = Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  REQUIRE(!diagnostics.has_errors());
  StoreView view = fixture.view();
  return plan_rerun(workspace, view, view.find_run("g"), selection);
}

/// "job action (reason)" of every job of a plan.
std::string lines(const RerunPlan& rerun) {
  std::string lines;
  for (const PlanEntry& entry : rerun.plan.entries)
    lines += rerun.plan.graph->jobs[entry.job].spec.name + " " + entry.action + " (" +
             entry.reason + ")\n";
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("rerun plan: a chosen job comes with all after it, or alone") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  fixture.run();
  CHECK(lines(plan(fixture, {.job = "clean"})) ==
        "clean run (chosen)\ntotals depends (after clean)\n");
  const RerunPlan alone = plan(fixture, {.job = "clean", .downstream = false});
  CHECK(lines(alone) == "clean run (chosen)\n");
  CHECK(alone.request.jobs == Lines{"clean"});
  CHECK(alone.request.forced == Lines{"clean"});
}

TEST_CASE("rerun plan: the digest is the same until the world changes") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  fixture.run();
  const std::string digest = plan(fixture, {.job = "totals"}).digest;
  CHECK(plan(fixture, {.job = "totals"}).digest == digest);
  CHECK(plan(fixture, {.job = "clean"}).digest != digest);
  fixture.graph("g", std::string(kJobs) + "  # another text\n");
  CHECK(plan(fixture, {.job = "totals"}).digest != digest);
}

TEST_CASE("rerun plan: what failed is chosen, and what waits behind it in an open run") {
  RunFixture fixture;
  fixture.graph("g", R"(
  raw:    { type: test, outputs: { raw: rows }, do: [fail: { class: data, message: bad }] }
  clean:  { type: test, reads: [raw], outputs: { clean: rows } }
  aside:  { type: test, outputs: { aside: rows }, tags: [result] }
)");
  CHECK(fixture.run().exit == 1);
  CHECK(lines(plan(fixture, {.failed = true})) ==
        "raw run (failed (data))\nclean run (blocked: behind raw (failed))\n");
}

TEST_CASE("rerun plan: a job that does not exist is named with its neighbour") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  fixture.run();
  CHECK_THROWS_WITH_AS(plan(fixture, {.job = "claen"}),
                       doctest::Contains("graph 'g' has no job 'claen'; did you mean 'clean'?"),
                       Error);
}

TEST_CASE("rerun plan: --failed takes along what was skipped behind the failure") {
  RunFixture fixture;
  fixture.graph("g", R"(
  load:  { type: test, do: [fail: { class: data, message: bad }] }
  book:  { type: test, when: { if: succeeded(load) } }
  alarm: { type: test, needs: [load], when: one_failed }
  aside: { type: test, when: { if: period == '2026-02' } }
)");
  CHECK(fixture.run().exit == 1);
  CHECK(lines(plan(fixture, {.failed = true})) ==
        "load run (failed (data))\nbook depends (skipped behind load)\n");
}
