#include <doctest/doctest.h>

#include "waiting_run.h"

using namespace tallymill;

TEST_CASE("reject: the job fails, with the reason, and what is behind it never starts") {
  WaitingRun books;
  books.begin();
  CHECK(contains(books.run({"reject", books.kRun, "chief_agrees"}).err, "--reason"));
  const ProgramEnd end =
      books.run({"reject", books.kRun, "chief_agrees", "--reason", "totals differ"});
  INFO(end.out, end.err);
  CHECK(end.exit == 1);
  CHECK(contains(end.out, ": totals differ"));
  CHECK(contains(end.out, "behind chief_agrees (failed)"));
}
