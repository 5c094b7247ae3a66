#include "scheduler/cascade.h"

#include <doctest/doctest.h>

#include "core/text.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

/// "graph period: job (cause), job (cause)" of every step.
std::vector<std::string> steps(const RunFixture& fixture, const std::vector<JobOfPeriod>& origins) {
  Diagnostics diagnostics;
  const Workspace workspace = Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  REQUIRE(!diagnostics.has_errors());
  StoreView view = fixture.view();
  std::vector<std::string> lines;
  for (const CascadeStep& step : cascade_of(workspace, view, origins)) {
    std::vector<std::string> jobs;
    for (const auto& [job, cause] : step.jobs) jobs.push_back(job + " (" + cause + ")");
    lines.push_back(step.graph + " " + step.period + ": " + join(jobs, ", "));
  }
  return lines;
}

using Lines = std::vector<std::string>;

/// g makes a and b; h reads a and makes c and d; k reads c.
void three_graphs(RunFixture& fixture) {
  fixture.graph("g",
                "  a: { type: test, outputs: { a: x } }\n"
                "  b: { type: test, outputs: { b: x } }\n");
  fixture.graph("h",
                "  c: { type: test, reads: [a], outputs: { c: x } }\n"
                "  d: { type: test, reads: [c], outputs: { d: x } }\n"
                "  other: { type: test, outputs: { other: x } }\n");
  fixture.graph("k", "  e: { type: test, reads: [c, b], outputs: { e: x } }\n");
}

}  // namespace

TEST_CASE("cascade: what other graphs made of a result follows in order of reading") {
  RunFixture fixture;
  three_graphs(fixture);
  for (const char* graph : {"g", "h", "k"}) REQUIRE(fixture.run(graph).exit == 0);
  CHECK(steps(fixture, {{"g", "2026-01", "a"}}) ==
        Lines{"h 2026-01: c (a of 2026-01), d (c of 2026-01)", "k 2026-01: e (c of 2026-01)"});
  CHECK(steps(fixture, {{"g", "2026-01", "b"}}) == Lines{"k 2026-01: e (b of 2026-01)"});
  CHECK(steps(fixture, {{"h", "2026-01", "other"}}).empty());
}

TEST_CASE("cascade: a graph that was never run has nothing that could be stale") {
  RunFixture fixture;
  three_graphs(fixture);
  for (const char* graph : {"g", "h"}) REQUIRE(fixture.run(graph).exit == 0);
  CHECK(steps(fixture, {{"g", "2026-01", "b"}}).empty());
}

TEST_CASE("cascade: a graph comes again after one that reads from it and feeds it") {
  RunFixture fixture;
  fixture.graph("g",
                "  a: { type: test, outputs: { a: x } }\n"
                "  z: { type: test, reads: [c], outputs: { z: x } }\n");
  fixture.graph("h", "  c: { type: test, reads: [a], outputs: { c: x } }\n");
  REQUIRE(fixture.run("g").exit == 4);  // z waits for c
  REQUIRE(fixture.run("h").exit == 0);
  REQUIRE(fixture.run("g").exit == 0);
  CHECK(steps(fixture, {{"g", "2026-01", "a"}}) ==
        Lines{"h 2026-01: c (a of 2026-01)", "g 2026-01: z (c of 2026-01)"});
}

TEST_CASE("cascade: results of jobs that are no longer there are left out") {
  RunFixture fixture;
  three_graphs(fixture);
  for (const char* graph : {"g", "h", "k"}) REQUIRE(fixture.run(graph).exit == 0);
  std::filesystem::remove(fixture.root() / "graphs/k.yaml");
  CHECK(steps(fixture, {{"g", "2026-01", "b"}}).empty());
}
