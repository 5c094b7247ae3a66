#include "scheduler/backfill.h"

#include <doctest/doctest.h>

#include "scheduler/backfill_run.h"
#include "scheduler/backfill_store.h"
#include "scheduler/scheduler.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

constexpr const char* kJobs =
    "  raw:   { type: test, outputs: { raw: x } }\n"
    "  clean: { type: test, reads: [raw], outputs: { clean: x } }\n";

Workspace load(const RunFixture& fixture) {
  Diagnostics diagnostics;
  Workspace workspace = Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  REQUIRE(!diagnostics.has_errors());
  return workspace;
}

BackfillRequest months(const std::string& from, const std::string& to,
                       const std::string& name = {}) {
  return {.graph = "g",
          .from = Period::parse(from).value(),
          .to = Period::parse(to).value(),
          .name = name};
}

/// "2026-01 ok" per period that ended.
class Lines final : public BackfillObserver {
 public:
  void note(const std::string& text) override { notes.push_back(text); }
  void ended(const Period& period, const RunEnd& end) override {
    ends.push_back(period.text() + " " + std::string(to_string(end.verdict)));
  }
  std::vector<std::string> notes;
  std::vector<std::string> ends;
};

struct Done {
  RunVerdict verdict = RunVerdict::ok;
  std::vector<std::string> ends;
  std::vector<std::string> notes;
};

/// Plans and runs within this process, workers outside.
Done run(const RunFixture& fixture, const BackfillRequest& request) {
  const TestCatalog catalog;
  SchedulerOptions options;
  options.worker = test_worker();
  Scheduler scheduler(load(fixture), catalog, options);
  const BackfillPlan plan = plan_backfill(scheduler.workspace(), scheduler.store().view(), request);
  Lines lines;
  const RunVerdict verdict = run_backfill(scheduler, plan, lines);
  return {verdict, lines.ends, lines.notes};
}

BackfillPlan plan(const RunFixture& fixture, const BackfillRequest& request) {
  const Workspace workspace = load(fixture);
  StoreView view = fixture.view();
  return plan_backfill(workspace, view, request);
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("backfill: every period runs once, a second call with the name does nothing") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  const BackfillRequest request = months("2026-01", "2026-03", "spring");
  CHECK(run(fixture, request).ends == Texts{"2026-01 ok", "2026-02 ok", "2026-03 ok"});
  CHECK(fixture.tries("raw") == 3);
  const BackfillPlan again = plan(fixture, request);
  CHECK(again.is_done);
  CHECK(again.verdict == RunVerdict::ok);
  CHECK(run(fixture, request).ends.empty());
  CHECK(fixture.view().runs("g", 10).size() == 3);
}

TEST_CASE("backfill: --force runs each period once, however often it is called") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  run(fixture, months("2026-01", "2026-02"));
  BackfillRequest request = months("2026-01", "2026-02", "again");
  request.force = true;
  CHECK(plan(fixture, request).periods[0].actions == std::map<std::string, int>{{"run", 2}});
  run(fixture, request);
  CHECK(fixture.tries("raw") == 4);
  run(fixture, request);
  CHECK(fixture.tries("raw") == 4);
}

TEST_CASE("backfill: an unnamed one is another one each time, and reuses what is up to date") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  run(fixture, months("2026-01", "2026-02"));
  const BackfillPlan second = plan(fixture, months("2026-01", "2026-02"));
  CHECK(second.request.name == "g.2026-01..2026-02.2");
  CHECK(!second.is_known);
  CHECK(second.periods[0].actions == std::map<std::string, int>{{"reuse", 2}});
  run(fixture, months("2026-01", "2026-02"));
  CHECK(fixture.tries("raw") == 2);
}

TEST_CASE("backfill: a failed period does not stop the others, unless it was asked to") {
  RunFixture fixture;
  fixture.graph("g",
                "  raw: { type: test, outputs: { raw: x },"
                " do: [fail: { class: data, message: bad, period: 2026-02 }] }\n");
  BackfillRequest request = months("2026-01", "2026-03", "all");
  const Done all = run(fixture, request);
  CHECK(all.verdict == RunVerdict::failed);
  CHECK(all.ends == Texts{"2026-01 ok", "2026-02 failed", "2026-03 ok"});
  CHECK(plan(fixture, request).is_done);

  request.name = "stops";
  request.stop_on_failure = true;
  CHECK(run(fixture, request).ends == Texts{"2026-01 ok", "2026-02 failed"});
  // Asked again, it goes on behind the period that failed.
  CHECK(run(fixture, request).ends == Texts{"2026-03 ok"});
}

TEST_CASE("backfill: a period that waits for input stays open, and a later call goes on") {
  RunFixture fixture;
  fixture.graph("up", "  u: { type: test, outputs: { u: x } }\n");
  fixture.graph("g", "  raw: { type: test, reads: [u], outputs: { raw: x } }\n");
  REQUIRE(fixture.run("up").exit == 0);  // 2026-01 only
  const BackfillRequest request = months("2026-01", "2026-02", "late");
  const Done first = run(fixture, request);
  CHECK(first.verdict == RunVerdict::waiting);
  CHECK(first.ends == Texts{"2026-01 ok", "2026-02 waiting"});
  REQUIRE(fixture.wait(fixture.start({"up", "2026-02"})).exit == 0);
  CHECK(run(fixture, request).ends == Texts{"2026-02 ok"});
  CHECK(plan(fixture, request).is_done);
}

TEST_CASE("backfill: what somebody left open of a period is finished first") {
  RunFixture fixture;
  fixture.graph("up", "  u: { type: test, outputs: { u: x } }\n");
  fixture.graph("g", "  raw: { type: test, reads: [u], outputs: { raw: x } }\n");
  REQUIRE(fixture.run("g").exit == 4);
  REQUIRE(fixture.run("up").exit == 0);
  const Done done = run(fixture, months("2026-01", "2026-01", "one"));
  CHECK(done.ends == Texts{"2026-01 ok"});
  CHECK(done.notes == Texts{"first going on with g.2026-01.1, which is open"});
  CHECK(fixture.view().run("g.2026-01.1")->state == RunState::ended);
  CHECK(fixture.tries("raw") == 1);
}

TEST_CASE("backfill: --reverse begins with the latest period") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  BackfillRequest request = months("2026-01", "2026-02");
  request.reverse = true;
  CHECK(run(fixture, request).ends == Texts{"2026-02 ok", "2026-01 ok"});
}

TEST_CASE("backfill: kill -9 anywhere, the next call does what is left and nothing twice") {
  for (int crash_at = 3; crash_at < 60; crash_at += 7) {
    CAPTURE(crash_at);
    RunFixture fixture;
    fixture.graph("g", "  raw: { type: test, outputs: { raw: x } }\n");
    const pid_t child =
        fixture.start({"backfill", "2026-01", "2026-02", "forced", "force"}, crash_at);
    fixture.wait(child);
    fixture.wait(fixture.start({"backfill", "2026-01", "2026-02", "forced", "force"}));
    const BackfillRequest request = [] {
      BackfillRequest forced = months("2026-01", "2026-02", "forced");
      forced.force = true;
      return forced;
    }();
    const BackfillPlan after = plan(fixture, request);
    CHECK(after.is_done);
    for (const BackfillPeriod& period : after.periods) CHECK(period.verdict == RunVerdict::ok);
    CHECK(fixture.folders_on_disk() == 2);
  }
}

TEST_CASE("backfill: refusals say what was found and what to do") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  run(fixture, months("2026-01", "2026-01", "taken"));
  const auto refusal = [&](const BackfillRequest& request) -> std::string {
    try {
      plan(fixture, request);
    } catch (const Error& error) {
      return error.message();
    }
    return "accepted";
  };
  CHECK(refusal(months("2026-02", "2026-01")) ==
        "--from 2026-02 comes after --to 2026-01; the later period is the last one, also with "
        "--reverse");
  CHECK(refusal(months("2026-01-01", "2026-01-02")) ==
        "graph 'g' runs per month, and --from '2026-01-01' is a day");
  CHECK(refusal(months("1000-01", "2026-01")) ==
        "from 1000-01 to 2026-01 are more than 4000 periods; a backfill takes no more at once");
  CHECK(refusal(months("2026-01", "2026-01", "a b")) ==
        "a backfill's name is made of letters, digits, '.', '_' and '-', got 'a b'");
  CHECK(refusal(months("2026-01", "2026-02", "taken"))
            .starts_with("backfill 'taken' is of graph 'g' from 2026-01 to 2026-01, begun by "));
}

TEST_CASE("backfill: a plan made before the first run is the plan of that run") {
  RunFixture fixture;
  fixture.graph("up", "  u: { type: test, outputs: { u: x } }\n");
  fixture.graph("g",
                "  raw: { type: test, outputs: { raw: x } }\n"
                "  mix: { type: test, reads: [u], outputs: { mix: x } }\n"
                "  end: { type: test, reads: [mix, raw], outputs: { end: x } }\n");
  const BackfillRequest request = months("2026-01", "2026-03", "x");
  const BackfillPlan before = plan_backfill(load(fixture), request);
  CHECK(before.periods[0].actions == std::map<std::string, int>{{"run", 1}, {"wait", 2}});
  CHECK(before.periods[0].note == "'u' of 2026-01 has not been made yet by job 'u' of graph 'up'");
  std::filesystem::create_directories(fixture.state());
  { Store store(fixture.state() / "store.db", "tester"); }
  const BackfillPlan after = plan(fixture, request);
  CHECK(after.periods[0].actions == before.periods[0].actions);
  CHECK(after.periods[0].note == before.periods[0].note);
  CHECK(after.digest == before.digest);
}

TEST_CASE("backfill: the digest is the same until the world changes") {
  RunFixture fixture;
  fixture.graph("g", kJobs);
  run(fixture, months("2026-01", "2026-01"));
  const BackfillRequest request = months("2026-01", "2026-03", "x");
  const std::string digest = plan(fixture, request).digest;
  CHECK(plan(fixture, request).digest == digest);
  SUBCASE("an edited graph") { fixture.graph("g", std::string(kJobs) + "  # more\n"); }
  SUBCASE("a period that was run") { run(fixture, months("2026-02", "2026-02")); }
  CHECK(plan(fixture, request).digest != digest);
}
