#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

/// Shops with the channel each sells through.
void add_shops(JobFixture& fixture, const std::string& rows) {
  Schema schema;
  schema.columns = {{.name = "shop", .type = Type::text()},
                    {.name = "channel", .type = Type::text()}};
  schema.key = {"shop"};
  fixture.add_input("shops", "select * from (values " + rows + ") as t(shop, channel)", schema);
}

}  // namespace

TEST_CASE("partition_values: lists each value of a column once, in order") {
  JobFixture fixture;
  add_shops(fixture, "('n', 'online'), ('w', 'hall'), ('e', 'online')");
  fixture.set_job("type: partition_values\ndataset: shops\ncolumn: channel\n");
  CHECK(fixture.shape_problems() == "");
  CHECK(json::serialize(fixture.run().answer) == R"(["hall","online"])");
  CHECK(fixture.result.rows_in == 3);

  fixture.set_job(
      "type: partition_values\nfrom: shops\nsql: select upper(channel) as c from shops\n");
  CHECK(json::serialize(fixture.run().answer) == R"(["HALL","ONLINE"])");
}

TEST_CASE("partition_values: what cannot be a partition is refused") {
  JobFixture fixture;
  add_shops(fixture, "('n', ' '), ('w', 'hall')");
  fixture.set_job("type: partition_values\ndataset: shops\ncolumn: channel\n");
  CHECK(fixture.problem() ==
        "a partition has no name, or blanks around it: ' '; leave such rows out before");
  fixture.set_job("type: partition_values\ndataset: shops\ncolumn: chanel\n");
  CHECK(fixture.plan_problems().find(
            "dataset 'shops' has no column 'chanel'; did you mean 'channel'?") !=
        std::string::npos);
  fixture.set_job("type: partition_values\nfrom: shops\nsql: select shop, channel from shops\n");
  CHECK(fixture.plan_problems().find("the query gives 2 columns, not one") != std::string::npos);
  fixture.set_job("type: partition_values\ndataset: shops\n");
  CHECK(fixture.shape_problems().find("give 'dataset' with 'column', or 'from' with 'sql'") !=
        std::string::npos);
}
