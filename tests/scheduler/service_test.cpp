#include "scheduler/service.h"

#include <doctest/doctest.h>

#include "scheduler/backfill_store.h"
#include "scheduler/cascade_run.h"
#include "scheduler/rerun_plan.h"
#include "tests/scheduler/service_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

constexpr const char* kWaiting = R"(
  a: { type: test, outputs: { a: x }, do: [{ wait_for: go }] }
  b: { type: test, reads: [a], outputs: { b: x }, tags: [result] }
)";

/// What a client that follows is told, up to the end of its run.
std::vector<json::object> lines_to_the_end(SocketClient& client) {
  std::vector<json::object> lines;
  for (;;) {
    const auto line = client.next(std::chrono::milliseconds(-1));
    if (!line) return lines;
    lines.push_back(*line);
    if (line->contains("ended") || line->contains("error")) return lines;
  }
}

}  // namespace

TEST_CASE("service: two clients that ask for the same run follow one run to its end") {
  ServiceFixture fixture;
  fixture.graph("g", kWaiting);
  fixture.serve();
  SocketClient first = fixture.connect();
  SocketClient second = fixture.connect();
  first.send(to_wire(fixture.request("g")));
  fixture.wait_for("marks/a");
  second.send(to_wire(fixture.request("g")));
  CHECK(json_text(second.next(std::chrono::milliseconds(-1)).value(), "run") == "g.2026-01.1");
  fixture.write("go", "");
  for (SocketClient* client : {&first, &second}) {
    const auto lines = lines_to_the_end(*client);
    REQUIRE(!lines.empty());
    CHECK(json_text(lines.back(), "ended") == "ok");
  }
  CHECK(fixture.tries("a") == 1);
  CHECK(fixture.view().runs("g", 10).size() == 1);
  CHECK(fixture.view().run("g.2026-01.1")->who == user_name());
  CHECK(fixture.stop(SIGTERM).exit == 0);
  CHECK(fixture.store_problem() == "");
}

TEST_CASE("service: a wrong request is refused with the reason and changes nothing") {
  ServiceFixture fixture;
  fixture.graph("g", kWaiting);
  fixture.serve();
  CHECK(fixture.submit("h") == "unknown graph 'h'; the graphs are g");
  CHECK(fixture.ask({{"format", 1}, {"request", "dance"}}) == "unknown request 'dance'");
  CHECK(has(fixture.ask({{"format", 99}, {"request", "run"}}), "speaks another format"));
  CHECK(has(fixture.ask({{"format", 1}, {"request", "run"}}), "period"));
  CHECK(has(fixture.operate(RunOperationKind::cancel, "g.2026-01.1"), "nothing has run yet"));
  CHECK(fixture.view().runs("", 10).empty());
}

TEST_CASE("service: killed with runs in flight, the next one brings each to its end, once") {
  ServiceFixture fixture;
  fixture.graph("g", kWaiting);
  fixture.graph("h",
                "  c: { type: test, outputs: { c: x }, tags: [result], do: [{ wait_for: go }] }\n");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  CHECK(fixture.submit("h") == "");
  fixture.wait_for("marks/a");
  fixture.wait_for("marks/c");
  fixture.stop(SIGKILL);
  fixture.write("go", "");
  fixture.serve();
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.ends("h.2026-01.1"));
  CHECK(fixture.visible().size() == 3);
  CHECK(fixture.folders_on_disk() == 3);
  fixture.stop(SIGTERM);
  CHECK(fixture.store_problem() == "");
}

TEST_CASE("service: told to end, it leaves its runs to the next one") {
  ServiceFixture fixture;
  fixture.graph("g", kWaiting);
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  fixture.wait_for("marks/a");
  CHECK(fixture.stop(SIGTERM).exit == 0);
  CHECK(fixture.view().open_attempts().empty());
  CHECK(fixture.job_run("g.2026-01.1", "a").state == JobRunState::ready);
  CHECK(!std::filesystem::exists(fixture.state() / "socket"));
  fixture.write("go", "");
  fixture.serve();
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.view().run("g.2026-01.1")->verdict == "ok");
}

TEST_CASE("cancel: a job that ignores TERM is killed, and its run ends") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, do: [{ ignore_term: yes }, { sleep: 600s }] }
  b: { type: test, reads: [a], outputs: { b: x }, tags: [result] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  fixture.wait_for("marks/a");
  CHECK(fixture.operate(RunOperationKind::cancel, "g.2026-01.1") == "");
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.job_run("g.2026-01.1", "a").state == JobRunState::cancelled);
  CHECK(fixture.job_run("g.2026-01.1", "a").reason == "asked: a test");
  CHECK(fixture.job_run("g.2026-01.1", "b").reason == "asked: a test");
  CHECK(fixture.view().run("g.2026-01.1")->verdict == "interrupted");
  CHECK(!FileLock::is_held(fixture.state() / "attempts/g.2026-01.1/a.1/task.json"));
}

TEST_CASE("cancel: of one job leaves the others to go on") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, do: [{ sleep: 600s }] }
  b: { type: test, reads: [a], outputs: { b: x }, tags: [result] }
  c: { type: test, outputs: { c: x }, tags: [result], do: [{ wait_for: go }] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  fixture.wait_for("marks/a");
  fixture.wait_for("marks/c");
  CHECK(fixture.operate(RunOperationKind::cancel, "g.2026-01.1", "a") == "");
  CHECK(fixture.reaches("g.2026-01.1", "a", JobRunState::cancelled));
  CHECK(fixture.operate(RunOperationKind::cancel, "g.2026-01.1", "a") ==
        "job 'a' of run g.2026-01.1 is cancelled; there is nothing to cancel");
  fixture.write("go", "");
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.job_run("g.2026-01.1", "c").state == JobRunState::succeeded);
  CHECK(has(fixture.job_run("g.2026-01.1", "b").reason, "blocked: behind a (cancelled)"));
}

TEST_CASE("cancel: once it is acknowledged, killing the service does not undo it") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, tags: [result], do: [{ ignore_term: yes }, { sleep: 600s }] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  fixture.wait_for("marks/a");
  CHECK(fixture.operate(RunOperationKind::cancel, "g.2026-01.1") == "");
  fixture.stop(SIGKILL);
  fixture.serve();
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.job_run("g.2026-01.1", "a").state == JobRunState::cancelled);
  CHECK(fixture.job_run("g.2026-01.1", "a").reason == "asked: a test");
  CHECK(fixture.tries("a") == 1);
  CHECK(fixture.store_problem() == "");
}

TEST_CASE("cancel: a job that is being ended for its timeout is not tried again") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, tags: [result], timeout: 50ms, retries: 100,
       backoff: { first: 1ms, max: 1ms }, do: [{ ignore_term: yes }, { sleep: 600s }] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  const auto is_stopped = [&] {
    for (const AttemptRecord& attempt : fixture.view().open_attempts())
      if (attempt.stop == "timeout") return true;
    return false;
  };
  REQUIRE(fixture.soon(is_stopped));
  const std::string word = fixture.operate(RunOperationKind::cancel, "g.2026-01.1");
  CHECK(word == "");
  SUBCASE("by the service that was asked") {}
  SUBCASE("by the next one") {
    fixture.stop(SIGKILL);
    fixture.serve();
  }
  REQUIRE(fixture.ends("g.2026-01.1"));
  CHECK(fixture.job_run("g.2026-01.1", "a").state == JobRunState::cancelled);
}

TEST_CASE("rerun: of a job that is running it is refused, and the service lives on") {
  ServiceFixture fixture;
  fixture.graph("g", kWaiting);
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  fixture.wait_for("marks/a");
  const TestCatalog catalog;
  Diagnostics diagnostics;
  const Workspace workspace = Workspace::load(fixture.root(), catalog, diagnostics);
  StoreView view = fixture.view();
  RerunRequest request{.of = "g.2026-01.1", .selection = {}, .digest = {}};
  request.digest =
      plan_rerun(workspace, view, view.run(request.of).value(), request.selection).digest;
  CHECK(fixture.ask(to_wire(request)) ==
        "job 'a' of run g.2026-01.1 is running; wait for its end, or cancel it first: "
        "tallymill cancel g.2026-01.1 a");
  fixture.write("go", "");
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.view().runs("g", 10).size() == 1);
  CHECK(fixture.view().run("g.2026-01.1")->verdict == "ok");
}

TEST_CASE("pause: nothing starts, also after a restart, until it is resumed") {
  ServiceFixture fixture;
  fixture.graph("g", kWaiting);
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  fixture.wait_for("marks/a");
  CHECK(fixture.operate(RunOperationKind::pause, "g.2026-01.1") == "");
  CHECK(fixture.operate(RunOperationKind::pause, "g.2026-01.1") ==
        "run g.2026-01.1 is paused already");
  fixture.write("go", "");
  CHECK(fixture.reaches("g.2026-01.1", "b", JobRunState::ready));
  fixture.stop(SIGKILL);
  fixture.serve();
  CHECK(fixture.logged("event=run_waits run=g.2026-01.1"));
  CHECK(fixture.job_run("g.2026-01.1", "b").state == JobRunState::ready);
  CHECK(fixture.view().run("g.2026-01.1")->state == RunState::paused);
  CHECK(fixture.operate(RunOperationKind::resume, "g.2026-01.1") == "");
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.view().run("g.2026-01.1")->verdict == "ok");
}

TEST_CASE("approval: nothing behind it starts before a person has said yes") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x } }
  agreed: { type: test, approval: true, reads: [a], ask: "is the total right?" }
  b: { type: test, needs: [agreed], outputs: { b: x }, tags: [result] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  CHECK(fixture.logged("why=\"waits for approval: is the total right?\""));
  CHECK(has(fixture.operate(RunOperationKind::approve, "g.2026-01.1", "b"), "is no approval job"));
  CHECK(fixture.operate(RunOperationKind::approve, "g.2026-01.1", "agreed") == "");
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.job_run("g.2026-01.1", "agreed").reason ==
        "approved by " + user_name() + ": a test");
  CHECK(fixture.job_run("g.2026-01.1", "b").state == JobRunState::succeeded);
}

TEST_CASE("approval: a no blocks what comes after it") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  agreed: { type: test, approval: true }
  b: { type: test, needs: [agreed], outputs: { b: x }, tags: [result] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  CHECK(fixture.logged("why=\"waits for approval\""));
  CHECK(fixture.operate(RunOperationKind::reject, "g.2026-01.1", "agreed") == "");
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.view().run("g.2026-01.1")->verdict == "failed");
  CHECK(fixture.tries("b") == 0);
}

TEST_CASE("mark: what was behind a failed job goes on when it is marked success") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, do: [{ fail: { class: data, message: no } }] }
  b: { type: test, needs: [a], outputs: { b: x }, tags: [result] }
  c: { type: test, outputs: { c: x }, tags: [result], do: [{ wait_for: go }] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  CHECK(fixture.reaches("g.2026-01.1", "a", JobRunState::failed));
  CHECK(has(fixture.operate(RunOperationKind::mark, "g.2026-01.1", "c"), "is running; cancel it"));
  CHECK(fixture.operate(RunOperationKind::mark, "g.2026-01.1", "a", JobRunState::succeeded) == "");
  CHECK(fixture.reaches("g.2026-01.1", "b", JobRunState::succeeded));
  fixture.write("go", "");
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.view().run("g.2026-01.1")->verdict == "ok");
  CHECK(fixture.job_run("g.2026-01.1", "a").reason == "marked by " + user_name() + ": a test");
  fixture.stop(SIGTERM);
  CHECK(fixture.store_problem() == "");
}

TEST_CASE("mark: success needs a visible version, and a gate cannot be opened by hand") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, do: [{ fail: { class: data, message: no } }] }
  b: { type: test, outputs: { b: x } }
  gate: { type: test, reads: [b], gates: b, on_fail: block, do: [{ gate: refuse }] }
  c: { type: test, outputs: { c: x }, tags: [result], do: [{ wait_for: go }] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  CHECK(fixture.reaches("g.2026-01.1", "a", JobRunState::failed));
  CHECK(fixture.reaches("g.2026-01.1", "gate", JobRunState::succeeded));
  CHECK(has(fixture.operate(RunOperationKind::mark, "g.2026-01.1", "a", JobRunState::succeeded),
            "job 'a' has no visible version of 'a' for 2026-01"));
  CHECK(fixture.operate(RunOperationKind::mark, "g.2026-01.1", "gate", JobRunState::failed) == "");
  CHECK(has(fixture.operate(RunOperationKind::mark, "g.2026-01.1", "gate", JobRunState::succeeded),
            "is a gate: only data that passes it opens it"));
}

TEST_CASE("rerun: of what failed, while the rest of the run is still at work") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, do: [{ source: missing }] }
  b: { type: test, reads: [a], outputs: { b: x }, tags: [result] }
  c: { type: test, outputs: { c: x }, tags: [result], do: [{ wait_for: go }] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  fixture.wait_for("marks/c");
  CHECK(fixture.reaches("g.2026-01.1", "a", JobRunState::failed));
  fixture.write("missing", "now it is there");
  RerunRequest request{.of = "g.2026-01.1", .selection = {.failed = true}, .digest = "0"};
  const std::string refused = fixture.ask(to_wire(request));
  REQUIRE(has(refused, "the plan has changed: it is "));
  request.digest = refused.substr(std::string("the plan has changed: it is ").size(), 12);
  CHECK(fixture.ask(to_wire(request)) == "");
  CHECK(fixture.ends("g.2026-01.2"));
  CHECK(fixture.view().run("g.2026-01.2")->verdict == "ok");
  CHECK(fixture.job_run("g.2026-01.1", "b").reason == "taken_over");
  CHECK(fixture.view().run("g.2026-01.1")->state == RunState::active);
  fixture.write("go", "");
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.visible().size() == 3);
  fixture.stop(SIGTERM);
  CHECK(fixture.store_problem() == "");
}

TEST_CASE("rerun: beside its run, it waits for what that one still makes") {
  ServiceFixture fixture;
  fixture.graph("g", R"(
  a: { type: test, outputs: { a: x }, do: [{ source: missing }] }
  slow: { type: test, outputs: { slow: x }, do: [{ wait_for: go }] }
  b: { type: test, reads: [a, slow], outputs: { b: x }, tags: [result] }
)");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  fixture.wait_for("marks/slow");
  CHECK(fixture.reaches("g.2026-01.1", "a", JobRunState::failed));
  fixture.write("missing", "now it is there");
  RerunRequest request{.of = "g.2026-01.1", .selection = {.failed = true}, .digest = "0"};
  const std::string refused = fixture.ask(to_wire(request));
  request.digest = refused.substr(std::string("the plan has changed: it is ").size(), 12);
  CHECK(fixture.ask(to_wire(request)) == "");
  CHECK(fixture.logged("why=\"'slow' of 2026-01 is still being made by run g.2026-01.1\""));
  fixture.write("go", "");
  CHECK(fixture.ends("g.2026-01.2"));
  CHECK(fixture.view().run("g.2026-01.2")->verdict == "ok");
}

TEST_CASE("service: a late file makes its run due, and the run takes it") {
  ServiceFixture fixture;
  fixture.write("incoming/.keep", "");
  fixture.write("graphs/g.yaml",
                "graph: g\nperiod: month\n"
                "triggers: [{ file: \"incoming/u.csv\", control: \"incoming/u.ok\" }]\n"
                "jobs:\n  a: { type: test, outputs: { a: x }, tags: [result] }\n");
  fixture.serve();
  CHECK(fixture.logged("event=started"));
  fixture.write("incoming/u.csv", "late");
  fixture.write("incoming/u.ok", "");
  CHECK(fixture.logged("verdict=ok"));
  CHECK(has(fixture.log(), "cause=\"file incoming/u.csv\""));
  CHECK(fixture.view().runs("g", 10).size() == 1);
}

TEST_CASE("service: a graph that reads another one's data runs when it is published") {
  ServiceFixture fixture;
  fixture.graph("g", "  a: { type: test, outputs: { a: x } }\n");
  fixture.graph("h", "  b: { type: test, reads: [a], outputs: { b: x }, tags: [result] }\n",
                "triggers: [{ dataset: a }]\n");
  fixture.serve();
  CHECK(fixture.logged("event=started"));
  CHECK(fixture.submit("g") == "");
  CHECK(fixture.ends("h.2026-01.1"));
  CHECK(fixture.view().run("h.2026-01.1")->verdict == "ok");
}

TEST_CASE("service: edits count at once, a broken one leaves the version before alive") {
  ServiceFixture fixture;
  const auto graph = [&](const std::string& text) {
    fixture.graph("g", "  a: { type: test, outputs: { a: " + text + " }, tags: [result] }\n");
  };
  graph("one");
  fixture.serve();
  CHECK(fixture.logged("event=started"));
  fixture.write("graphs/g.yaml", "graph: g\nperiod: month\njobs:\n  a: { type: test\n");
  CHECK(fixture.logged("event=reload_refused"));
  CHECK(fixture.logged("graphs/g.yaml:"));
  CHECK(fixture.logged(": error: "));
  CHECK(fixture.submit("g") == "");
  CHECK(fixture.ends("g.2026-01.1"));
  const std::string before = fixture.visible().at("a");
  graph("two");
  CHECK(fixture.logged("event=reloaded graphs=1"));
  CHECK(fixture.submit("g") == "");
  CHECK(fixture.ends("g.2026-01.2"));
  CHECK(fixture.visible().at("a") != before);
}

TEST_CASE("service: a run goes on with the graph it was started with") {
  ServiceFixture fixture;
  fixture.graph("g", kWaiting);
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  fixture.wait_for("marks/a");
  fixture.graph("g", "  other: { type: test, outputs: { other: x }, tags: [result] }\n");
  CHECK(fixture.logged("event=reloaded"));
  fixture.write("go", "");
  CHECK(fixture.ends("g.2026-01.1"));
  CHECK(fixture.job_run("g.2026-01.1", "b").state == JobRunState::succeeded);
}

namespace {

BackfillRequest quarter(const std::string& name) {
  return {.graph = "g",
          .from = Period::parse("2026-01").value(),
          .to = Period::parse("2026-03").value(),
          .name = name};
}

bool is_done(const ServiceFixture& fixture, const std::string& name) {
  StoreView view = fixture.view();
  const auto record = find_backfill(view, name);
  return record && !record->ended_at.empty();
}

/// The client of backfill q1, whose first job is at work.
SocketClient begin_quarter(ServiceFixture& fixture) {
  SocketClient client = fixture.connect();
  client.send(to_wire(quarter("q1"), ""));
  fixture.wait_for("marks/a");
  return client;
}

constexpr const char* kMonths =
    "  a: { type: test, outputs: { a: x }, tags: [result], do: [{ wait_for: go }] }\n";

}  // namespace

TEST_CASE(
    "service: a backfill runs beside everything else, and its client is told of each period") {
  ServiceFixture fixture;
  fixture.graph("g", kMonths);
  fixture.graph("h", "  c: { type: test, outputs: { c: x } }\n");
  fixture.serve();
  SocketClient client = begin_quarter(fixture);
  CHECK(fixture.submit("h") == "");
  CHECK(fixture.ends("h.2026-01.1"));
  fixture.write("go", "");
  std::vector<std::string> periods;
  for (const json::object& line : lines_to_the_end(client))
    if (line.contains("period"))
      periods.push_back(json_text(line, "period") + " " + json_text(line, "verdict"));
  CHECK(periods == std::vector<std::string>{"2026-01 ok", "2026-02 ok", "2026-03 ok"});
  CHECK(is_done(fixture, "q1"));
  SocketClient again = fixture.connect();
  again.send(to_wire(quarter("q1"), ""));
  CHECK(json_text(lines_to_the_end(again).back(), "ended") == "ok");
  CHECK(fixture.tries("a") == 3);
  CHECK(has(fixture.ask(to_wire(quarter("q2"), "0123456789ab")), "the plan has changed"));
  CHECK(fixture.stop(SIGTERM).exit == 0);
  CHECK(fixture.store_problem() == "");
}

TEST_CASE("service: killed in a backfill, the next one goes on with it by itself") {
  ServiceFixture fixture;
  fixture.graph("g", kMonths);
  fixture.serve();
  SocketClient client = begin_quarter(fixture);
  fixture.stop(SIGKILL);
  fixture.write("go", "");
  fixture.serve();
  CHECK(fixture.soon([&] { return is_done(fixture, "q1"); }));
  CHECK(fixture.view().visible_versions("a").size() == 3);
  CHECK(fixture.folders_on_disk() == 3);
  CHECK(fixture.store_problem() == "");
}

TEST_CASE("service: a backfill that its client interrupts begins nothing more until asked again") {
  ServiceFixture fixture;
  fixture.graph("g", kMonths);
  fixture.serve();
  SocketClient client = begin_quarter(fixture);
  client.send({{"format", kWireFormat}, {"request", "interrupt"}, {"insist", true}});
  CHECK(json_text(lines_to_the_end(client).back(), "ended") == "interrupted");
  fixture.stop(SIGTERM);
  fixture.write("go", "");
  fixture.serve();
  CHECK(fixture.submit("g") == "");
  CHECK(fixture.ends("g.2026-01.2"));
  CHECK(fixture.view().runs("g", 10).size() == 2);
  SocketClient again = fixture.connect();
  again.send(to_wire(quarter("q1"), ""));
  CHECK(json_text(lines_to_the_end(again).back(), "ended") == "ok");
  CHECK(fixture.store_problem() == "");
}

namespace {

/// `up` has run, and `down`, which reads what it made; from now on `u` waits for go.
void run_both(ServiceFixture& fixture) {
  fixture.graph("up", "  u: { type: test, outputs: { u: x }, do: [{ wait_for: go }] }\n");
  fixture.graph("down", "  d: { type: test, reads: [u], outputs: { d: x }, tags: [result] }\n");
  fixture.write("go", "");
  REQUIRE(fixture.run("up").exit == 0);
  REQUIRE(fixture.run("down").exit == 0);
  std::filesystem::remove(fixture.root() / "go");
}

RerunRequest cascade_of_up(const ServiceFixture& fixture) {
  Diagnostics diagnostics;
  const Workspace workspace = Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  StoreView view = fixture.view();
  const RerunSelection selection{.job = "u", .cascade = true};
  const RunRecord of = view.run("up.2026-01.1").value();
  return {of.id, selection, plan_rerun(workspace, view, of, selection).digest};
}

}  // namespace

TEST_CASE(
    "service: a rerun goes on into the graphs that read from it, and says when it has ended") {
  ServiceFixture fixture;
  run_both(fixture);
  fixture.serve();
  SocketClient client = fixture.connect();
  client.send(to_wire(cascade_of_up(fixture)));
  fixture.write("go", "");
  std::vector<std::string> seen;
  for (;;) {
    const auto line = client.next(std::chrono::milliseconds(-1));
    REQUIRE(line);
    if (line->contains("ended")) seen.push_back(json_text(*line, "run"));
    if (line->contains("error")) FAIL(json::serialize(*line));
    if (!line->contains("cascade_left")) continue;
    CHECK(json_integer(*line, "cascade_left") == 0);
    CHECK(json_text(*line, "verdict") == "ok");
    break;
  }
  CHECK(seen == std::vector<std::string>{"up.2026-01.2", "down.2026-01.2"});
  CHECK(fixture.stop(SIGTERM).exit == 0);
  CHECK(fixture.store_problem() == "");
}

TEST_CASE("service: killed in a cascade, the next one goes on with what follows") {
  ServiceFixture fixture;
  run_both(fixture);
  fixture.serve();
  CHECK(fixture.ask(to_wire(cascade_of_up(fixture))) == "");
  CHECK(fixture.reaches("up.2026-01.2", "u", JobRunState::running));
  fixture.stop(SIGKILL);
  fixture.write("go", "");
  fixture.serve();
  CHECK(fixture.ends("down.2026-01.2"));
  CHECK(fixture.logged("event=rerun_resumed run=up.2026-01.2"));
  CHECK(fixture.soon([&] {
    StoreView view = fixture.view();
    return open_cascades(view).empty();
  }));
  CHECK(fixture.stop(SIGTERM).exit == 0);
  CHECK(fixture.store_problem() == "");
}
