#include "scheduler/deadline.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "core/time/calendar_file.h"
#include "scheduler/run_observer.h"
#include "scheduler/scheduler.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

/// "at" and "day" as one graph says them, for a period.
std::string due(const std::string& deadline, const std::string& period,
                const std::string& zone = "Asia/Shanghai") {
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("g.yaml", deadline, diagnostics);
  DeadlineScope scope{Period::parse(period).value(), Zone::find(zone).value(), nullptr, {}};
  scope.params["lag"] = {"integer", "3"};
  const auto read = read_deadline(document->root(), scope, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.render();
  return instant_of(read.value(), scope).text();
}

std::string loading(const std::string& jobs, const std::string& more = {}) {
  RunFixture fixture;
  fixture.graph("g", jobs, more);
  Diagnostics diagnostics;
  Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  return diagnostics.render();
}

/// The machine's clocks, but a wall whose hands the test sets.
class SetClock final : public Clock {
 public:
  explicit SetClock(const std::string& wall) : wall_(parse_instant(wall).value()) {}
  BootTime now() const override { return clock_.now(); }
  Instant wall() const override { return wall_; }
  void wait(std::span<const int> fds, std::optional<BootTime> until,
            std::optional<Instant> wall_until) override {
    // Whoever waits for the wall gets there at once: time is not what this is about.
    if (wall_until) {
      wall_ = *wall_until;
      return;
    }
    clock_.wait(fds, until, std::nullopt);
  }

 private:
  SystemClock clock_;
  Instant wall_;
};

/// Lets the jobs that wait for file `go` on as soon as one is late.
class GoWhenLate final : public RunObserver {
 public:
  explicit GoWhenLate(RunFixture& fixture) : fixture_(fixture) {}
  void changed(const LiveRun& run, const std::vector<JobIndex>& jobs) override {
    for (const JobIndex index : jobs) {
      if (run.job(index).late.empty() || !late.empty()) continue;
      late = run.node(index).spec.name + " " + std::string(to_string(run.job(index).state));
      fixture_.write("go", "");
    }
  }
  std::string late;

 private:
  RunFixture& fixture_;
};

}  // namespace

TEST_CASE("deadline: a time on the wall, on a day that follows from the period") {
  CHECK(due("at: \"08:00\"", "2026-01") == "2026-02-01T00:00:00Z");
  CHECK(due("{ at: \"08:00:30\", day: period_last_day + 5 }", "2026-01") == "2026-02-05T00:00:30Z");
  CHECK(due("{ at: \"23:59\", day: period_last_day + param:lag }", "2026-01-31") ==
        "2026-02-03T15:59:00Z");
  // Clocks that skip the time: the first they show after it.
  CHECK(due("{ at: \"02:30\", day: \"'2026-03-08'\" }", "2026-02", "America/New_York") ==
        "2026-03-08T07:00:00Z");
}

TEST_CASE("deadline: what is no time, no day, or needs a calendar is reported where it stands") {
  CHECK(has(due("{ at: \"8\", day: 3 }", "2026-01"),
            "g.yaml:1:7: error: option 'at' must be a time of day, got '8'; write \"08:00\"\n"));
  CHECK(has(due("{ at: \"08:00\", day: 3 }", "2026-01"),
            "error: '3' is worth '3', which is no day; write for example workday(1) or "
            "period_last_day + 2\n"));
  CHECK(has(due("{ at: \"08:00\", day: workday(1) }", "2026-01"),
            "error: day 'workday(1)' needs a calendar; add 'calendar: name' to the graph's "
            "schedule or tallymill.yaml\n"));
  CHECK(has(due("{ at: \"08:00\", day: perid_last_day }", "2026-01"),
            "g.yaml:1:21: error: unknown name 'perid_last_day' in '${...}'; did you mean "
            "'period_last_day'?\n"));
  CHECK(has(loading("  a: { type: test, outputs: { made: x }, tags: [result] }\n",
                    "deadlines: { mode: { at: \"08:00\" } }\n"),
            "graphs/g.yaml:3:14: error: no job of graph 'g' makes 'mode'; did you mean 'made'?"));
}

TEST_CASE("deadline: a run that begins after it is late at once, a second run is not") {
  RunFixture fixture;
  fixture.graph("g", "  a: { type: test, deadline: { at: \"08:00\" } }\n");
  CHECK(fixture.wait(fixture.start({"g", "2020-01"})).exit == 0);
  const auto missed = fixture.view().missed_deadlines("g.2020-01.1");
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].job == "a");
  CHECK(missed[0].deadline == "2020-02-01T08:00:00Z");
  fixture.wait(fixture.start({"g", "2020-01"}));
  CHECK(fixture.view().missed_deadlines("g.2020-01.2").empty());
}

TEST_CASE("deadline: it passes although the job never started, and is recorded once") {
  RunFixture fixture;
  fixture.graph("g", R"(
  slow: { type: test, do: [wait_for: go] }
  last: { type: test, needs: [slow], deadline: { at: "08:00" } }
)");
  const TestCatalog catalog;
  Diagnostics diagnostics;
  SchedulerOptions options;
  options.worker = test_worker();
  options.clock = std::make_shared<SetClock>("2026-01-20T00:00Z");
  Scheduler scheduler(Workspace::load(fixture.root(), catalog, diagnostics), catalog, options);
  REQUIRE(diagnostics.render() == "");
  GoWhenLate observer(fixture);
  const RunEnd end = scheduler.run({.graph = "g", .period = *Period::parse("2026-01")}, observer);
  CHECK(end.verdict == RunVerdict::ok);
  CHECK(observer.late == "last waiting");
  const auto missed = fixture.view().missed_deadlines("g.2026-01.1");
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].job == "last");
  CHECK(missed[0].deadline == "2026-02-01T08:00:00Z");
}

TEST_CASE("deadline: what is done before it is in time; a dataset is done when its gates passed") {
  RunFixture fixture;
  fixture.graph("g", R"(
  made:  { type: test, outputs: { made: x }, deadline: { at: "08:00" }, tags: [result] }
  sound: { type: test, reads: [made], gates: made, on_fail: block, do: [gate: refuse] }
)",
                "deadlines: { made: { at: \"08:00\" } }\n");
  // Both were missed by a run that began too late, and neither by one that began in time.
  CHECK(fixture.wait(fixture.start({"g", "2020-01"})).exit == 3);
  CHECK(fixture.view().missed_deadlines("g.2020-01.1").size() == 2);
  CHECK(fixture.wait(fixture.start({"g", "2199-01"})).exit == 3);
  CHECK(fixture.view().missed_deadlines("g.2199-01.1").empty());
}

TEST_CASE("queue_timeout: a job that gets no slot has failed, and is handled like any failure") {
  RunFixture fixture;
  fixture.write("tallymill.yaml", "workspace: test\nslots: 1\n");
  fixture.graph("g", R"(
  long:  { type: test, priority: 1, do: [wait_for: go] }
  short: { type: test, queue_timeout: 10ms }
  alarm: { type: test, needs: [short], when: one_failed }
)");
  const pid_t probe = fixture.start({"g", "2026-01"});
  fixture.wait_for("marks/long");
  const auto failed = [&] {
    for (const JobRunRecord& job : fixture.view().job_runs("g.2026-01.1"))
      if (job.job == "short" && job.state == JobRunState::failed) return true;
    return false;
  };
  while (!failed()) ::usleep(2000);
  fixture.write("go", "");
  const ProbeEnd end = fixture.wait(probe);
  CHECK(end.exit == 1);
  CHECK(has(end.out,
            "long succeeded\nshort failed (queue_timeout: could start and got no slot for "
            "10ms) transient: could start and got no slot for 10ms\nalarm succeeded\n"));
  CHECK(fixture.tries("short") == 0);
}

TEST_CASE("retries: each class has tries of its own") {
  RunFixture fixture;
  fixture.graph("g", R"(
  memory: { type: test, retries: { memory: 2 }, do: [fail: { class: memory, message: full }] }
  none:   { type: test, retries: { memory: 0, transient: 1 }, backoff: { first: 1ms },
            do: [fail: { class: memory, message: full }] }
  busy:   { type: test, retries: { transient: 2 }, backoff: { first: 1ms },
            do: [fail: { class: transient, message: busy }] }
  data:   { type: test, retries: 5, do: [fail: { class: data, message: bad }] }
)");
  CHECK(fixture.run().exit == 1);
  CHECK(fixture.tries("memory") == 3);
  CHECK(fixture.tries("none") == 1);
  CHECK(fixture.tries("busy") == 3);
  CHECK(fixture.tries("data") == 1);
  CHECK(has(loading("  a: { type: test, retries: { data: 2 } }\n"),
            "graphs/g.yaml:4:31: error: unknown option 'data' for 'retries' of job 'a'; its "
            "options are transient, memory"));
}
