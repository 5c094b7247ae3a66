#include <doctest/doctest.h>

#include "waiting_run.h"

using namespace tallymill;

TEST_CASE("pause: the run starts nothing more, whoever asks it to go on") {
  WaitingRun books;
  books.begin();
  const ProgramEnd end = books.run({"pause", books.kRun, "--reason", "tariffs are checked"});
  INFO(end.out, end.err);
  CHECK(end.exit == 4);
  CHECK(contains(end.err, "run close.2026-01.1: paused"));
  CHECK(contains(books.run({"status"}).out, "paused"));
  CHECK(books.run({"approve", books.kRun, "chief_agrees"}).exit == 4);
  CHECK(books.begin().exit == 4);
  CHECK(contains(books.run({"pause", books.kRun}).err,
                 "error: run close.2026-01.1 is paused already\n"));
}
