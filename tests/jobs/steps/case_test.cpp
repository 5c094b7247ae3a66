#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("case: texts become upper or lower case, by Unicode") {
  JobFixture job;
  add_rows(job, "rows", "('aÉ中', 'Bc')", columns_of({text_column("a"), text_column("b")}));
  job.set_steps("  - case: { column: a, to: upper }\n  - case: { columns: [b], to: lower }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"AÉ中|bc"});
}

TEST_CASE("case: the columns are named one way") {
  JobFixture job;
  add_rows(job, "rows", "('a')", columns_of({text_column("a")}));
  job.set_steps("  - case: { to: upper }\n");
  CHECK(job.plan_problems() == "g.yaml:5:11: step 'case' needs either 'column' or 'columns'");
}
