#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("join: values stand together, missing ones leave no separator, nothing stays missing") {
  JobFixture job;
  add_rows(job, "rows", "(1, '广东', '广州'), (2, '广东', NULL), (NULL, NULL, NULL), (4, '', 'x')",
           columns_of({integer_column("n"), text_column("province"), text_column("city")}));
  job.set_steps(
      "  - join: { columns: [province, city], into: address, with: / }\n"
      "  - join: { columns: [n, city], into: label }\n");
  job.run();
  CHECK(job.rows("clean", "n, address, label") ==
        Lines{"1|广东/广州|1广州", "2|广东|2", "4|/x|4x", "-|-|-"});
}

TEST_CASE("join: a text with a sensitive part is sensitive") {
  JobFixture job;
  add_rows(job, "rows", "('a', 'b')",
           columns_of(
               {{.name = "phone", .type = Type::text(), .sensitive = true}, text_column("city")}));
  job.set_steps("  - join: { columns: [city, phone], into: both }\n");
  job.run();
  CHECK(job.schemas.at("clean").find("both")->sensitive);
}

TEST_CASE("join: it cannot write into a column it reads, nor read one that is not there") {
  JobFixture job;
  add_rows(job, "rows", "('a', 'b')", columns_of({text_column("a"), text_column("city")}));
  job.set_steps("  - join: { columns: [a, city], into: a }\n  - join: { columns: cty, into: b }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:39: step 'join' cannot write into 'a', a column it reads; a second run would "
        "join again\n"
        "g.yaml:6:22: there is no column 'cty'; did you mean 'city'?");
}
