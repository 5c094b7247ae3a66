// Trigger rules and conditions in real runs: branches, handlers, what is skipped and why.
#include <doctest/doctest.h>

#include "scheduler/scheduler.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

/// `load` may fail; `alarm` handles that, `tidy` comes in any case, `small` and `large` are
/// branches, `report` joins them.
std::string branches(const std::string& load) {
  return R"(
  load:   { type: test, outputs: { rows: text }, rows: 7, do: [)" +
         load + R"(] }
  alarm:  { type: test, needs: [load], when: one_failed }
  tidy:   { type: test, needs: [load, alarm], when: all_done }
  small:  { type: test, when: { if: rows(load) < param(many) } }
  large:  { type: test, when: { if: rows(load) >= param(many) } }
  deeper: { type: test, needs: [large] }
  report: { type: test, needs: [small, deeper], when: none_failed_min_one_success }
)";
}

constexpr const char* kParams = "params: { many: { type: integer, default: 10 } }\n";

std::string problems_of(const std::string& jobs) {
  RunFixture fixture;
  fixture.graph("g", jobs, kParams);
  Diagnostics diagnostics;
  Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  return diagnostics.render();
}

}  // namespace

TEST_CASE("flow: a condition takes one branch, the other is skipped, and they join") {
  RunFixture fixture;
  fixture.graph("g", branches(""), kParams);
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 0);
  CHECK(end.out ==
        "starts g.2026-01.1\n"
        "load succeeded\n"
        "alarm skipped (trigger_rule: rule one_failed does not hold: 1 succeeded)\n"
        "tidy succeeded\n"
        "small succeeded\n"
        "large skipped (condition_false: rows(load) >= param(many) does not hold: param(many) is "
        "10, rows(load) is 7)\n"
        "deeper skipped (behind_skipped: behind large (skipped))\n"
        "report succeeded\n"
        "verdict ok\n");
  CHECK(fixture.tries("alarm") == 0);
  CHECK(fixture.tries("deeper") == 0);
}

TEST_CASE("flow: a parameter takes the other branch") {
  RunFixture fixture;
  fixture.graph("g", branches(""), kParams);
  const ProbeEnd end = fixture.run("g", {"many=5"});
  CHECK(end.exit == 0);
  CHECK(has(end.out, "small skipped (condition_false"));
  CHECK(has(end.out, "deeper succeeded\nreport succeeded\n"));
}

TEST_CASE("flow: what failed is handled, what lies behind it is blocked, the run has failed") {
  RunFixture fixture;
  fixture.graph("g", branches("fail: { class: data, message: no such file }"), kParams);
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 1);
  CHECK(has(end.out, "alarm succeeded\ntidy succeeded\n"));
  CHECK(has(end.out, "small cancelled blocked (behind load (failed))\n"));
  CHECK(has(end.out, "report cancelled blocked (behind small (blocked))\n"));
}

TEST_CASE("flow: a handler runs behind a blocked job, too") {
  RunFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, do: [fail: { class: data, message: bad }] }
  b: { type: test, needs: [a] }
  c: { type: test, needs: [b], when: one_failed }
  d: { type: test, when: { if: blocked(b) and failed(a) and not succeeded(b) } }
)");
  const ProbeEnd end = fixture.run();
  CHECK(has(end.out, "b cancelled blocked (behind a (failed))\nc succeeded\nd succeeded\n"));
}

TEST_CASE("flow: whatever the rule, a job never runs without what it reads") {
  RunFixture fixture;
  fixture.graph("g", R"(
  made:  { type: test, outputs: { made: text }, do: [fail: { class: data, message: bad }] }
  other: { type: test, outputs: { other: text }, when: { if: param(many) > 10 } }
  after: { type: test, reads: [made], when: all_done }
  idle:  { type: test, reads: [other], when: all_done }
)",
                kParams);
  const ProbeEnd end = fixture.run();
  CHECK(has(end.out, "after cancelled blocked (behind made (failed))\n"));
  CHECK(has(end.out, "idle skipped (input_skipped: it reads 'other', and other was skipped)\n"));
}

TEST_CASE("flow: a refused gate is a failure for those that read behind it, and can be asked") {
  RunFixture fixture;
  fixture.graph("g", R"(
  clean:  { type: test, outputs: { clean: rows } }
  sound:  { type: test, reads: [clean], gates: clean, on_fail: block, do: [gate: refuse] }
  totals: { type: test, reads: [clean], outputs: { totals: rows }, when: all_done, tags: [result] }
  notify: { type: test, when: { if: not passed(sound) and findings(sound) > 1 } }
)");
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 3);
  CHECK(has(end.out, "totals cancelled blocked (sound refused clean)\nnotify succeeded\n"));
}

TEST_CASE("flow: a condition without an answer blocks, and says what it asked for") {
  RunFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, when: { if: param(many) > 10 } }
  b: { type: test, when: { rule: all_done, if: findings(a) == 0 } }
)",
                kParams);
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 3);
  CHECK(has(end.out,
            "b cancelled blocked (its condition has no answer: it asks for findings(a), and a has "
            "no result (skipped))\n"));
}

TEST_CASE("flow: a condition waits for the jobs it asks, also where its rule would not") {
  RunFixture fixture;
  fixture.graph("g", R"(
  quick: { type: test, outputs: { quick: text } }
  slow:  { type: test, outputs: { slow: text }, do: [{ wait_for: go }] }
  one:   { type: test, needs: [quick], when: { rule: one_success, if: rows(slow) > 0 } }
  any:   { type: test, when: { rule: always, if: rows(slow) > 0 } }
  last:  { type: test, reads: [quick, slow] }
)");
  const pid_t probe = fixture.start({"g", "2026-01"});
  // Not before quick has ended, and something has come of it.
  fixture.wait_for(".tallymill/datasets/quick/2026-01/_");
  fixture.wait_for("marks/slow");
  fixture.write("go", "");
  const ProbeEnd end = fixture.wait(probe);
  CHECK(end.exit == 0);
  CHECK(has(end.out, "one succeeded\nany succeeded\n"));
}

TEST_CASE("flow: a skipped job leaves what it made before; the next run decides anew") {
  RunFixture fixture;
  fixture.graph("g", branches(""), kParams);
  fixture.run("g", {"many=5"});
  const ProbeEnd end = fixture.run();
  CHECK(has(end.out, "small succeeded\nlarge skipped"));
  CHECK(fixture.tries("large") == 1);
}

TEST_CASE("flow: killed at any point, handlers and branches end the same") {
  const auto states_of = [](const RunFixture& fixture) {
    std::map<std::string, std::string> states;
    for (const JobRunRecord& job : fixture.view().job_runs("g.2026-01.1"))
      states[job.job] = std::string(to_string(job.state)) + " " + job.reason;
    return states;
  };
  RunFixture undisturbed;
  const std::string graph = branches("fail: { class: data, message: bad }");
  undisturbed.graph("g", graph, kParams);
  REQUIRE(undisturbed.run().exit == 1);
  const auto expected = states_of(undisturbed);
  for (int crash_at = 1;; ++crash_at) {
    CAPTURE(crash_at);
    RunFixture fixture;
    fixture.graph("g", graph, kParams);
    if (fixture.run("g", {}, crash_at).exit == 1) break;
    fixture.run();
    CHECK(states_of(fixture) == expected);
  }
}

TEST_CASE("flow: mistakes in 'when' are found when the graph is loaded") {
  CHECK(problems_of("  a: { type: test, when: one_fail }\n") ==
        "graphs/g.yaml:5:26: error: option 'when' must be one of all_success, all_failed, "
        "all_done, all_done_min_one_success, all_skipped, one_failed, one_success, one_done, "
        "none_failed, none_failed_min_one_success, none_skipped, always, got "
        "'one_fail'; did you mean 'one_failed'?\n"
        "    5 |   a: { type: test, when: one_fail }\n"
        "      |                          ^~~~~~~~\n");
  CHECK(problems_of(
            "  load: { type: test }\n  b: { type: test, when: { if: \"rows(lod) > 0\" } }\n") ==
        "graphs/g.yaml:6:38: error: graph 'g' has no job 'lod'; did you mean 'load'?\n"
        "    6 |   b: { type: test, when: { if: \"rows(lod) > 0\" } }\n"
        "      |                                      ^~~\n");
  CHECK(has(problems_of("  a: { type: test, when: { if: \"rows(b) > 0\" } }\n"
                        "  b: { type: test, when: { if: \"rows(a) > 0\" } }\n"),
            "graphs/g.yaml:5:38: error: jobs form a cycle: a -> b -> a"));
  CHECK(has(problems_of("  a: { type: test }\n  b: { type: test, when: { if: passed(a) } }\n"),
            "graphs/g.yaml:6:39: error: job 'a' is no gate; passed() asks jobs with "
            "'on_fail: block' or 'fail'; ask for findings(a) == 0"));
  CHECK(has(problems_of("  a: { type: test, when: { if: param(mny) > 1 } }\n"),
            "graphs/g.yaml:5:38: error: the graph has no parameter 'mny'; did you mean 'many'?"));
}
