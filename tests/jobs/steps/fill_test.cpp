#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_cities(JobFixture& job, const std::string& rows) {
  add_rows(job, "rows", rows,
           columns_of({integer_column("n"), text_column("zip"), text_column("city")}));
}

}  // namespace

TEST_CASE("fill: the last value before, and nothing where there is none") {
  JobFixture job;
  add_cities(job, "(3, 'a', NULL), (1, 'a', NULL), (2, 'a', 'gz'), (4, 'b', NULL), (5, 'b', 'sz')");
  job.set_steps("  - fill: { columns: city, from: previous, order: n }\n");
  job.run();
  CHECK(job.rows("clean", "n, city") == Lines{"1|-", "2|gz", "3|gz", "4|gz", "5|sz"});
  job.set_steps("  - fill: { columns: city, from: previous, by: [zip], order: [n] }\n");
  job.run();
  CHECK(job.rows("clean", "n, city") == Lines{"1|-", "2|gz", "3|gz", "4|-", "5|sz"});
}

TEST_CASE("fill: by key only where all rows that know agree, and never without a key") {
  JobFixture job;
  add_cities(job,
             "(1, 'a', 'gz'), (2, 'a', NULL), (3, 'b', 'sz'), (4, 'b', 'fs'), (5, 'b', NULL), "
             "(6, NULL, 'dg'), (7, NULL, NULL)");
  job.set_steps("  - fill: { columns: [city], from: key, by: zip }\n");
  job.run();
  CHECK(job.rows("clean", "n, city") ==
        Lines{"1|gz", "2|gz", "3|sz", "4|fs", "5|-", "6|dg", "7|-"});
}

TEST_CASE("fill: a row that was rejected is no witness") {
  JobFixture job;
  add_cities(job, "(1, 'a', 'wrong'), (2, 'a', NULL)");
  job.set_steps(
      "  - reject: \"city = 'wrong'\"\n  - fill: { columns: city, from: key, by: zip }\n"
      "  - fill: { columns: city, from: previous, order: n }\n");
  job.run();
  CHECK(job.rows("clean", "n, city") == Lines{"2|-"});
}

TEST_CASE("fill: the order in which rows arrive changes nothing") {
  JobFixture job;
  const auto made = [&](const std::string& rows) {
    add_cities(job, rows);
    job.set_steps("  - fill: { columns: city, from: previous, order: zip }\n");
    job.run();
    return job.digest("clean");
  };
  CHECK(made("(1, 'a', 'x'), (2, 'a', NULL), (3, 'a', 'y')") ==
        made("(3, 'a', 'y'), (2, 'a', NULL), (1, 'a', 'x')"));
}

TEST_CASE("fill: no rows, nothing to fill") {
  JobFixture job;
  add_cities(job, "(1, 'a', NULL)");
  job.set_steps("  - filter: \"n > 1\"\n  - fill: { columns: city, from: key, by: zip }\n");
  job.run();
  CHECK(job.rows("clean").empty());
}

TEST_CASE("fill: it must be said which rows a value comes from") {
  JobFixture job;
  add_cities(job, "(1, 'a', NULL)");
  job.set_steps(
      "  - fill: { columns: city, from: previous }\n  - fill: { columns: city, from: key }\n"
      "  - fill: { columns: cty, from: key, by: zip }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:34: fill from previous needs 'order'; say which row comes before which\n"
        "g.yaml:6:34: fill from key needs 'by', the columns of the key\n"
        "g.yaml:7:22: there is no column 'cty'; did you mean 'city'?");
}
