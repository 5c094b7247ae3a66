// Several runs at work in one process.
#include <doctest/doctest.h>
#include <signal.h>

#include "scheduler/store.h"
#include "tests/scheduler/run_fixture.h"

using namespace tallymill;

namespace {

/// The most attempts of `jobs` that were open at once, by the events.
int most_at_once(const RunFixture& fixture, const std::vector<std::string>& jobs) {
  Database database(fixture.state() / "store.db", Database::Mode::read);
  int now = 0;
  int most = 0;
  for (const StoredEvent& stored : read_events(database, "event order by number", {})) {
    if (std::find(jobs.begin(), jobs.end(), stored.event.job) == jobs.end()) continue;
    now += stored.event.kind == "attempt_started";
    now -= stored.event.kind == "attempt_ended";
    most = std::max(most, now);
  }
  return most;
}

}  // namespace

TEST_CASE("runs: one that waits for what another makes goes on when it is published") {
  RunFixture fixture;
  fixture.graph("g", "  raw: { type: test, outputs: { raw: rows }, do: [{ sleep: 50ms }] }\n");
  fixture.graph("h",
                "  sum: { type: test, reads: [raw], outputs: { sum: rows }, tags: [result] }\n");
  const ProbeEnd end = fixture.run("g", {"with=h"});
  CHECK(end.exit == 0);
  CHECK(has(end.out, "sum succeeded\n"));
  CHECK(has(end.out, "raw succeeded\nverdict ok\n"));
  CHECK(fixture.view().open_runs().empty());
}

TEST_CASE("runs: one that waits for a gate goes on when the gate has passed") {
  RunFixture fixture;
  fixture.graph("g", R"(
  raw:   { type: test, outputs: { raw: rows } }
  sound: { type: test, reads: [raw], gates: raw, on_fail: block, do: [{ sleep: 50ms }, { gate: pass }] }
)");
  fixture.graph("h",
                "  sum: { type: test, reads: [raw], outputs: { sum: rows }, tags: [result] }\n");
  CHECK(has(fixture.run("g", {"with=h"}).out, "sum succeeded\n"));
  CHECK(fixture.view().open_runs().empty());
}

TEST_CASE("runs: slots are shared by all of them, and so are resource pools") {
  RunFixture fixture;
  const auto jobs = [](const std::string& letter) {
    std::string text;
    for (const char* number : {"1", "2", "3"})
      text += "  " + letter + number + ": { type: test, outputs: { " + letter + number +
              "_rows: x }, tags: [result], resource_pool: " + (letter == "d" ? "db" : "cpu") +
              ", do: [{ sleep: 10ms }] }\n";
    return text;
  };
  fixture.write("tallymill.yaml", "workspace: test\nslots: 3\nresource_pools: { db: 1 }\n");
  fixture.graph("g", jobs("a") + jobs("d"));
  fixture.graph("h", jobs("b"));
  const ProbeEnd end = fixture.run("g", {"with=h"});
  CHECK(end.exit == 0);
  CHECK(most_at_once(fixture, {"d1", "d2", "d3"}) == 1);
  CHECK(most_at_once(fixture, {"a1", "a2", "a3", "b1", "b2", "b3", "d1", "d2", "d3"}) == 3);
}

TEST_CASE("runs: a failure in one leaves the others alone") {
  RunFixture fixture;
  fixture.graph("g", "  raw: { type: test, outputs: { raw: rows }, tags: [result] }\n");
  fixture.graph("h", "  bad: { type: test, do: [{ fail: { class: data, message: no } }] }\n");
  const ProbeEnd end = fixture.run("g", {"with=h"});
  CHECK(end.exit == 0);
  CHECK(has(end.out, "bad failed (data) data: no\n"));
  CHECK(fixture.view().open_runs().empty());
}

TEST_CASE("runs: killed with several at work, each goes on by itself") {
  RunFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, tags: [result], do: [{ wait_for: go }] }
)");
  fixture.graph("h", R"(
  b: { type: test, outputs: { b: x }, tags: [result], do: [{ wait_for: go }] }
)");
  const pid_t probe = fixture.start({"g", "2026-01", "with=h"});
  fixture.wait_for("marks/a");
  fixture.wait_for("marks/b");
  ::kill(probe, SIGKILL);
  fixture.wait(probe);
  CHECK(fixture.view().open_attempts().size() == 2);
  fixture.write("go", "");
  CHECK(fixture.run("g", {"with=h"}).exit == 0);
  CHECK(fixture.view().open_runs().empty());
  CHECK(fixture.visible().size() == 2);
  Database database(fixture.state() / "store.db", Database::Mode::write);
  CHECK(verify_chain(database).problem == "");
  CHECK(replay_difference(database, fixture.root() / "copy.db") == "");
}
