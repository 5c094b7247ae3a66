#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("script: traditional names become simplified, all else stays") {
  JobFixture job;
  add_rows(job, "rows", "(1, '廣州電信 Co.'), (2, '广州电信 Co.'), (3, NULL), (4, 'Co.')",
           columns_of({integer_column("n"), text_column("name")}));
  job.set_steps("  - script: name\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|广州电信 Co.", "2|广州电信 Co.", "3|-", "4|Co."});
}

TEST_CASE("script: and the other way round") {
  JobFixture job;
  add_rows(job, "rows", "(1, '广州电信')", columns_of({integer_column("n"), text_column("name")}));
  job.set_steps("  - script: { columns: name, to: traditional }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|廣州電信"});
}

TEST_CASE("script: only texts of known columns, only known scripts") {
  JobFixture job;
  add_rows(job, "rows", "(1, 'a')", columns_of({integer_column("n"), text_column("name")}));
  job.set_steps("  - script: n\n");
  CHECK(job.plan_problems() == "g.yaml:5:13: column 'n' is integer, expected text");
  job.set_steps("  - script: { columns: name, to: latin }\n");
  CHECK(job.shape_problems() ==
        "g.yaml:5:34: option 'to' must be one of simplified, traditional, got 'latin'");
}
