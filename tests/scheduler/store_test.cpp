#include "scheduler/store.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "scheduler/store/copy.h"
#include "scheduler/store/dialect.h"
#include "scheduler/store/migrations.h"
#include "tests/scheduler/store_backends.h"

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

}  // namespace

TEST_CASE_TEMPLATE("store: a new store has an id of 128 bits and one event", Backend, SqliteBackend,
                   PostgresqlBackend) {
  const Backend backend;
  Store store(backend.address(), "tester");
  CHECK(store.store_id().size() == 32);
  CHECK(store.head().number == 1);
  Store other(backend.address("other"), "tester");
  CHECK(store.store_id() != other.store_id());
}

TEST_CASE_TEMPLATE("store: a run's first event makes its job runs and pins its files", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  Store store(backend.address(), "tester");
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

TEST_CASE_TEMPLATE("store: what is appended but not committed is gone after a crash", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  const StoreAddress address = backend.address();
  { Store store(address, "tester"); }
  const pid_t child = ::fork();
  if (child == 0) {
    Store store(address, "tester");
    store.append(to_event(small_run("costs.2026-01.1")));
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  Store store(address, "tester");
  CHECK(store.head().number == 1);
  CHECK_FALSE(store.view().run("costs.2026-01.1"));
}

TEST_CASE_TEMPLATE("store: at most one open job run per graph, job and period", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  Store store(backend.address(), "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  // Each database says so in its own words, and with the name of the index or its columns.
  const std::string problem =
      error_of([&] { store.append(to_event(small_run("costs.2026-01.2", 2))); });
  CHECK(problem.starts_with(backend.address().text() + " failed: "));
  CHECK(problem.find("job_run") != std::string::npos);
  CHECK(error_of([&] { store.commit(); }) == problem);
}

TEST_CASE_TEMPLATE("store: a run may take over the waiting job runs of another", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  Store store(backend.address(), "tester");
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

TEST_CASE_TEMPLATE("store: a success publishes its versions, its result and its inputs at once",
                   Backend, SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  Store store(backend.address(), "tester");
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

TEST_CASE_TEMPLATE("store: a gate's word decides what the version is to readers", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  Store store(backend.address(), "tester");
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

TEST_CASE_TEMPLATE("store: an event that does not fit the state is a bug, not a change", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  Store store(backend.address(), "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  CHECK(error_of([&] {
          store.append(to_event(AttemptStarted{"costs.2026-01.1", "extract", "a-1", 1, "ab", 2}));
        }) == "job run costs.2026-01.1 extract is not ready");
}

TEST_CASE_TEMPLATE("store: the chain verifies, and a changed event is named", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  const StoreAddress address = backend.address();
  {
    Store store(address, "tester");
    store.append(to_event(small_run("costs.2026-01.1")));
    run_extract(store, "a-1");
    store.commit();
  }
  Database database(address, Database::Mode::write);
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

TEST_CASE_TEMPLATE("store: the tables are a function of the events", Backend, SqliteBackend,
                   PostgresqlBackend) {
  const Backend backend;
  Store store(backend.address(), "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  run_extract(store, "a-1");
  store.commit();
  Database& database = store.view().database();
  const TemporaryFolder scratch;
  CHECK(replay_difference(database, scratch / "copy.db") == "");
  database.execute("update version set row_count = 4");
  CHECK(replay_difference(database, scratch / "copy2.db") == "version");
}

TEST_CASE_TEMPLATE("store: a store of a newer program is refused by writers and readers", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  const StoreAddress address = backend.address();
  { Store store(address, "tester"); }
  {
    Database database(address, Database::Mode::write);
    database.dialect().set_schema(database, 99);
  }
  const std::string expected = address.text() + " has schema 99, this tallymill " +
                               std::to_string(latest_schema()) +
                               "; a newer tallymill wrote it: use that one";
  CHECK(error_of([&] { Store store(address, "tester"); }) == expected);
  CHECK(error_of([&] { StoreView::open(address); }) == expected);
}

TEST_CASE_TEMPLATE("store: readers of a workspace that never ran see that there is nothing",
                   Backend, SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  CHECK_FALSE(StoreView::open(backend.address()));
}

TEST_CASE_TEMPLATE("store: texts come back as every database can keep them", Backend, SqliteBackend,
                   PostgresqlBackend) {
  const Backend backend;
  Store store(backend.address(), "tester");
  store.append(to_event(small_run("costs.2026-01.1")));
  store.append(to_event(JobReady{"costs.2026-01.1", "extract", JobRunState::waiting, "f1", {}}));
  store.append(to_event(AttemptStarted{"costs.2026-01.1", "extract", "a-1", 1, "ab", 2}));
  AttemptEnded ended;
  ended.run = "costs.2026-01.1";
  ended.job = "extract";
  ended.attempt = "a-1";
  ended.error = std::string("it said \xFF and \0, '\xE6\xB1\x89'; :p0 \\", 29);
  ended.ledger = "{}";
  store.append(to_event(ended));
  store.commit();
  CHECK(store.view().attempts("costs.2026-01.1").at(0).error ==
        "it said \xEF\xBF\xBD and \xEF\xBF\xBD, '\xE6\xB1\x89'; :p0 \\");
  CHECK(verify_chain(store.view().database()).problem.empty());
}

TEST_CASE_TEMPLATE("store: a copy in the other database has the same chain and the same tables",
                   Backend, SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  const TemporaryFolder scratch;
  ChainHead head;
  {
    Store store(backend.address(), "tester");
    store.append(to_event(small_run("costs.2026-01.1")));
    run_extract(store, "a-1");
    store.commit();
    head = store.head();
  }
  const SqliteBackend files;
  const PostgresqlBackend schemas;
  for (const StoreAddress& address : {files.address("copy"), schemas.address("copy")}) {
    Database source(backend.address(), Database::Mode::read);
    Database target(address, Database::Mode::write);
    CHECK(copy_store(source, target).hash == head.hash);
    CHECK(different_table(source, target) == "");
    CHECK(verify_chain(target).head.hash == head.hash);
    CHECK(error_of([&] { copy_store(source, target); }) ==
          address.text() + " is not empty: a store is copied only into an empty one");
  }
}

TEST_CASE_TEMPLATE("store: one whose tables do not fit its events is not copied", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  {
    Store store(backend.address(), "tester");
    store.append(to_event(small_run("costs.2026-01.1")));
    store.commit();
  }
  Database source(backend.address(), Database::Mode::write);
  source.execute("update run set verdict = 'ok'");
  Database target(backend.address("copy"), Database::Mode::write);
  CHECK(error_of([&] { copy_store(source, target); }) ==
        backend.address().text() + " cannot be copied: its table 'run' is not what its events say");
  CHECK(target.select("select count(*) from event", "i")[0].integer(0) == 0);
}
