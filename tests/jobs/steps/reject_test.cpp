#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("reject: rows leave if the condition is true; unknown rejects nothing") {
  JobFixture job;
  add_rows(job, "rows", "(1), (-1), (NULL)", columns_of({integer_column("n")}));
  job.set_steps("  - reject: { when: n < 0, reason: negative, message: below zero }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1", "-"});
  CHECK(job.rows("j.rejects", "n, _reason, _message") == Lines{"-1|negative|below zero"});
}

TEST_CASE("reject: the condition may stand alone") {
  JobFixture job;
  add_rows(job, "rows", "(1), (-1)", columns_of({integer_column("n")}));
  job.set_steps("  - reject: n < 0\n");
  job.run();
  CHECK(job.rows("j.rejects", "n, _reason, _message") == Lines{"-1|rejected|n < 0"});
}

TEST_CASE("reject: a condition that is no truth is reported") {
  JobFixture job;
  add_rows(job, "rows", "(1)", columns_of({integer_column("n")}));
  job.set_steps("  - reject: n + 1\n");
  CHECK(job.plan_problems() == "g.yaml:5:13: BIGINT cannot become boolean");
}

TEST_CASE("reject: later steps still see a row that was rejected") {
  JobFixture job;
  add_rows(job, "rows", "('x')", columns_of({text_column("n")}));
  job.set_steps(
      "  - cast: { column: n, to: integer }\n  - reject: { when: n is null, reason: no_n }\n");
  job.run();
  CHECK(job.rows("j.rejects", "_reason, _reasons") == Lines{"not_a_number|not_a_number;no_n"});
}
