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

RerunPlan plan(const RunFixture& fixture, const RerunSelection& selection,
               const std::string& run = "g.2026-01.1") {
  Diagnostics diagnostics;
  const Workspace workspace = Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  REQUIRE(!diagnostics.has_errors());
  StoreView view = fixture.view();
  return plan_rerun(workspace, view, view.find_run(run), selection);
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
        "clean run (chosen, over up to date (same_fingerprint))\ntotals depends (after clean)\n");
  const RerunPlan alone = plan(fixture, {.job = "clean", .downstream = false});
  CHECK(lines(alone) == "clean run (chosen, over up to date (same_fingerprint))\n");
  CHECK(alone.request.jobs == Lines{"clean"});
  CHECK(alone.request.forced == Lines{"clean"});
}

TEST_CASE("rerun plan: says what is reused and what may be superseded, with codes") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  fixture.run();
  const RerunPlan rerun = plan(fixture, {.job = "clean"});
  REQUIRE(rerun.reused.size() == 1);
  CHECK(rerun.reused[0].dataset == "raw");
  CHECK(rerun.reused[0].version.starts_with("g.2026-01.1-raw-1-"));
  REQUIRE(rerun.superseded.size() == 2);
  CHECK(rerun.superseded[0].dataset == "clean");
  CHECK(rerun.superseded[1].dataset == "totals");
  CHECK(rerun.plan.entries[0].code == "chosen");
  CHECK(rerun.plan.entries[1].code == "after");
}

TEST_CASE("rerun plan: --force runs all that was chosen over up to date") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  fixture.run();
  CHECK(plan(fixture, {}).request.forced.empty());
  CHECK(lines(plan(fixture, {})).starts_with("raw reuse (same_fingerprint)\n"));
  const RerunPlan forced = plan(fixture, {.force = true, .reason = "doubt"});
  CHECK(lines(forced).starts_with("raw run (chosen, over up to date (same_fingerprint))\n"));
  CHECK(forced.request.forced.size() == 4);
  CHECK(forced.request.reason == "doubt");
}

TEST_CASE("rerun plan: --cascade adds the runs of other graphs, in order") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  fixture.graph("h", "  report: { type: test, reads: [totals], outputs: { report: x } }\n");
  fixture.run();
  REQUIRE(fixture.run("h").exit == 0);
  CHECK(plan(fixture, {.job = "clean"}).cascade.empty());
  const RerunPlan rerun = plan(fixture, {.job = "clean", .cascade = true});
  REQUIRE(rerun.cascade.size() == 1);
  const RerunStep& step = rerun.cascade[0];
  CHECK(step.of.id == "h.2026-01.1");
  CHECK(step.request.jobs == Lines{"report"});
  CHECK(step.request.forced.empty());
  REQUIRE(step.superseded.size() == 1);
  CHECK(step.superseded[0].dataset == "report");
  CHECK(step.reused.empty());  // what it reads may be replaced by the step before
  CHECK(step.plan.entries[0].code == "stale_input");
  CHECK(step.plan.entries[0].action == "depends");
  CHECK(step.plan.entries[0].reason == "reads totals of 2026-01");
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
  fixture.graph("g", kJobs);
  CHECK(plan(fixture, {.job = "totals"}).digest == digest);
}

TEST_CASE("rerun plan: whatever changes in between makes another plan") {
  RunFixture fixture;
  constexpr const char* kReader =
      "  report: { type: test, reads: [up], outputs: { report: x }, files: [rules/r.lua] }\n";
  fixture.write("rules/r.lua", "return 1\n");
  fixture.graph("u", "  up: { type: test, outputs: { up: first } }\n");
  fixture.graph("g", kReader);
  REQUIRE(fixture.run("u").exit == 0);
  REQUIRE(fixture.run("g").exit == 0);
  const RerunSelection selection{.job = "report"};
  std::vector<std::string> digests{plan(fixture, selection).digest};
  const auto is_another = [&] {
    const std::string digest = plan(fixture, selection).digest;
    const bool is_new = std::find(digests.begin(), digests.end(), digest) == digests.end();
    digests.push_back(digest);
    return is_new;
  };
  SUBCASE("an edited rule") {
    fixture.write("rules/r.lua", "return 2\n");
    CHECK(is_another());
  }
  SUBCASE("an edited graph") {
    fixture.graph("g", std::string(kReader) + "  more: { type: test, outputs: { more: x } }\n");
    CHECK(is_another());
  }
  SUBCASE("a new version upstream") {
    fixture.graph("u", "  up: { type: test, outputs: { up: second } }\n");
    REQUIRE(fixture.run("u").exit == 0);
    CHECK(is_another());
  }
  SUBCASE("another run that came to the same") {
    REQUIRE(fixture.run("g").exit == 0);
    CHECK(is_another());
  }
  SUBCASE("another run that failed") {
    fixture.graph("g",
                  "  report: { type: test, reads: [up], outputs: { report: x },"
                  " files: [rules/r.lua], do: [fail: { class: data, message: bad }] }\n");
    REQUIRE(fixture.run("g").exit == 1);
    fixture.graph("g", kReader);
    CHECK(is_another());
  }
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
