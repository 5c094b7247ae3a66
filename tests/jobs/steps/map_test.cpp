#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_items(JobFixture& job) {
  add_rows(job, "rows", "('fee', 1), ('rent', 2), (NULL, 3)",
           columns_of({text_column("item"), integer_column("n")}));
  job.add_table("alias", "from,to\nfee,C-01\nlease,C-02\n");
}

}  // namespace

TEST_CASE("map: known values are replaced, unknown ones rejected with what nobody knew") {
  JobFixture job;
  add_items(job);
  job.set_steps("  - map: { column: item, table: alias }\n");
  job.run();
  CHECK(job.rows("clean", "n, item") == Lines{"1|C-01", "3|-"});
  CHECK(job.rows("j.rejects", "item, _reason, _message") ==
        Lines{"rent|unknown_item|table alias does not know item 'rent'"});
  REQUIRE(job.shape.files.size() == 1);
  CHECK(job.shape.files[0].path == "tables/alias.csv");
}

TEST_CASE("map: unknown values may be kept or become missing") {
  JobFixture job;
  add_items(job);
  job.set_steps(
      "  - map: { column: item, table: alias, unknown: keep, into: kept }\n"
      "  - map: { column: item, table: alias, unknown: null, into: known }\n");
  job.run();
  CHECK(job.rows("clean", "n, item, kept, known") ==
        Lines{"1|fee|C-01|C-01", "2|rent|rent|-", "3|-|-|-"});
}

TEST_CASE("map: the table's columns are given, or named from and to, or the first two") {
  JobFixture job;
  add_items(job);
  job.add_table("org", "code,name,parent\nfee,Fee,costs\nrent,Rent,costs\n");
  job.set_steps(
      "  - map: { column: item, table: org, to: parent, into: parent }\n"
      "  - map: { column: item, table: org }\n");
  job.run();
  CHECK(job.rows("clean", "n, item, parent") == Lines{"1|Fee|costs", "2|Rent|costs", "3|-|-"});
  job.set_steps("  - map: { column: item, table: org, from: kode }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:44: table 'org' has no column 'kode'; its columns are code, name, parent");
}

TEST_CASE("map: a table that maps a value twice is refused, repeated equal rows are not") {
  JobFixture job;
  add_items(job);
  job.add_table("alias", "from,to\nfee,C-01\nfee,C-01\n");
  job.set_steps("  - map: { column: item, table: alias }\n");
  CHECK(job.plan_problems() == "");
  job.add_table("alias", "from,to\nfee,C-01\nfee,C-02\n");
  CHECK(
      job.plan_problems() ==
      "g.yaml:5:33: table 'alias' maps 'fee' to more than one value; keep one row for each value");
}

TEST_CASE("map: a dataset serves as a table, its values as texts") {
  JobFixture job;
  add_rows(job, "rows", "(1), (7)", columns_of({integer_column("code")}));
  add_rows(job, "names", "(1, 'one')", columns_of({integer_column("id"), text_column("name")}));
  job.set_steps("  - map: { column: code, table: names, reason: no_name }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"one"});
  CHECK(job.rows("j.rejects", "code, _reason") == Lines{"7|no_name"});
}

TEST_CASE("map: sensitive values are masked in messages") {
  JobFixture job;
  add_rows(job, "rows", "('13800000000')",
           columns_of({{.name = "phone", .type = Type::text(), .sensitive = true}}));
  job.add_table("alias", "from,to\na,b\n");
  job.set_steps("  - map: { column: phone, table: alias }\n");
  job.run();
  CHECK(job.rows("j.rejects", "_message") == Lines{"table alias does not know phone ***"});
}

TEST_CASE("map: a policy that does not exist is reported") {
  JobFixture job;
  add_items(job);
  job.set_steps("  - map: { column: item, table: alias, unknown: drop }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:49: option 'unknown' of step 'map' must be one of reject, keep, null");
}
