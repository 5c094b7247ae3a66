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
