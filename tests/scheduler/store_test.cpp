#include "scheduler/store.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "scheduler/store/migrations.h"
#include "tests/scheduler/fixtures.h"

using namespace tallymill;

namespace {

RunStarted small_run(const std::string& run, int number = 1) {
  RunStarted started;
  started.run = run;
  started.graph = "costs";
  started.period = "2026-01";
  started.number = number;
  started.as_of = "2026-02-01T00:00:00Z";
  started.params = {{"tolerance", {"money", "0.00"}}};
  started.jobs = {"extract", "clean"};
  started.files = {{"graphs/costs.yaml", std::string(64, 'a')}};
  return started;
}

AttemptEnded success(const std::string& attempt, const std::string& digest) {
  AttemptEnded ended;
  ended.run = "costs.2026-01.1";
  ended.job = "extract";
  ended.attempt = attempt;
  ended.state = AttemptState::succeeded;
  ended.job_state = JobRunState::succeeded;
  ended.outcome = "succeeded";
  ended.rows_out = 3;
  ended.fingerprint = "f1";
  ended.ledger = "{}";
  ended.publishes = true;
  ended.versions = {{"orders", false, 3, digest, "", {{"amount", "12.30"}}, {"sound"}}};
  ended.inputs = {{"raw", "2026-01", "", "r-1", "d0"}};
  return ended;
}

/// Runs `extract` of a run to success.
void run_extract(Store& store, const std::string& attempt) {
  store.append(to_event(JobReady{"costs.2026-01.1", "extract", JobRunState::waiting, "f1", {}}));
  store.append(to_event(AttemptStarted{"costs.2026-01.1", "extract", attempt, 1, "ab", 2}));
  store.append(to_event(success(attempt, "d1")));
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.message();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("store: a new store has an id of 128 bits and one event") {
  const TemporaryFolder scratch;
  Store store(scratch / "store.db", "tester");
  CHECK(store.store_id().size() == 32);
  CHECK(store.head().number == 1);
  Store other(scratch / "other.db", "tester");
  CHECK(store.store_id() != other.store_id());
}

TEST_CASE("store: a run's first event makes its job runs and pins its files") {
  const TemporaryFolder scratch;
  Store store(scratch / "store.db", "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  store.commit();
  const auto run = store.view().run("costs.2026-01.1");
  REQUIRE(run);
  CHECK(run->who == "tester");
  CHECK(run->params.at("tolerance").value == "0.00");
  const auto jobs = store.view().job_runs(run->id);
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].job == "extract");
  CHECK(jobs[0].state == JobRunState::waiting);
  CHECK(store.view().run_files(run->id).at(0).path == "graphs/costs.yaml");
}

TEST_CASE("store: what is appended but not committed is gone after a crash") {
  const TemporaryFolder scratch;
  const auto file = scratch / "store.db";
  { Store store(file, "tester"); }
  const pid_t child = ::fork();
  if (child == 0) {
    Store store(file, "tester");
    store.append(to_event(small_run("costs.2026-01.1")));
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  Store store(file, "tester");
  CHECK(store.head().number == 1);
  CHECK_FALSE(store.view().run("costs.2026-01.1"));
}

TEST_CASE("store: at most one open job run per graph, job and period") {
  const TemporaryFolder scratch;
  Store store(scratch / "store.db", "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  CHECK(error_of([&] {
          store.append(to_event(small_run("costs.2026-01.2", 2)));
        }).find("UNIQUE constraint failed") != std::string::npos);
}

TEST_CASE("store: a run may take over the waiting job runs of another") {
  const TemporaryFolder scratch;
  Store store(scratch / "store.db", "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  RunStarted second = small_run("costs.2026-01.2", 2);
  second.takes_over = {{"costs.2026-01.1", "extract"}, {"costs.2026-01.1", "clean"}};
  store.append(to_event(second));
  store.commit();
  const auto old_jobs = store.view().job_runs("costs.2026-01.1");
  CHECK(old_jobs[0].state == JobRunState::cancelled);
  CHECK(old_jobs[0].reason == "taken_over");
  CHECK(store.view().job_runs("costs.2026-01.2")[0].state == JobRunState::waiting);
}

TEST_CASE("store: a success publishes its versions, its result and its inputs at once") {
  const TemporaryFolder scratch;
  Store store(scratch / "store.db", "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  run_extract(store, "a-1");
  store.commit();
  const auto version = store.view().visible("orders", "2026-01");
  REQUIRE(version);
  CHECK(version->id == "a-1");
  CHECK(version->amounts.at("amount") == "12.30");
  CHECK(store.view().gate_state(*version) == GateState::ungated);
  CHECK(store.view().results("costs", "2026-01").at(0).fingerprint == "f1");
  CHECK(store.view().result_inputs("costs", "2026-01", "extract").at(0).version == "r-1");
  CHECK(store.view().attempts("costs.2026-01.1").at(0).state == AttemptState::succeeded);
  CHECK(store.view().open_attempts().empty());
}

TEST_CASE("store: a gate's word decides what the version is to readers") {
  const TemporaryFolder scratch;
  Store store(scratch / "store.db", "tester");
  RunStarted started = small_run("costs.2026-01.1");
  started.jobs = {"extract", "sound"};
  store.append(to_event(started));
  run_extract(store, "a-1");
  const auto judge = [&](bool passed, const std::string& attempt, int number) {
    store.append(to_event(JobReady{"costs.2026-01.1", "sound", JobRunState::waiting, "g", {}}));
    store.append(to_event(AttemptStarted{"costs.2026-01.1", "sound", attempt, number, "cd", 1}));
    AttemptEnded ended;
    ended.run = "costs.2026-01.1";
    ended.job = "sound";
    ended.attempt = attempt;
    ended.state = AttemptState::succeeded;
    ended.job_state = JobRunState::succeeded;
    ended.ledger = "{}";
    ended.verdicts = {{"orders", {"a-1"}, passed}};
    store.append(to_event(ended));
  };
  judge(false, "g-1", 1);
  CHECK(store.view().gate_state(*store.view().visible("orders", "2026-01")) == GateState::refused);
  CHECK(store.view().results("costs", "2026-01").at(1).gate_passed == false);
}

TEST_CASE("store: an event that does not fit the state is a bug, not a change") {
  const TemporaryFolder scratch;
  Store store(scratch / "store.db", "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  CHECK(error_of([&] {
          store.append(to_event(AttemptStarted{"costs.2026-01.1", "extract", "a-1", 1, "ab", 2}));
        }) == "job run costs.2026-01.1 extract is not ready");
}

TEST_CASE("store: the chain verifies, and a changed event is named") {
  const TemporaryFolder scratch;
  const auto file = scratch / "store.db";
  {
    Store store(file, "tester");
    store.append(to_event(small_run("costs.2026-01.1")));
    run_extract(store, "a-1");
    store.commit();
  }
  Database database(file, Database::Mode::write);
  const ChainReport sound = verify_chain(database);
  CHECK(sound.events == 5);
  CHECK(sound.problem.empty());
  database.execute("update event set who = 'somebody else' where number = 3");
  const ChainReport broken = verify_chain(database);
  CHECK(broken.broken_at == 3);
  CHECK(broken.problem == "event 3 was changed after it was written");
  database.execute("delete from event where number = 3");
  CHECK(verify_chain(database).problem == "event 3 is missing");
}

TEST_CASE("store: the tables are a function of the events") {
  const TemporaryFolder scratch;
  Store store(scratch / "store.db", "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  run_extract(store, "a-1");
  store.commit();
  Database& database = store.view().database();
  CHECK(replay_difference(database, scratch / "copy.db") == "");
  database.execute("update version set row_count = 4");
  CHECK(replay_difference(database, scratch / "copy2.db") == "version");
}

TEST_CASE("store: a store of a newer program is refused by writers and readers") {
  const TemporaryFolder scratch;
  const auto file = scratch / "store.db";
  { Store store(file, "tester"); }
  {
    Database database(file, Database::Mode::write);
    database.execute("pragma user_version = 99");
  }
  const std::string expected = "the store '" + file.string() + "' has schema 99, this tallymill " +
                               std::to_string(latest_schema()) +
                               "; a newer tallymill wrote it: use that one";
  CHECK(error_of([&] { Store store(file, "tester"); }) == expected);
  CHECK(error_of([&] { StoreView::open(file); }) == expected);
}

TEST_CASE("store: readers of a workspace that never ran see that there is nothing") {
  const TemporaryFolder scratch;
  CHECK_FALSE(StoreView::open(scratch / "store.db"));
}
