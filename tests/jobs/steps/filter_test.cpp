#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("filter: rows stay only if the condition is true; unknown leaves like false") {
  JobFixture job;
  add_rows(job, "rows", "(1), (-1), (NULL)", columns_of({integer_column("n")}));
  job.set_steps("  - filter: { keep: n > 0, reason: not_positive }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1"});
  CHECK(job.rows("j.filtered", "n, _reason, _rule, _message") ==
        Lines{"-1|not_positive|step 1: filter|not: n > 0",
              "-|not_positive|step 1: filter|not: n > 0"});
  CHECK(job.result.rows_rejected == 0);
}

TEST_CASE("filter: a condition that cannot be computed makes a reject, not a silent loss") {
  JobFixture job;
  add_rows(job, "rows", "(1), (9223372036854775807)", columns_of({integer_column("n")}));
  job.set_steps("  - filter: n + n > 0\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1"});
  CHECK(job.rows("j.filtered").empty());
  CHECK(job.rows("j.rejects", "_reason, _message") ==
        Lines{"not_computable|the condition cannot be computed: n + n > 0"});
}

TEST_CASE("filter: a reason is a code") {
  JobFixture job;
  add_rows(job, "rows", "(1)", columns_of({integer_column("n")}));
  job.set_steps("  - filter: { keep: n > 0, reason: not positive }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:36: 'not positive' is no reason code; use letters, digits, '_', '.' and '-'; say "
        "more in the message");
}
