#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_addresses(JobFixture& job) {
  add_rows(job, "rows",
           "(1, '广东/广州/天河路1号'), (2, '广东/广州'), (3, NULL), (4, 'a/b/c/d'), (5, '')",
           columns_of({integer_column("n"), text_column("address")}));
}

}  // namespace

TEST_CASE("split: parts become columns, parts that are not there are missing") {
  JobFixture job;
  add_addresses(job);
  job.set_steps("  - split: { column: address, by: /, into: [province, city, street] }\n");
  job.run();
  CHECK(job.rows("clean", "n, province, city, street") ==
        Lines{"1|广东|广州|天河路1号", "2|广东|广州|-", "3|-|-|-", "5||-|-"});
  CHECK(job.rows("j.rejects", "n, _reason, _message") ==
        Lines{"4|surplus_parts|address 'a/b/c/d' has 4 parts, not 3"});
}

TEST_CASE("split: what is too much may stay in the last column") {
  JobFixture job;
  add_addresses(job);
  job.set_steps("  - split: { column: address, by: /, into: [province, rest], surplus: last }\n");
  job.run();
  CHECK(job.rows("clean", "n, province, rest") ==
        Lines{"1|广东|广州/天河路1号", "2|广东|广州", "3|-|-", "4|a|b/c/d", "5||-"});
}

TEST_CASE("split: parts of a sensitive text are sensitive, and it is masked in messages") {
  JobFixture job;
  add_rows(job, "rows", "('a/b/c')",
           columns_of({{.name = "address", .type = Type::text(), .sensitive = true}}));
  job.set_steps("  - split: { column: address, by: /, into: [x, y] }\n");
  job.run();
  CHECK(job.schemas.at("clean").find("x")->sensitive);
  CHECK(job.rows("j.rejects", "_message") == Lines{"address *** has 3 parts, not 2"});
}

TEST_CASE("split: columns that cannot be written are reported") {
  JobFixture job;
  add_addresses(job);
  job.set_steps("  - split: { column: address, by: '', into: [address, _x, y, y] }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:35: step 'split' needs a separator, not an empty text\n"
        "g.yaml:5:45: a new column cannot be named '_x'; use letters, digits and '_', and no "
        "leading '_' or 'tm_'\n"
        "g.yaml:5:45: column 'y' stands twice in 'into'\n"
        "g.yaml:5:45: step 'split' cannot write into 'address', the column it reads");
}
