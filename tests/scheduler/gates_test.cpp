#include <doctest/doctest.h>

#include "tests/scheduler/run_fixture.h"

using namespace tallymill;

namespace {

/// `sound` stands before `clean`; `totals` waits for its word, `probe` is what the gate reads.
std::string gated(const std::string& on_fail, const std::string& gate) {
  return R"(
  raw:    { type: test, outputs: { raw: rows } }
  clean:  { type: test, reads: [raw], outputs: { clean: rows } }
  probe:  { type: test, reads: [clean], outputs: { probe: rows } }
  sound:  { type: test, reads: [clean, probe], gates: clean, on_fail: )" +
         on_fail + ", evidence: { sound.failures: rows }, do: [" + gate + R"(] }
  totals: { type: test, reads: [clean], outputs: { totals: rows }, tags: [result] }
)";
}

GateState gate_of(const RunFixture& fixture, const std::string& dataset) {
  StoreView view = fixture.view();
  return view.gate_state(view.visible(dataset, "2026-01").value());
}

}  // namespace

TEST_CASE("gate: readers wait for its word, and go on when it passes") {
  RunFixture fixture;
  fixture.graph("g", gated("block", "gate: pass"));
  CHECK(fixture.run().exit == 0);
  CHECK(gate_of(fixture, "clean") == GateState::passed);
  std::vector<std::string> order;
  for (const AttemptRecord& attempt : fixture.view().attempts("g.2026-01.1"))
    order.push_back(attempt.job);
  CHECK(order == std::vector<std::string>{"raw", "clean", "probe", "sound", "totals"});
}

TEST_CASE("gate: on_fail block ends succeeded, refuses the version and blocks its readers") {
  RunFixture fixture;
  fixture.graph("g", gated("block", "gate: refuse"));
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 3);
  CHECK(has(end.out, "sound succeeded\ntotals cancelled blocked (sound refused clean)\n"));
  CHECK(gate_of(fixture, "clean") == GateState::refused);
  CHECK(fixture.tries("totals") == 0);
  CHECK(fixture.tries("sound") == 1);
}

TEST_CASE("gate: on_fail fail ends failed with class data and is never retried") {
  RunFixture fixture;
  fixture.graph("g", gated("fail", "gate: refuse"), "defaults: { retries: 3 }\n");
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 1);
  CHECK(has(end.out,
            "sound failed (refused) data: refused 'clean': 2 findings (on_fail: fail)\n"
            "totals cancelled blocked (behind sound (failed))\n"));
  CHECK(gate_of(fixture, "clean") == GateState::refused);
  CHECK(fixture.tries("sound") == 1);
}

TEST_CASE("gate: on_fail warn never refuses, but the findings count") {
  RunFixture fixture;
  fixture.graph("g", gated("warn", "gate: refuse"));
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 3);
  CHECK(has(end.out, "totals succeeded"));
  CHECK(gate_of(fixture, "clean") == GateState::none);
}

TEST_CASE("gate: a remembered refusal still refuses, and still exits with findings") {
  RunFixture fixture;
  fixture.graph("g", gated("block", "gate: refuse"));
  fixture.run();
  const ProbeEnd again = fixture.run();
  CHECK(again.exit == 3);
  CHECK(has(again.out,
            "sound up_to_date (same_fingerprint)\n"
            "totals cancelled blocked (sound refused clean)\n"));
  CHECK(fixture.tries("sound") == 1);
}

TEST_CASE("gate: the word holds for a new version with the same data, without running again") {
  RunFixture fixture;
  const auto graph = [](const std::string& lines) {
    return R"(
  clean:  { type: test, outputs: { clean: rows }, lines: )" +
           lines + R"( }
  sound:  { type: test, reads: [clean], gates: clean, on_fail: block, do: [gate: pass] }
  totals: { type: test, reads: [clean], outputs: { totals: rows }, tags: [result] }
)";
  };
  fixture.graph("g", graph("one"));
  fixture.run();
  const auto before = fixture.view().visible("clean", "2026-01")->id;
  fixture.graph("g", graph("two"));
  CHECK(fixture.run().exit == 0);
  CHECK(fixture.view().visible("clean", "2026-01")->id != before);
  CHECK(gate_of(fixture, "clean") == GateState::passed);
  CHECK(fixture.tries("sound") == 1);
}

TEST_CASE("gate: mending the data lets everything through in the next run") {
  RunFixture fixture;
  fixture.graph("g", gated("block", "gate_file: mended"));
  CHECK(fixture.run().exit == 3);
  fixture.write("mended", "");
  // What the gate looks at is outside its fingerprint here, so it is asked by force.
  CHECK(fixture.run("g", {"force"}).exit == 0);
  CHECK(gate_of(fixture, "clean") == GateState::passed);
  CHECK(fixture.visible().contains("totals"));
}

TEST_CASE("gate: what a gate itself makes of its dataset waits for its word as well") {
  RunFixture fixture;
  const auto graph = [](const std::string& options) {
    return R"(
  clean:  { type: test, outputs: { clean: rows } }
  sound:  { type: test, reads: [clean], gates: clean, on_fail: block, outputs: { good: rows }, )" +
           options + R"( }
  totals: { type: test, reads: [good], outputs: { totals: rows }, tags: [result] }
)";
  };
  // Before, nothing of it was gated: the version stands in the store without a gate.
  fixture.graph("g", graph("do: [gate: pass]"));
  CHECK(fixture.run().exit == 0);
  CHECK(gate_of(fixture, "good") == GateState::none);

  fixture.graph("g", graph("gated_output: good, do: [gate: refuse]"));
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 3);
  CHECK(has(end.out, "sound succeeded\ntotals cancelled blocked (sound refused good)\n"));
  CHECK(gate_of(fixture, "good") == GateState::refused);

  const ProbeEnd again = fixture.run();
  CHECK(again.exit == 3);
  CHECK(has(again.out, "totals cancelled blocked (sound refused good)\n"));

  const std::string refused = fixture.view().visible("good", "2026-01")->id;
  fixture.graph("g", graph("gated_output: good, do: [gate: pass]"));
  CHECK(fixture.run().exit == 0);
  CHECK(gate_of(fixture, "good") == GateState::passed);
  // The same rows: the gate has only thought better of them.
  CHECK(fixture.view().visible("good", "2026-01")->id == refused);
  CHECK(fixture.visible().contains("totals"));
}

TEST_CASE("gate: another graph does not read what a gate made and refused") {
  RunFixture fixture;
  fixture.graph("g", R"(
  clean:  { type: test, outputs: { clean: rows } }
  sound:  { type: test, reads: [clean], gates: clean, on_fail: block, outputs: { good: rows }, gated_output: good, do: [gate: refuse] }
)");
  fixture.graph("other", R"(
  totals: { type: test, reads: [good], outputs: { totals: rows }, tags: [result] }
)");
  CHECK(fixture.run().exit == 3);
  const ProbeEnd end = fixture.run("other");
  CHECK(has(end.out, "a gate refused"));
  CHECK(fixture.tries("totals") == 0);
}

TEST_CASE("gate: a gate that does not say its word is a bug, nothing passes") {
  RunFixture fixture;
  fixture.graph("g", gated("block", "sleep: 1ms"));
  const ProbeEnd end = fixture.run();
  CHECK(has(end.out, "sound failed (bug) bug: the worker did not say whether the gate passed"));
  CHECK(fixture.tries("totals") == 0);
}

TEST_CASE("gate: a reader in another graph sees passed versions only") {
  RunFixture fixture;
  fixture.graph("g", gated("block", "gate_file: mended"));
  fixture.graph("h",
                "\n  report: { type: test, reads: [clean], outputs: { report: x }, tags: "
                "[result] }\n");
  const ProbeEnd early = fixture.run("h");
  CHECK(early.exit == 4);
  CHECK(has(early.out,
            "report waiting held ('clean' of 2026-01 has not been made yet by job "
            "'clean' of graph 'g')\nverdict waiting\n"));
  fixture.run("g");
  const ProbeEnd refused = fixture.run("h");
  CHECK(refused.exit == 3);
  CHECK(has(refused.out,
            "goes on h.2026-01.1\nreport cancelled blocked (a gate refused 'clean' of "
            "2026-01)\n"));
  fixture.write("mended", "");
  fixture.run("g", {"force"});
  CHECK(fixture.run("h").exit == 0);
  const auto pins = fixture.view().pins("h.2026-01.2");
  REQUIRE(pins.size() == 1);
  CHECK(pins[0].version == fixture.view().visible("clean", "2026-01")->id);
}

TEST_CASE("gate: an export does not deliver what was made from superseded data") {
  RunFixture fixture;
  const auto source = [&](const std::string& text) {
    fixture.graph("source", "\n  raw: { type: test, outputs: { raw: " + text + " } }\n");
  };
  source("one");
  fixture.graph("totals", "\n  totals: { type: test, reads: [raw], outputs: { totals: x } }\n");
  fixture.graph("out", "\n  deliver: { type: test, reads: [totals], exports: true }\n");
  fixture.run("source");
  fixture.run("totals");
  source("two");
  fixture.run("source");
  const ProbeEnd stale = fixture.run("out");
  CHECK(stale.exit == 4);
  CHECK(has(stale.out, "deliver waiting held ('totals' is stale: it was made from 'raw' version "));
  fixture.run("totals");
  CHECK(fixture.run("out").exit == 0);
  CHECK(fixture.tries("deliver") == 1);
}
