#include "scheduler/plan_judge.h"

#include <doctest/doctest.h>

#include "tests/lines.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

/// "job action (reason)" of every job a run of graph g would consider now.
std::vector<std::string> plan(const RunFixture& fixture) {
  Diagnostics diagnostics;
  const Workspace workspace = Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  REQUIRE(!diagnostics.has_errors());
  const auto graph = workspace.graphs.at("g");
  const Period period = Period::parse("2026-01").value();
  std::vector<std::string> lines;
  const PlanJudge judge = judge_by_store(workspace, graph, period, fixture.view());
  for (const PlanEntry& entry : make_plan(graph, period, judge).entries)
    lines.push_back(graph->jobs[entry.job].spec.name + " " + entry.action + " (" + entry.reason +
                    ")");
  return lines;
}

constexpr const char* kChain = R"(
  source: { type: test, reads_source: true, outputs: { source: rows } }
  raw:    { type: test, outputs: { raw: rows } }
  clean:  { type: test, reads: [raw], outputs: { clean: rows } }
  totals: { type: test, reads: [clean, source], outputs: { totals: rows }, tags: [result] }
)";

}  // namespace

TEST_CASE("plan judge: what is up to date is reused, sources are looked at") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  fixture.run();
  CHECK(plan(fixture) == Lines{"source look (source_may_differ)", "raw reuse (same_fingerprint)",
                               "clean reuse (same_fingerprint)",
                               "totals depends (input_may_differ)"});
}

TEST_CASE("plan judge: a changed job runs, what reads it depends on the outcome") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  fixture.run();
  fixture.graph("g", R"(
  raw:    { type: test, outputs: { raw: other rows } }
  clean:  { type: test, reads: [raw], outputs: { clean: rows } }
  added:  { type: test, reads: [clean], outputs: { added: rows }, tags: [result] }
)");
  CHECK(plan(fixture) ==
        Lines{"raw run (changed)", "clean depends (input_may_differ)", "added run (no_result)"});
}

TEST_CASE("plan judge: a changed parameter is the matter of jobs that name it") {
  RunFixture fixture;
  const std::string jobs = R"(
  named: { type: test, outputs: { named: "rows over ${limit}" } }
  other: { type: test, outputs: { other: rows } }
)";
  fixture.graph("g", jobs, "params: { limit: { type: integer, default: \"1\" } }\n");
  fixture.run();
  fixture.graph("g", jobs, "params: { limit: { type: integer, default: \"2\" } }\n");
  CHECK(plan(fixture) == Lines{"named run (changed)", "other reuse (same_fingerprint)"});
}

TEST_CASE("plan judge: a version deleted by hand is made again") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  fixture.run();
  const auto folder = fixture.folder_of(fixture.view().visible("raw", "2026-01").value());
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  std::filesystem::remove_all(folder);
  CHECK(plan(fixture)[1] == "raw run (version_missing)");
}

TEST_CASE("plan judge: a refused dataset blocks its readers, and all behind them") {
  RunFixture fixture;
  fixture.graph("g", R"(
  raw:    { type: test, outputs: { raw: rows } }
  sound:  { type: test, reads: [raw], gates: raw, on_fail: block, do: [gate: refuse] }
  clean:  { type: test, reads: [raw], outputs: { clean: rows } }
  totals: { type: test, reads: [clean], outputs: { totals: rows }, tags: [result] }
)");
  fixture.run();
  CHECK(plan(fixture) == Lines{"raw reuse (same_fingerprint)", "sound reuse (same_fingerprint)",
                               "clean blocked (a gate refused 'raw' of 2026-01)",
                               "totals blocked (after clean)"});
}

TEST_CASE("plan judge: a dataset another graph has not made yet is waited for") {
  RunFixture fixture;
  fixture.graph("w", "  raw: { type: test, outputs: { raw: rows } }\n");
  fixture.graph(
      "g",
      "  early: { type: test, outputs: { early: rows }, tags: [result] }\n"
      "  clean: { type: test, reads: [raw], outputs: { clean: rows }, tags: [result] }\n");
  fixture.run();
  CHECK(plan(fixture) == Lines{"early reuse (same_fingerprint)",
                               "clean wait ('raw' of 2026-01 has not been made yet by job 'raw' of "
                               "graph 'w')"});
}
