#include <doctest/doctest.h>

#include "waiting_run.h"

using namespace tallymill;

TEST_CASE("mark: a job of an open run counts as marked, and the run goes on") {
  WaitingRun books;
  books.begin();
  const ProgramEnd end =
      books.run({"mark", books.kRun, "chief_agrees", "skipped", "--reason", "on leave"});
  INFO(end.out, end.err);
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "chief_agrees  skipped    on leave"));
  CHECK(contains(books.run({"audit", books.kRun}).out, "marked skipped (was waiting) (on leave)"));
}

TEST_CASE("mark: of a run that has ended it counts for the rerun") {
  WaitingRun books;
  books.begin();
  REQUIRE(books.run({"reject", books.kRun, "chief_agrees", "--reason", "no"}).exit == 1);
  const ProgramEnd end =
      books.run({"mark", books.kRun, "chief_agrees", "success", "--reason", "by phone"});
  INFO(end.out, end.err);
  CHECK(end.exit == 0);
  const ProgramEnd plan = books.run({"rerun", books.kRun, "--failed"});
  CHECK(contains(plan.out, "closed"));
  CHECK(!contains(plan.out, "chief_agrees  "));
}

TEST_CASE("mark: what is no state is refused") {
  WaitingRun books;
  books.begin();
  CHECK(books.run({"mark", books.kRun, "closed", "done", "--reason", "x"}).err ==
        "error: a job is marked success, skipped or failed, not 'done'\n");
}
