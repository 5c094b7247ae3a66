#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("normalize: letters with accents are written in one way; missing values stay missing") {
  JobFixture job;
  add_rows(job, "rows", "(1, 'Amélie'), (2, 'Amélie'), (3, NULL), (4, ''), (5, '①２')",
           columns_of({integer_column("n"), text_column("name")}));
  job.set_steps("  - normalize: name\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|Amélie", "2|Amélie", "3|-", "4|", "5|①２"});
}

TEST_CASE("normalize: nfkc makes plain what only looks different") {
  JobFixture job;
  add_rows(job, "rows", "(1, '①２ｱ'), (2, '㈱'), (3, 'ab')",
           columns_of({integer_column("n"), text_column("name")}));
  job.set_steps("  - normalize: { columns: [name], form: nfkc }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|12ア", "2|(株)", "3|ab"});
}

TEST_CASE("normalize: only texts of known columns, only known forms") {
  JobFixture job;
  add_rows(job, "rows", "(1, 'a')", columns_of({integer_column("n"), text_column("name")}));
  job.set_steps("  - normalize: [n, nam]\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:16: column 'n' is integer, expected text\n"
        "g.yaml:5:16: there is no column 'nam'; did you mean 'name'?");
  job.set_steps("  - normalize: { columns: name, form: nfd }\n");
  CHECK(job.shape_problems() ==
        "g.yaml:5:39: option 'form' must be one of nfc, nfkc, got 'nfd'; did you mean 'nfc'?");
}
