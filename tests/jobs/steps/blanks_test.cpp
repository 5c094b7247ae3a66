#include <doctest/doctest.h>

#include "jobs/text_functions.h"
#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("blanks: a run of any white space is one space, at the ends none") {
  CHECK(one_blank(" a \t\u3000b\u00A0 c\n") == "a b c");
  CHECK(one_blank("\u2003").empty());
  CHECK(one_blank("").empty());
  CHECK(one_blank("中国") == "中国");
  CHECK(no_blanks(" 138 0000\u30000001 ") == "13800000001");
}

TEST_CASE("blanks: texts change, missing values stay missing") {
  JobFixture job;
  add_rows(job, "rows", "(1, ' Li  Lei ', '138 00'), (2, NULL, NULL), (3, ' ', ' ')",
           columns_of({integer_column("n"), text_column("name"), text_column("phone")}));
  job.set_steps("  - blanks: name\n  - blanks: { columns: phone, keep: none }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|Li Lei|13800", "2|-|-", "3||"});
}

TEST_CASE("blanks: only texts of known columns") {
  JobFixture job;
  add_rows(job, "rows", "(1, 'a')", columns_of({integer_column("n"), text_column("name")}));
  job.set_steps("  - blanks: [n, nam]\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:13: column 'n' is integer, expected text\n"
        "g.yaml:5:13: there is no column 'nam'; did you mean 'name'?");
}
