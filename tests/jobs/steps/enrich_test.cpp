#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_branches(JobFixture& job) {
  add_rows(job, "rows", "(1, 'gz', 'old'), (2, 'xx', 'old'), (3, NULL, 'old')",
           columns_of({integer_column("n"), text_column("city"), text_column("region")}));
  job.add_table("org", "code,name,area\ngz,Guangzhou,south\nsz,Shenzhen,south\n");
}

constexpr const char* kLookUp =
    "  - enrich: { table: org, on: { city: code }, take: { region: area, branch: name }";

}  // namespace

TEST_CASE("enrich: columns come from the row of the table with the same key; others are rejects") {
  JobFixture job;
  add_branches(job);
  job.set_steps(kLookUp + std::string(" }\n"));
  job.run();
  CHECK(job.rows("clean") == Lines{"1|gz|south|Guangzhou"});
  CHECK(job.rows("j.rejects", "n, region, _reason, _message") ==
        Lines{"2|old|unmatched_city|table org does not know 'xx'",
              "3|old|unmatched_city|table org does not know nothing"});
  CHECK(job.shape.files.at(0).path == "tables/org.csv");
}

TEST_CASE("enrich: what has no match keeps what it has, or loses it") {
  JobFixture job;
  add_branches(job);
  job.set_steps(kLookUp + std::string(", unmatched: keep }\n"));
  job.run();
  CHECK(job.rows("clean") == Lines{"1|gz|south|Guangzhou", "2|xx|old|-", "3|-|old|-"});
  job.set_steps(kLookUp + std::string(", unmatched: null }\n"));
  job.run();
  CHECK(job.rows("clean") == Lines{"1|gz|south|Guangzhou", "2|xx|-|-", "3|-|-|-"});
}

TEST_CASE("enrich: a dataset serves as well, and a key may have several columns") {
  JobFixture job;
  add_branches(job);
  add_rows(job, "prices", "('gz', 1, 9.50), ('gz', 2, 1.00)",
           columns_of({text_column("city"), integer_column("number"), money_column("price")}));
  job.set_steps(
      "  - enrich: { table: prices, on: { city: city, n: number }, take: { price: price }, "
      "unmatched: null }\n");
  job.run();
  CHECK(job.rows("clean", "n, price") == Lines{"1|9.50", "2|-", "3|-"});
}

TEST_CASE("enrich: a key with two answers is refused, with one answer twice it is not") {
  JobFixture job;
  add_branches(job);
  job.add_table("org", "code,name,area\ngz,Guangzhou,south\ngz,Canton,south\n");
  job.set_steps("  - enrich: { table: org, on: { city: code }, take: { region: area } }\n");
  CHECK(job.plan_problems() == "");
  job.set_steps(kLookUp + std::string(" }\n"));
  CHECK(job.plan_problems() ==
        "g.yaml:5:22: table 'org' has more than one answer for 'gz'; keep one row for each key");
}

TEST_CASE("enrich: columns that are not there, or are no texts, are reported") {
  JobFixture job;
  add_branches(job);
  job.set_steps(
      "  - enrich: { table: org, on: { cty: code }, take: { n: name, _x: nam } }\n"
      "  - enrich: { table: org, on: { city: code }, take: { x: name }, unmatched: drop }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:33: there is no column 'cty'; did you mean 'city'?\n"
        "g.yaml:5:54: column 'n' is integer, expected text\n"
        "g.yaml:5:63: a new column cannot be named '_x'; use letters, digits and '_', and no "
        "leading '_' or 'tm_'\n"
        "g.yaml:5:67: table 'org' has no column 'nam'; its columns are code, name, area\n"
        "g.yaml:6:77: option 'unmatched' of step 'enrich' must be one of reject, keep, null");
}
