// Nothing has changed: one event says so of many jobs, and of a large graph without looking at any.
#include <doctest/doctest.h>

#include "scheduler/audit.h"
#include "scheduler/settled.h"
#include "tests/scheduler/virtual_fixture.h"

using namespace tallymill;

namespace {

constexpr const char* kThree = R"(
  a: { type: test, outputs: { a: one } }
  b: { type: test, outputs: { b: two } }
  c: { type: test, reads: [a, b], outputs: { c: three }, tags: [result] }
)";

VirtualEnd well(const Task& task) { return virtual_success(task, std::chrono::seconds(1)); }

StoreView view_of(const VirtualFixture& fixture) {
  return StoreView::open(fixture.state() / "store.db").value();
}

std::vector<std::string> kinds_of(StoreView& view, const std::string& run) {
  std::vector<std::string> kinds;
  for (const StoredEvent& event : audit_events(view, {.run = run, .job = {}, .limit = 1000}))
    kinds.push_back(event.event.kind);
  return kinds;
}

std::string differences(const VirtualFixture& fixture) {
  Database store(fixture.state() / "store.db", Database::Mode::write);
  const auto copy = fixture.state() / "copy.db";
  for (const char* rest : {"", "-wal", "-shm"}) std::filesystem::remove(copy.string() + rest);
  return replay_difference(store, copy);
}

/// Just over the bound of what is looked at job by job. The first job makes a dataset.
std::string large(const std::string& text = "x") {
  std::string jobs = "  j0: { type: test, outputs: { d0: " + text + " }, tags: [result] }\n";
  for (std::size_t i = 1; i < kLargeGraph; ++i)
    jobs += "  j" + std::to_string(i) + ": { type: test, needs: j0 }\n";
  return jobs;
}

}  // namespace

TEST_CASE("sweep: jobs found up to date together are one event") {
  const VirtualFixture fixture(2, kThree);
  REQUIRE(fixture.run(well).attempts == 3);
  CHECK(fixture.run(well).attempts == 0);
  StoreView view = view_of(fixture);
  CHECK(kinds_of(view, "g.2026-01.2") ==
        std::vector<std::string>{"run_started", "jobs_up_to_date", "run_ended"});
  for (const JobRunRecord& job : view.job_runs("g.2026-01.2")) {
    CHECK(job.state == JobRunState::up_to_date);
    CHECK(job.reason == "same_fingerprint");
    CHECK(job.fingerprint.size() == 64U);
  }
  CHECK(audit_events(view, {.run = "g.2026-01.2", .job = "b", .limit = 9}).size() == 1);
  CHECK(differences(fixture) == "");
}

TEST_CASE("sweep: a large graph that is settled is one sweep, and its jobs are told all the same") {
  const VirtualFixture fixture(64, large());
  REQUIRE(fixture.run(well).attempts == kLargeGraph);
  const VirtualRun second = fixture.run(well);
  CHECK(second.attempts == 0);
  CHECK(second.verdict == RunVerdict::ok);
  CHECK(second.states.size() == kLargeGraph);
  CHECK(second.states.at("j7") == JobRunState::up_to_date);
  StoreView view = view_of(fixture);
  CHECK(kinds_of(view, "g.2026-01.2") == std::vector<std::string>{"run_started", "run_ended"});
  CHECK(view.run("g.2026-01.2")->as == "g.2026-01.1");
  CHECK(view.job_runs("g.2026-01.2").size() == kLargeGraph);
  CHECK(view.job_runs("g.2026-01.2").front().state == JobRunState::up_to_date);
  // And once more, by the same run.
  CHECK(fixture.run(well).attempts == 0);
  CHECK(view_of(fixture).run("g.2026-01.3")->as == "g.2026-01.1");
  CHECK(differences(fixture) == "");
}

TEST_CASE("sweep: whatever may have changed a result makes every job looked at again") {
  const VirtualFixture fixture(64, large());
  REQUIRE(fixture.run(well).attempts == kLargeGraph);
  SUBCASE("an edited graph") {
    fixture.write("graphs/g.yaml", "graph: g\nperiod: month\njobs:\n" + large("y"));
    CHECK(fixture.run(well).attempts == 1);
  }
  SUBCASE("a version that somebody deleted") {
    const auto version = view_of(fixture).visible("d0", "2026-01").value();
    const auto folder = StateFolder(fixture.state()).version("d0", "2026-01", "", version.id);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    std::filesystem::remove_all(folder);
    CHECK(fixture.run(well).attempts == 1);
  }
  SUBCASE("a forced run") { CHECK(fixture.run(well, true).attempts == kLargeGraph); }
  SUBCASE("a forgotten cache is found out again, job by job") {
    std::filesystem::remove_all(fixture.state() / "cache");
    CHECK(fixture.run(well).attempts == 0);
    StoreView view = view_of(fixture);
    CHECK(view.run("g.2026-01.2")->as == "");
  }
  SUBCASE("a cache of another store") {
    const auto file = fixture.state() / "cache" / "settled" / "g.2026-01";
    json::object settled = parse_json(read_file(file), "settled").as_object();
    settled["hash"] = std::string(64, '0');
    std::filesystem::remove(file);
    write_all(open_for_appending(file), json::serialize(settled), file);
    CHECK(fixture.run(well).attempts == 0);
    CHECK(view_of(fixture).run("g.2026-01.2")->as == "");
  }
}

TEST_CASE("sweep: a run that a service worked on settles its graph, too") {
  const VirtualFixture fixture(64, large());
  const TestCatalog catalog;
  Diagnostics diagnostics;
  const auto executor = std::make_shared<VirtualExecutor>(well);
  SchedulerOptions options;
  options.executor = executor;
  options.clock = std::make_shared<VirtualClock>(*executor);
  {
    Scheduler scheduler(Workspace::load(fixture.root(), catalog, diagnostics), catalog, options);
    // As the socket hands it in.
    scheduler.submit_for({.graph = "g", .period = Period::parse("2026-01").value()},
                         std::make_shared<RunObserver>(), true);
    scheduler.loop().run_until_stuck();
  }
  REQUIRE(executor->spawned() == kLargeGraph);
  CHECK(fixture.run(well).attempts == 0);
  CHECK(view_of(fixture).run("g.2026-01.2")->as == "g.2026-01.1");
}
