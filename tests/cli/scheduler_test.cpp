// `tallymill scheduler` and clients of it: real processes on one workspace.
#include <doctest/doctest.h>

#include "core/files.h"
#include "scheduler/socket_client.h"
#include "tests/folders.h"
#include "waiting_run.h"

using namespace tallymill;

namespace {

class Served : public WaitingRun {
 public:
  Served() {
    scheduler_ = start({"scheduler"}, "scheduler");
    CHECK(soon([&] { return SocketClient::connect(state() / "socket").has_value(); }));
  }
  ~Served() {
    if (scheduler_ > 0) end(SIGTERM);  // with its workers
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  ProgramEnd end(int signal) {
    ::kill(scheduler_, signal);
    return wait(std::exchange(scheduler_, 0), "scheduler");
  }
  std::string log() const { return said_so_far("scheduler", "err"); }

 private:
  pid_t scheduler_ = 0;
};

}  // namespace

TEST_CASE("scheduler: a client shows and ends as if the run were its own") {
  Served books;
  const ProgramEnd waits = books.begin();
  INFO(waits.out, waits.err);
  CHECK(waits.exit == 4);
  CHECK(contains(waits.err, "run close.2026-01.1 starts, 3 jobs\n"));
  CHECK(contains(waits.out, "close 2026-01, run close.2026-01.1: waiting for input"));
  const ProgramEnd approved = books.run({"approve", books.kRun, "chief_agrees"});
  CHECK(approved.exit == 0);
  CHECK(contains(approved.err, "run close.2026-01.1: job chief_agrees is approved\n"));
  CHECK(soon(
      [&] { return contains(books.log(), "event=run_ended run=close.2026-01.1 verdict=ok"); }));
  const ProgramEnd again = books.run({"run", "close", "--period", "2026-01", "--json"});
  CHECK(again.exit == 4);  // each run asks anew
  CHECK(parse_json(again.out, "the report").at("run") == "close.2026-01.2");
  const ProgramEnd ended = books.end(SIGTERM);
  CHECK(ended.exit == 0);
  CHECK(contains(ended.err, "event=ended"));
}

TEST_CASE("scheduler: a wrong request is told to the client") {
  Served books;
  CHECK(books.run({"run", "close", "--period", "2026"}).err ==
        "error: graph 'close' runs per month, and '2026' is a year\n");
  CHECK(books.run({"run", "close", "--period", "2026-01", "--param", "x=1"}).exit == 2);
}

TEST_CASE("scheduler: only one of them; the second one says who is there") {
  Served books;
  const ProgramEnd second = books.run({"scheduler"});
  CHECK(second.exit == 1);
  CHECK(contains(second.err, "(tallymill scheduler)"));
}

TEST_CASE("scheduler: Ctrl-C in a client ends its own run and no other") {
  Served books;
  const auto endless = [&](const std::string& name) {
    books.write(
        "graphs/" + name + ".yaml",
        "graph: " + name +
            "\nperiod: month\njobs:\n  slow:\n    type: transform\n"
            "    inputs: []\n    sql: select count(*) as n from range(60000000000) t(i) where "
            "i % 7 = 3\n    into: " +
            name +
            "_n\n    key: [n]\n    columns: { n: integer }\n"
            "    balance: none\n    because: a test\n");
  };
  endless("one");
  endless("two");
  REQUIRE(soon([&] { return contains(books.log(), "event=reloaded graphs=3"); }));
  const pid_t one = books.start({"run", "one", "--period", "2026-01"}, "one");
  const pid_t two = books.start({"run", "two", "--period", "2026-01"}, "two");
  const auto works = [&](const std::string& name) {
    return std::filesystem::exists(books.state() / "attempts" / (name + ".2026-01.1") /
                                   "slow.1/log.jsonl");
  };
  REQUIRE(soon([&] { return works("one") && works("two"); }));
  ::kill(one, SIGINT);
  const ProgramEnd end = books.wait(one, "one");
  INFO(end.out, end.err);
  CHECK(end.exit == 130);
  CHECK(contains(end.out, "one 2026-01, run one.2026-01.1: interrupted"));
  CHECK(FileLock::is_held(books.state() / "attempts/two.2026-01.1/slow.1/task.json"));
  CHECK(books.run({"cancel", "two.2026-01.1"}).exit == 130);
  CHECK(books.wait(two, "two").exit == 130);
}

TEST_CASE("scheduler: a backfill goes through it and ends as if it ran by itself") {
  Served books;
  books.write("graphs/plain.yaml", "graph: plain\nperiod: month\njobs:\n  a: { type: noop }\n");
  REQUIRE(soon([&] { return contains(books.log(), "event=reloaded graphs=2"); }));
  const std::vector<std::string> backfill{"backfill", "plain",   "--from", "2026-01",
                                          "--to",     "2026-02", "--name", "two"};
  const ProgramEnd end = books.run(backfill);
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK(contains(end.err, "2026-01: all well (plain.2026-01.1)\n"));
  CHECK(end.out == "backfill two: 2 all well\n");
  CHECK(contains(books.run(backfill).out, "there is nothing to do"));
  const ProgramEnd waits =
      books.run({"backfill", "close", "--from", "2026-01", "--to", "2026-02", "--parallel", "2"});
  CHECK(waits.exit == 4);
  CHECK(books.run({"approve", "close.2026-01.1", "chief_agrees"}).exit == 0);
  CHECK(books.run({"approve", "close.2026-02.1", "chief_agrees"}).exit == 0);
  CHECK(soon([&] {
    return contains(books.run({"audit"}).out, "backfill close.2026-01..2026-02 ended: ok");
  }));
}

TEST_CASE("scheduler: the unit for systemd starts this command") {
  const std::string unit =
      read_file(std::filesystem::path(kSourceFolder) / "config/systemd/tallymill.service");
  CHECK(contains(unit, "\nExecStart=/usr/bin/tallymill scheduler --wait --workspace "));
}
