#include "scheduler/run_loop.h"

#include <doctest/doctest.h>

#include "scheduler/machine.h"
#include "tests/scheduler/run_fixture.h"

using namespace tallymill;

namespace {

constexpr const char* kChain = R"(
  raw:   { type: test, outputs: { raw: rows } }
  clean: { type: test, reads: [raw], outputs: { clean: rows }, evidence: { clean.rejects: none } }
  totals: { type: test, reads: [clean, clean.rejects], outputs: { totals: rows }, tags: [result] }
)";

}  // namespace

TEST_CASE("run: a chain runs in order and publishes read-only versions") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 0);
  CHECK(end.out ==
        "starts g.2026-01.1\nraw succeeded\nclean succeeded\ntotals succeeded\n"
        "verdict ok\n");
  const auto version = fixture.view().visible("clean", "2026-01");
  REQUIRE(version);
  CHECK(version->id.starts_with("g.2026-01.1-clean-1-"));
  const auto folder = fixture.folder_of(*version);
  CHECK(std::filesystem::status(folder).permissions() == std::filesystem::perms(0555));
  CHECK(std::filesystem::status(folder / "data.txt").permissions() == std::filesystem::perms(0444));
  CHECK(fixture.visible().size() == 4);
  CHECK(fixture.view().run("g.2026-01.1")->state == RunState::ended);
}

TEST_CASE("run: unchanged work is not repeated") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  fixture.run();
  const auto before = fixture.visible();
  const ProbeEnd again = fixture.run();
  CHECK(again.exit == 0);
  CHECK(has(again.out, "starts g.2026-01.2\nraw up_to_date (same_fingerprint)\n"));
  CHECK(fixture.tries("raw") == 1);
  CHECK(fixture.tries("totals") == 1);
  CHECK(fixture.visible() == before);
}

TEST_CASE("run: layout, comments and scheduling keys do not make work") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  fixture.run();
  fixture.graph("g", R"(
  # the same jobs, written otherwise
  raw:
    retries: 3
    type: test
    outputs:
      raw: "rows"
  clean: { reads: [raw], type: test, evidence: { clean.rejects: none }, outputs: { clean: rows } }
  totals: { type: test, reads: [clean, clean.rejects], outputs: { totals: rows }, tags: [result] }
)");
  CHECK(has(fixture.run().out, "raw up_to_date"));
  CHECK(fixture.tries("raw") == 1);
}

TEST_CASE("run: a changed job runs again, and what reads it, and nothing else") {
  RunFixture fixture;
  fixture.graph("g", std::string(kChain) + "  other: { type: test, outputs: { other: x } }\n");
  fixture.run();
  fixture.graph("g", R"(
  raw:   { type: test, outputs: { raw: rows } }
  clean: { type: test, reads: [raw], outputs: { clean: new rows }, evidence: { clean.rejects: none } }
  totals: { type: test, reads: [clean, clean.rejects], outputs: { totals: rows }, tags: [result] }
  other: { type: test, outputs: { other: x } }
)");
  fixture.run();
  CHECK(fixture.tries("raw") == 1);
  CHECK(fixture.tries("clean") == 2);
  CHECK(fixture.tries("totals") == 2);
  CHECK(fixture.tries("other") == 1);
}

TEST_CASE("run: an equal result ends the work early, the version stays") {
  RunFixture fixture;
  const auto chain = [](const std::string& text) {
    return "\n  raw: { type: test, outputs: { raw: " + text + " } }\n" +
           "  clean: { type: test, reads: [raw], constant: true, outputs: { clean: same } }\n" +
           "  totals: { type: test, reads: [clean], outputs: { totals: rows }, tags: [result] }\n";
  };
  fixture.graph("g", chain("one"));
  fixture.run();
  const auto before = fixture.view().visible("clean", "2026-01")->id;
  fixture.graph("g", chain("two"));
  const ProbeEnd end = fixture.run();
  CHECK(has(end.out, "clean succeeded (same_result)\ntotals up_to_date (same_fingerprint)\n"));
  CHECK(fixture.view().visible("clean", "2026-01")->id == before);
  // The new fingerprint is remembered: next time not even `clean` runs.
  CHECK(has(fixture.run().out, "clean up_to_date"));
  CHECK(fixture.tries("clean") == 2);
}

TEST_CASE("run: other source lines with the same data are a new version, downstream stays") {
  RunFixture fixture;
  const auto chain = [](const std::string& lines) {
    return "\n  raw: { type: test, outputs: { raw: a }, lines: " + lines + " }\n" +
           "  totals: { type: test, reads: [raw], outputs: { totals: rows }, tags: [result] }\n";
  };
  fixture.graph("g", chain("one"));
  fixture.run();
  const auto before = fixture.view().visible("raw", "2026-01");
  fixture.graph("g", chain("two"));
  CHECK(has(fixture.run().out, "totals up_to_date"));
  const auto after = fixture.view().visible("raw", "2026-01");
  CHECK(after->id != before->id);
  CHECK(after->digest == before->digest);
}

TEST_CASE("run: --force runs everything again") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  fixture.run();
  CHECK(has(fixture.run("g", {"force"}).out, "raw succeeded (same_result)"));
  CHECK(fixture.tries("raw") == 2);
  CHECK(fixture.tries("totals") == 2);
}

TEST_CASE("run: a version deleted by hand is made again") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  fixture.run();
  const auto folder = fixture.folder_of(*fixture.view().visible("raw", "2026-01"));
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  std::filesystem::remove_all(folder);
  fixture.run();
  CHECK(fixture.tries("raw") == 2);
  CHECK(fixture.visible().at("raw") != "missing on disk");
}

TEST_CASE("run: an unchanged source ends the attempt early and nothing downstream runs") {
  RunFixture fixture;
  fixture.write("feed.csv", "a,b\n");
  fixture.graph("g", R"(
  raw:   { type: test, reads_source: true, outputs: { raw: x }, do: [source: feed.csv] }
  totals: { type: test, reads: [raw], outputs: { totals: rows }, tags: [result] }
)");
  fixture.run();
  const ProbeEnd same = fixture.run();
  CHECK(has(same.out, "raw up_to_date (same_source)\ntotals up_to_date (same_fingerprint)\n"));
  CHECK(fixture.tries("raw") == 2);
  fixture.write("feed.csv", "a,c\n");
  CHECK(has(fixture.run().out, "raw succeeded\ntotals succeeded\n"));
}

TEST_CASE("run: a parameter that is used is part of the fingerprint, and checked by its type") {
  RunFixture fixture;
  fixture.graph("g",
                "\n  a: { type: test, outputs: { a: \"over ${tolerance}\" }, tags: [result] }\n",
                "params: { tolerance: { type: money, default: \"0.00\" } }\n");
  fixture.run();
  CHECK(has(fixture.run("g", {"tolerance=1.00"}).out, "a succeeded"));
  CHECK(has(fixture.run("g", {"tolerance=1.00"}).out, "a up_to_date"));
  CHECK(fixture.run("g", {"tolerance=1.005"}).err ==
        "error: parameter 'tolerance' must be of type money, got '1.005' "
        "(surplus_fraction_digits)\n");
  CHECK(fixture.run("g", {"tolerence=1"}).err ==
        "error: graph 'g' has no parameter 'tolerence'; did you mean 'tolerance'?\n");
}

TEST_CASE("run: a changed rule file makes its job run again") {
  RunFixture fixture;
  fixture.write("rules/r.lua", "return 1\n");
  fixture.graph("g",
                "\n  a: { type: test, files: [rules/r.lua], outputs: { a: x }, tags: [result] }\n");
  fixture.run();
  CHECK(has(fixture.run().out, "a up_to_date"));
  fixture.write("rules/r.lua", "return 2\n");
  CHECK(has(fixture.run().out, "a succeeded"));
  const auto files = fixture.view().run_files("g.2026-01.1");
  REQUIRE(files.size() == 2);
  CHECK(files[1].path == "rules/r.lua");
  CHECK(read_file(StateFolder(fixture.state()).blob(files[1].sha256)) == "return 1\n");
}

TEST_CASE("run: what a failed job blocks ends cancelled, other branches go on") {
  RunFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, do: [fail: { class: data, message: "amounts do not add up" }] }
  b: { type: test, reads: [a], outputs: { b: x } }
  c: { type: test, reads: [b], outputs: { c: x }, tags: [result] }
  d: { type: test, outputs: { d: x }, tags: [result] }
)");
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 1);
  CHECK(end.out ==
        "starts g.2026-01.1\n"
        "a failed (data) data: amounts do not add up\n"
        "b cancelled blocked (behind a (failed))\n"
        "c cancelled blocked (behind b (blocked))\n"
        "d succeeded\n"
        "verdict failed\n");
  CHECK(fixture.view().job_runs("g.2026-01.1")[1].reason == "blocked: behind a (failed)");
  CHECK(fixture.visible().size() == 1);
  CHECK(fixture.tries("a") == 1);
}

TEST_CASE("run: a transient failure is retried with backoff until its tries are used up") {
  RunFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, tags: [result], retries: 2, backoff: { first: 10ms },
       do: [fail: { class: transient, message: busy, tries: 2 }] }
  b: { type: test, outputs: { b: x }, tags: [result], retries: 1, backoff: { first: 10ms },
       do: [fail: { class: transient, message: busy }] }
)");
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 1);
  CHECK(has(end.out, "a succeeded\nb failed (transient) transient: busy\n"));
  CHECK(fixture.tries("a") == 3);
  CHECK(fixture.tries("b") == 2);
  const auto attempts = fixture.view().attempts("g.2026-01.1", "a");
  REQUIRE(attempts.size() == 3);
  CHECK(attempts[0].state == AttemptState::failed);
  CHECK(attempts[2].state == AttemptState::succeeded);
}

TEST_CASE("run: lack of memory is tried once more, with one thread") {
  RunFixture fixture;
  fixture.write("tallymill.yaml", "workspace: test\nslots: 1\n");
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, tags: [result], do: [fail: { class: memory, message: full }] }
)");
  CHECK(has(fixture.run().out, "a failed (memory) memory: full"));
  const auto attempts = fixture.view().attempts("g.2026-01.1", "a");
  REQUIRE(attempts.size() == 2);
  CHECK(attempts[1].threads == 1);
}

TEST_CASE("run: jobs that can start share the cores, one that runs alone has them all") {
  RunFixture fixture;
  const int cores = usable_cores();
  fixture.write("tallymill.yaml", "workspace: test\nslots: " + std::to_string(cores) + "\n");
  std::string jobs;
  std::string all;
  for (int i = 0; i < cores; ++i) {
    jobs += "  a" + std::to_string(i) + ": { type: test, do: [sleep: 300ms] }\n";
    all += (i == 0 ? "a" : ", a") + std::to_string(i);
  }
  fixture.graph("g", jobs + "  last: { type: test, needs: [" + all + "] }\n");
  CHECK(fixture.run().exit == 0);
  for (const AttemptRecord& attempt : fixture.view().attempts("g.2026-01.1")) {
    CAPTURE(attempt.job);
    CHECK(attempt.threads == (attempt.job == "last" ? cores : 1));
  }
}

TEST_CASE("run: a job that runs too long is ended with everything it started") {
  RunFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, tags: [result], timeout: 200ms, do: [sleep: 60s] }
)");
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 1);
  CHECK(has(end.out, "a failed (timeout) transient: timed out after 200ms and was ended"));
}

TEST_CASE("run: a worker killed by kill -9 is retried, and its half work is never seen") {
  RunFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, tags: [result], retries: 1, backoff: { first: 1ms },
       do: [signal_once: 9] }
)");
  CHECK(fixture.run().exit == 0);
  CHECK(fixture.tries("a") == 2);
  CHECK(fixture.visible().size() == 1);
  CHECK(has(fixture.view().attempts("g.2026-01.1", "a")[0].error, "SIGKILL"));
}

TEST_CASE("run: data that is not what the job promised is not published") {
  RunFixture fixture;
  fixture.graph("g", R"(
  stray: { type: test, outputs: { s: x }, tags: [result], do: [stray_output: t] }
  books: { type: test, outputs: { b: x }, tags: [result], do: [unbalanced: x] }
  epoch: { type: test, outputs: { e: x }, tags: [result], do: [wrong_epoch: x] }
  torn:  { type: test, outputs: { r: x }, tags: [result], do: [broken_result: x] }
)");
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 1);
  CHECK(has(end.out,
            "stray failed (bug) bug: the worker staged 't', which the job does not "
            "declare"));
  CHECK(has(end.out, "books failed (data) data: the books of job 'books' do not close"));
  CHECK(has(end.out, "epoch failed (bug) bug: "));
  CHECK(has(end.out, "torn failed (bug) bug: the worker's result cannot be read"));
  CHECK(fixture.visible().empty());
  CHECK(fixture.folders_on_disk() == 0);
}

TEST_CASE("run: slots bound what runs at once, priority decides who goes first") {
  RunFixture fixture;
  fixture.write("tallymill.yaml", "workspace: test\nslots: 1\n");
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, tags: [result] }
  b: { type: test, outputs: { b: x }, tags: [result], priority: 5 }
  c: { type: test, outputs: { c: x }, tags: [result], priority: 1 }
)");
  fixture.run();
  std::vector<std::string> order;
  for (const AttemptRecord& attempt : fixture.view().attempts("g.2026-01.1"))
    order.push_back(attempt.job);
  CHECK(order == std::vector<std::string>{"b", "c", "a"});
}

TEST_CASE("run: a period of another kind is refused before anything happens") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  const ProbeEnd end = fixture.wait(fixture.start({"g", "2026-01-31"}));
  CHECK(end.exit == 2);
  CHECK(end.err == "error: graph 'g' runs per month, and '2026-01-31' is a day\n");
}

TEST_CASE("run: the chain verifies and the tables follow from it, after all of this") {
  RunFixture fixture;
  fixture.graph("g", kChain);
  fixture.run();
  fixture.run("g", {"force"});
  Database database(fixture.state() / "store.db", Database::Mode::write);
  CHECK(verify_chain(database).problem.empty());
  CHECK(replay_difference(database, fixture.root() / "copy.db") == "");
}

TEST_CASE("run: of an attempt without a result nothing that it had written is left") {
  RunFixture fixture;
  fixture.graph(
      "g", "  a: { type: test, outputs: { a: x }, tags: [result], do: [die: {at: staged}] }\n");
  CHECK(fixture.run().exit == 1);
  const auto attempt = fixture.state() / "attempts/g.2026-01.1/a.1";
  CHECK(std::filesystem::exists(attempt / "task.json"));
  CHECK_FALSE(std::filesystem::exists(attempt / "staging"));
}
