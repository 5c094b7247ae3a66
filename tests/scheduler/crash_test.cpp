// Kills the scheduler at every event it appends, every commit, spawn and rename, and starts it
// again: what is visible at the end is always the same, exactly once.
#include <doctest/doctest.h>

#include <map>

#include "tests/scheduler/run_fixture.h"

using namespace tallymill;

namespace {

constexpr int kKilled = 137;

/// A gate, evidence, a retry, two branches that join, and a reader of everything.
constexpr const char* kGraph = R"(
  raw:    { type: test, outputs: { raw: rows } }
  clean:  { type: test, reads: [raw], outputs: { clean: rows }, evidence: { clean.rejects: none } }
  sound:  { type: test, reads: [clean], gates: clean, on_fail: block, do: [gate: pass] }
  flaky:  { type: test, reads: [clean], outputs: { flaky: rows }, retries: 1,
            backoff: { first: 1ms }, do: [fail: { class: transient, message: busy, tries: 1 }] }
  totals: { type: test, reads: [flaky, clean.rejects], outputs: { totals: rows }, tags: [result] }
)";

struct World {
  std::map<std::string, std::string> visible;
  std::map<std::string, int> versions;  ///< published per dataset, superseded ones counted
  int folders = 0;
};

World world_of(const RunFixture& fixture) {
  World world{fixture.visible(), {}, fixture.folders_on_disk()};
  StoreView view = fixture.view();
  for (const auto& [dataset, digest] : world.visible)
    world.versions[dataset] = static_cast<int>(view.versions(dataset).size());
  return world;
}

void check_same(const RunFixture& fixture, const World& expected) {
  const World world = world_of(fixture);
  CHECK(world.visible == expected.visible);
  CHECK(world.versions == expected.versions);
  CHECK(world.folders == expected.folders);
}

void check_store(const RunFixture& fixture) {
  Database database(fixture.state() / "store.db", Database::Mode::write);
  CHECK(verify_chain(database).problem == "");
  CHECK(replay_difference(database, fixture.root() / "copy.db") == "");
  StoreView view(database);
  CHECK(view.open_runs().empty());
  CHECK(view.open_attempts().empty());
}

World undisturbed() {
  RunFixture fixture;
  fixture.graph("g", kGraph);
  REQUIRE(fixture.run().exit == 0);
  return world_of(fixture);
}

}  // namespace

TEST_CASE("crash: killed at any point, the next run ends with the same versions, once each") {
  const World expected = undisturbed();
  REQUIRE(expected.visible.size() == 5);
  int points = 0;
  for (int crash_at = 1;; ++crash_at) {
    CAPTURE(crash_at);
    RunFixture fixture;
    fixture.graph("g", kGraph);
    const ProbeEnd first = fixture.run("g", {}, crash_at);
    if (first.exit != kKilled) {
      CHECK(first.exit == 0);
      break;
    }
    ++points;
    const ProbeEnd second = fixture.run();
    CHECK(second.exit == 0);
    CHECK(second.err == "");
    check_same(fixture, expected);
    check_store(fixture);
  }
  // Every event has a point of its own, every commit two, every spawn two, every rename one.
  CHECK(points > 50);
}

TEST_CASE("crash: killed again and again on the way, it still arrives") {
  const World expected = undisturbed();
  for (const int step : {1, 3, 7, 12}) {
    CAPTURE(step);
    RunFixture fixture;
    fixture.graph("g", kGraph);
    ProbeEnd end;
    int kills = 0;
    // Each process gets a little further than nothing: a restart alone takes few points.
    for (int crash_at = step; (end = fixture.run("g", {}, crash_at)).exit == kKilled; ++kills)
      crash_at += 1;
    CAPTURE(kills);
    CHECK(end.exit == 0);
    check_same(fixture, expected);
    check_store(fixture);
  }
}
