#include <doctest/doctest.h>

#include "waiting_run.h"

using namespace tallymill;

TEST_CASE("cancel: a run that waits is over, and says who wanted it so") {
  WaitingRun books;
  CHECK(books.begin().exit == 4);
  const ProgramEnd end = books.run({"cancel", books.kRun, "--reason", "wrong month"});
  INFO(end.out, end.err);
  CHECK(end.exit == 130);
  CHECK(contains(end.err, "run close.2026-01.1: cancelled"));
  CHECK(contains(end.out, "asked: wrong month"));
  const ProgramEnd audit = books.run({"audit", books.kRun});
  CHECK(contains(audit.out, "cancelled (asked: wrong month)"));
  CHECK(contains(books.run({"audit", books.kRun, "--acts"}).out, "cancelled (asked: wrong month)"));
  CHECK(books.run({"cancel", books.kRun}).err ==
        "error: run close.2026-01.1 has ended; 'tallymill rerun close.2026-01.1' plans it again\n");
}

TEST_CASE("cancel: one job; what is behind it is blocked") {
  WaitingRun books;
  books.begin();
  const ProgramEnd end = books.run({"cancel", books.kRun, "chief_agrees"});
  CHECK(end.exit == 130);
  CHECK(contains(end.out, "behind chief_agrees (cancelled)"));
  CHECK(contains(books.run({"cancel", books.kRun, "cheif_agrees"}).err, "has ended"));
}

TEST_CASE("cancel: of a job that runs the reason stands in the journal, and why tells it") {
  ProgramFixture books;
  books.write("tallymill.yaml", "workspace: slow\n");
  books.write("graphs/slow.yaml",
              "graph: slow\nperiod: month\njobs:\n  slow:\n    type: transform\n    inputs: []\n"
              "    sql: select count(*) as n from range(100000000000) t(i) where i % 7 = 3\n"
              "    into: slow\n    key: [n]\n    columns: { n: integer }\n    balance: none\n"
              "    because: a test\n");
  const pid_t running = books.start({"run", "slow", "--period", "2026-01"}, "run");
  REQUIRE(soon([&] {
    return std::filesystem::exists(books.state() / "attempts/slow.2026-01.1/slow.1/log.jsonl");
  }));
  books.run({"cancel", "slow.2026-01.1", "slow", "--reason", "wrong: tariff"});
  CHECK(books.wait(running, "run").exit == 130);
  const std::string audit = books.run({"audit", "slow.2026-01.1"}).out;
  CHECK(contains(audit, "attempt was sent TERM (cancelled: wrong: tariff)"));
  CHECK(contains(audit, "attempt cancelled (asked: wrong: tariff)"));
  CHECK(contains(books.run({"audit", "slow.2026-01.1", "--acts"}).out, "wrong: tariff"));
  const std::string why = books.run({"why", "slow.2026-01.1", "slow"}).out;
  CHECK(contains(why, "it was cancelled: asked: wrong: tariff  [cancelled_asked]"));
}
