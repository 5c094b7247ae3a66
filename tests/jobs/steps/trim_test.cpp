#include <doctest/doctest.h>

#include "jobs/text_functions.h"
#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("trim: ASCII, no-break and full-width blanks go from both ends, inner ones stay") {
  CHECK(trim_blanks(" \t\r\n\v\f a b \t") == "a b");
  CHECK(trim_blanks("\xC2\xA0\xE3\x80\x80 中 国\xE3\x80\x80\xC2\xA0") == "中 国");
  CHECK(trim_blanks("").empty());
  CHECK(trim_blanks("\xE3\x80\x80").empty());
}

TEST_CASE("trim: a blank is a whole character, not one of its bytes") {
  // U+0320 ends in A0, as a no-break space does; U+4E00 is E4 B8 80.
  CHECK(trim_blanks("\xCC\xA0") == "\xCC\xA0");
  CHECK(trim_blanks("\xE4\xB8\x80") == "\xE4\xB8\x80");
}

TEST_CASE("trim: texts change, missing values stay missing") {
  JobFixture job;
  add_rows(job, "rows", "(' a ', 1), (NULL, 2), ('', 3)",
           columns_of({text_column("name"), integer_column("n")}));
  job.set_steps("  - trim: name\n");
  job.run();
  CHECK(job.rows("clean", "n, name") == Lines{"1|a", "2|-", "3|"});
}
