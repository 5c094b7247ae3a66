#include <doctest/doctest.h>

#include "scheduler/machine.h"
#include "waiting_run.h"

using namespace tallymill;

TEST_CASE("approve: what waited for the person runs, and the journal says who said yes") {
  WaitingRun books;
  const ProgramEnd waits = books.begin();
  CHECK(waits.exit == 4);
  CHECK(contains(waits.out, "waits for approval: all right?"));
  CHECK(contains(waits.out,
                 "  tallymill approve close.2026-01.1 chief_agrees  # chief_agrees waits"));
  CHECK(contains(books.run({"why", books.kRun, "closed"}).out, "approval_missing"));
  const ProgramEnd end =
      books.run({"approve", "close", "chief_agrees", "--reason", "seen with finance"});
  INFO(end.out, end.err);
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "approved by " + user_name() + ": seen with finance"));
  CHECK(contains(books.run({"audit", books.kRun}).out, "approved (seen with finance)"));
}

TEST_CASE("approve: only approval jobs can be approved") {
  WaitingRun books;
  books.begin();
  CHECK(contains(books.run({"approve", books.kRun, "closed"}).err,
                 "error: job 'closed' is no approval job (its type is noop); 'tallymill mark' says "
                 "what any job came to\n"));
  CHECK(contains(books.run({"approve", books.kRun, "cheif_agrees"}).err,
                 "graph 'close' has no job 'cheif_agrees'; did you mean 'chief_agrees'?"));
}
