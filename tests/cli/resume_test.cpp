#include <doctest/doctest.h>

#include "waiting_run.h"

using namespace tallymill;

TEST_CASE("resume: a paused run goes on where it stood") {
  WaitingRun books;
  books.begin();
  CHECK(contains(books.run({"resume", books.kRun}).err,
                 "error: run close.2026-01.1 is not paused\n"));
  CHECK(books.run({"pause", books.kRun}).exit == 4);
  CHECK(books.run({"approve", books.kRun, "chief_agrees"}).exit == 4);
  const ProgramEnd end = books.run({"resume", books.kRun});
  INFO(end.out, end.err);
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "close 2026-01, run close.2026-01.1: all well"));
}
