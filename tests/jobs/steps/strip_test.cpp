#include <doctest/doctest.h>

#include "jobs/text_functions.h"
#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("strip: zero-width marks, controls and byte order marks go, white space stays") {
  CHECK(strip_characters("\uFEFF中\u200B国\u00AD\x01 a\tb\u202E", U"") == "中国 a\tb");
  CHECK(strip_characters("(020) 8888-0001", U"()-") == "020 88880001");
  CHECK(strip_characters("（０２０）", U"（）") == "０２０");
}

TEST_CASE("strip: texts change, missing values stay missing") {
  JobFixture job;
  add_rows(job, "rows", "(1, '中\u200B国', '138-00'), (2, NULL, NULL), (3, '', '-')",
           columns_of({integer_column("n"), text_column("name"), text_column("phone")}));
  job.set_steps("  - strip: name\n  - strip: { columns: [phone], also: '-' }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|中国|13800", "2|-|-", "3||"});
}

TEST_CASE("strip: only texts of known columns") {
  JobFixture job;
  add_rows(job, "rows", "(1, 'a')", columns_of({integer_column("n"), text_column("name")}));
  job.set_steps("  - strip: n\n");
  CHECK(job.plan_problems() == "g.yaml:5:12: column 'n' is integer, expected text");
}
