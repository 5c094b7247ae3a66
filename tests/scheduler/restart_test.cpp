// A scheduler that is killed or interrupted, and the next one that goes on.
#include <doctest/doctest.h>

#include "scheduler/recorded_run.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

constexpr const char* kSlow = R"(
  a: { type: test, outputs: { a: x } }
  b: { type: test, reads: [a], outputs: { b: x }, do: [wait_for: go] }
  c: { type: test, reads: [b], outputs: { c: x }, tags: [result] }
)";

}  // namespace

TEST_CASE("restart: after kill -9 the run goes on, what was done is not done again") {
  RunFixture fixture;
  fixture.graph("g", kSlow);
  CHECK(fixture.kill_at("marks/b").exit == 137);
  fixture.write("go", "");
  const ProbeEnd second = fixture.run();
  CHECK(second.exit == 0);
  CHECK(has(second.out, "goes on g.2026-01.1\na succeeded\nb succeeded\nc succeeded\n"));
  CHECK(fixture.tries("a") == 1);
  CHECK(fixture.tries("c") == 1);
  CHECK(fixture.visible().size() == 3);
  CHECK(fixture.folders_on_disk() == 3);
}

TEST_CASE("restart: a result finished while nobody looked is collected, not made again") {
  RunFixture fixture;
  fixture.graph("g", kSlow);
  fixture.kill_at("marks/b");
  fixture.write("go", "");
  fixture.wait_for(".tallymill/attempts/g.2026-01.1/b.1/result.json");
  CHECK(fixture.run().exit == 0);
  CHECK(fixture.tries("b") == 1);
}

TEST_CASE("restart: a worker that still runs is ended before its job is tried again") {
  RunFixture fixture;
  fixture.graph("g", kSlow);
  fixture.kill_at("marks/b");
  const auto lock = fixture.state() / "attempts/g.2026-01.1/b.1/task.json";
  CHECK(FileLock::is_held(lock));
  // The first attempt would wait for ever; the second one finds the file.
  const pid_t second = fixture.start({"g", "2026-01"});
  while (fixture.tries("b") < 2) ::usleep(2000);
  CHECK_FALSE(FileLock::is_held(lock));
  fixture.write("go", "");
  CHECK(fixture.wait(second).exit == 0);
  const auto attempts = fixture.view().attempts("g.2026-01.1", "b");
  REQUIRE(attempts.size() == 2);
  CHECK(attempts[0].state == AttemptState::lost);
  CHECK(attempts[1].state == AttemptState::succeeded);
}

TEST_CASE("restart: a lost attempt does not use up the job's tries") {
  RunFixture fixture;
  fixture.graph("g", R"(
  b: { type: test, outputs: { b: x }, tags: [result], retries: 0, do: [wait_for: go] }
)");
  for (int i = 1; i <= 2; ++i) {
    const pid_t probe = fixture.start({"g", "2026-01"});
    while (fixture.tries("b") < i) ::usleep(2000);
    ::kill(probe, SIGKILL);
    fixture.wait(probe);
  }
  fixture.write("go", "");
  CHECK(fixture.run().exit == 0);
}

TEST_CASE("restart: the run goes on with the graph and rules it was started with") {
  RunFixture fixture;
  fixture.write("rules/r.lua", "old\n");
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, do: [wait_for: go] }
  b: { type: test, reads: [a], files: [rules/r.lua], outputs: { b: old }, tags: [result] }
)");
  fixture.kill_at("marks/a");
  fixture.write("rules/r.lua", "new\n");
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, do: [wait_for: go] }
  b: { type: test, reads: [a], files: [rules/r.lua], outputs: { b: new }, tags: [result] }
  c: { type: test, outputs: { c: x }, tags: [result] }
)");
  fixture.write("go", "");
  const ProbeEnd second = fixture.run();
  CHECK(second.out == "goes on g.2026-01.1\na succeeded\nb succeeded\nverdict ok\n");
  const auto version = fixture.view().visible("b", "2026-01").value();
  CHECK(read_file(fixture.folder_of(version) / "data.txt").starts_with("old\n"));
  // The next run has the new text, and only what changed runs.
  CHECK(has(fixture.run().out, "a up_to_date (same_fingerprint)\nb succeeded\nc succeeded\n"));
}

TEST_CASE("restart: another graph's run settles what a killed one left, and says how to go on") {
  RunFixture fixture;
  fixture.graph("g", kSlow);
  fixture.graph("h", "\n  x: { type: test, outputs: { x: x }, tags: [result] }\n");
  fixture.kill_at("marks/b");
  const ProbeEnd other = fixture.run("h");
  CHECK(other.exit == 0);
  CHECK(other.err ==
        "run g.2026-01.1 was left in the middle; go on with it: tallymill run g "
        "--period 2026-01\n");
  CHECK(fixture.view().open_attempts().empty());
  CHECK_FALSE(FileLock::is_held(fixture.state() / "attempts/g.2026-01.1/b.1/task.json"));
}

TEST_CASE("restart: an open run is refused other parameters, until it is given up") {
  RunFixture fixture;
  fixture.graph("h", "\n  x: { type: test, outputs: { x: x } }\n");
  fixture.graph("g", "\n  a: { type: test, reads: [x], outputs: { a: x }, tags: [result] }\n",
                "params: { limit: { type: integer, default: \"1\" } }\n");
  CHECK(fixture.run().exit == 4);
  const ProbeEnd other = fixture.run("g", {"limit=2"});
  CHECK(other.exit == 2);
  CHECK(other.err ==
        "error: run g.2026-01.1 is open and was started with limit=1, not 2; finish it with "
        "'tallymill run g --period 2026-01', or give it up and start anew with --new\n");
  // Nothing is given up for what cannot begin.
  CHECK(fixture.run("g", {"new", "limit=much"}).exit == 2);
  CHECK(fixture.view().run("g.2026-01.1")->state == RunState::active);
  CHECK(has(fixture.run("g", {"new", "limit=2"}).out, "starts g.2026-01.2\n"));
  CHECK(fixture.view().run("g.2026-01.1")->verdict == "given_up");
  fixture.run("h");
  CHECK(fixture.run().exit == 0);
}

TEST_CASE("restart: what was waiting for input goes on when it is there") {
  RunFixture fixture;
  fixture.graph("h", "\n  x: { type: test, outputs: { x: x } }\n");
  fixture.graph("g", R"(
  first: { type: test, outputs: { first: x }, tags: [result] }
  a: { type: test, reads: [x], outputs: { a: x }, tags: [result] }
)");
  CHECK(fixture.run().exit == 4);
  fixture.run("h");
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 0);
  CHECK(end.out == "goes on g.2026-01.1\nfirst succeeded\na succeeded\nverdict ok\n");
  CHECK(fixture.tries("first") == 1);
}

TEST_CASE("interrupt: one signal ends what runs and cancels the rest, and is no damage") {
  RunFixture fixture;
  fixture.graph("g", kSlow);
  const pid_t probe = fixture.start({"g", "2026-01"});
  fixture.wait_for("marks/b");
  ::kill(probe, SIGINT);
  const ProbeEnd end = fixture.wait(probe);
  CHECK(end.exit == 130);
  INFO(end.out);
  CHECK(has(end.out,
            "a succeeded\nb cancelled (interrupted)\n"
            "c cancelled blocked (behind b (cancelled))\nverdict interrupted\n"));
  CHECK_FALSE(FileLock::is_held(fixture.state() / "attempts/g.2026-01.1/b.1/task.json"));
  fixture.write("go", "");
  CHECK(has(fixture.run().out, "starts g.2026-01.2\na up_to_date (same_fingerprint)\nb succeeded"));
}

TEST_CASE("interrupt: the second signal kills what ignores the first") {
  RunFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, tags: [result], do: [ignore_term: x, log: deaf, sleep: 60s] }
)");
  const pid_t probe = fixture.start({"g", "2026-01"});
  fixture.wait_for(".tallymill/attempts/g.2026-01.1/a.1/log.jsonl");
  ::kill(probe, SIGINT);
  ::usleep(100'000);
  ::kill(probe, SIGINT);
  const ProbeEnd end = fixture.wait(probe);
  CHECK(end.exit == 130);
  CHECK(has(end.err, "interrupted again: killing what still runs"));
}

TEST_CASE("lock: a second scheduler is told who works, or waits for its turn") {
  RunFixture fixture;
  fixture.graph("g", kSlow);
  const pid_t first = fixture.start({"g", "2026-01"});
  fixture.wait_for("marks/b");
  const std::string holder =
      "process " + std::to_string(first) + " of " + user_name() + " (run_probe), since ";
  RunFixture elsewhere;  // its out and err files
  const auto second = [&](const std::string& how) {
    std::vector<std::string> words{(executable_folder() / "run_probe").string(),
                                   fixture.root().string(), "g", "2026-01", how};
    return elsewhere.start_program(words);
  };
  const ProbeEnd refused = elsewhere.wait(second("x"));
  CHECK(refused.exit == 1);
  CHECK(has(refused.err, "is in use by " + holder));
  const pid_t waiting = second("wait");
  fixture.write("go", "");
  CHECK(fixture.wait(first).exit == 0);
  const ProbeEnd turn = elsewhere.wait(waiting);
  CHECK(turn.exit == 0);
  CHECK(has(turn.out, "starts g.2026-01.2\na up_to_date"));
}

TEST_CASE("store: an older copy of the store is refused, naming both sides") {
  RunFixture fixture;
  fixture.graph("g", "\n  a: { type: test, outputs: { a: x }, tags: [result] }\n");
  fixture.run();
  const auto store = fixture.state() / "store.db";
  std::filesystem::copy_file(store, fixture.root() / "old.db");
  fixture.run("g", {"force"});
  std::filesystem::copy_file(fixture.root() / "old.db", store,
                             std::filesystem::copy_options::overwrite_existing);
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 2);
  CHECK(has(end.err, "store.db' ends at event "));
  CHECK(has(end.err, "attempts/g.2026-01.2/a.1' was made after event "));
}

TEST_CASE(
    "recorded run: what was blocked when the run ended is told as blocked, not as cancelled") {
  RunFixture fixture;
  fixture.graph("g", R"(
  bad:   { type: test, outputs: { bad: x }, do: [fail: { class: data, message: wrong }] }
  after: { type: test, reads: [bad], outputs: { after: x }, tags: [result] }
)");
  CHECK(fixture.run().exit == 1);
  StoreView view = fixture.view();
  const TestCatalog catalog;
  Diagnostics diagnostics;
  const auto graph = Workspace::load(fixture.root(), catalog, diagnostics).graphs.at("g");
  const auto run = recorded_run(view, graph, *view.run("g.2026-01.1"));
  const LiveJob& after = run->job(*run->find("after"));
  CHECK(after.state == JobRunState::cancelled);
  CHECK(after.blocked);
  CHECK(after.reason == "behind bad (failed)");
}

TEST_CASE("recorded run: an open run shows what waits and what is blocked") {
  RunFixture fixture;
  fixture.graph("h", "\n  x: { type: test, outputs: { x: x } }\n");
  fixture.graph("g", R"(
  bad:   { type: test, outputs: { bad: x }, do: [fail: { class: data, message: wrong }] }
  after: { type: test, reads: [bad], outputs: { after: x }, tags: [result] }
  a:     { type: test, reads: [x], outputs: { a: x }, tags: [result] }
)");
  CHECK(fixture.run().exit == 1);
  StoreView view = fixture.view();
  CHECK(view.run("g.2026-01.1")->state == RunState::active);
  const auto states = view.job_runs("g.2026-01.1");
  CHECK(states[1].state == JobRunState::waiting);
  CHECK(states[2].reason ==
        "input_missing: 'x' of 2026-01 has not been made yet by job 'x' of graph 'h'");
}
