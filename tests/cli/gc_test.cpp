#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

TEST_CASE("gc: shows what would go and why, then takes it away") {
  Books books;
  books.write("tallymill.yaml", read_file(books.root() / "tallymill.yaml") +
                                    "retention:\n  versions: { keep: 0 }\n  logs: { keep: 1 }\n");
  books.run_month();
  books.write("sources/customers-2026-01.csv",
              "customer_no,name,phone,owed\nC1,Lee,13800000001,11.00\n");
  books.run_month();
  const ProgramEnd plan = books.run({"gc", "--dry-run"});
  CHECK(plan.exit == 0);
  CHECK(contains(plan.out, "superseded, not among the newest 0"));
  CHECK(contains(plan.out, "attempts of run customers.2026-01.1"));
  CHECK(contains(plan.out, "would go: "));
  const json::value before = parse_json(books.run({"gc", "--dry-run", "--json"}).out, "gc");
  CHECK(before.at("done") == false);
  const ProgramEnd done = books.run({"gc"});
  CHECK(done.exit == 0);
  CHECK(contains(done.out, "taken away: "));
  CHECK(books.run({"gc", "--dry-run"}).out == "there is nothing to take away\n");
  CHECK(contains(books.run({"show", "customers"}).out, "Lee"));
  CHECK(contains(books.run({"datasets", "customers"}).out, "removed"));
  CHECK(contains(books.run({"audit"}).out, "superseded versions removed (retention)"));
  CHECK(books.run({"audit", "verify"}).exit == 0);
}

TEST_CASE("gc: a rule that is no number is found when the workspace is read") {
  Books books;
  books.write("tallymill.yaml", "workspace: books\nretention: { versions: { days: -1 } }\n");
  const ProgramEnd wrong = books.run({"gc"});
  CHECK(wrong.exit == 2);
  CHECK(contains(wrong.err, "tallymill.yaml:2:32: error: option 'days' must be 0 or more, got -1"));
}

TEST_CASE("gc: a scheduler that is at work takes it away when it is asked to") {
  Books books;
  books.write("tallymill.yaml",
              read_file(books.root() / "tallymill.yaml") + "retention:\n  versions: { keep: 0 }\n");
  books.run_month();
  books.write("sources/customers-2026-01.csv",
              "customer_no,name,phone,owed\nC1,Lee,13800000001,11.00\n");
  books.run_month();
  const pid_t scheduler = books.start({"scheduler"}, "scheduler");
  REQUIRE(soon([&] { return contains(books.said_so_far("scheduler", "err"), "event=started"); }));
  const ProgramEnd done = books.run({"gc"});
  INFO(done.err);
  CHECK(done.exit == 0);
  CHECK(contains(done.out, "taken away: "));
  CHECK(books.run({"gc", "--json"}).exit == 0);
  CHECK(books.run({"gc", "--dry-run"}).out == "there is nothing to take away\n");
  CHECK(books.run({"notifications", "--deliver"}).exit == 0);
  ::kill(scheduler, SIGTERM);
  CHECK(books.wait(scheduler, "scheduler").exit == 0);
  CHECK(books.run({"audit", "verify"}).exit == 0);
}
