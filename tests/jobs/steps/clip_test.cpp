#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_fees(JobFixture& job, const std::string& rows) {
  add_rows(job, "rows", rows, columns_of({integer_column("n"), money_column("fee")}));
}

}  // namespace

TEST_CASE("clip: numbers beyond the bounds get the bounds, missing ones stay missing") {
  JobFixture job;
  add_fees(job, "(1, -5.00), (2, 7.50), (3, 1000.01), (4, NULL)");
  job.set_steps("  - clip: { column: fee, min: '0.00', max: '1000' }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|0.00", "2|7.50", "3|1000.00", "4|-"});
}

TEST_CASE("clip: what was cut off a balanced amount is accounted for as adjusted") {
  JobFixture job;
  add_fees(job, "(1, 5.00), (2, 12.50)");
  job.set_job(
      "type: cleanse\nfrom: rows\ninto: clean\nbalance: [fee]\nsteps:\n"
      "  - clip: { column: fee, max: '10' }\n");
  job.run();
  CHECK(json::serialize(job.result.report.at("adjusted")) ==
        R"([{"step":"step 1: clip","column":"fee","amount":"-2.50"}])");
  CHECK(job.result.ledger.at("balances").as_bool());
}

TEST_CASE("clip: quantiles are values of the column, and clipping again changes nothing") {
  JobFixture job;
  job.add_input("rows",
                "SELECT CAST(x AS BIGINT) AS n, CAST(x * x / 100 AS DECIMAL(18,2)) AS fee FROM "
                "range(101) r(x)",
                columns_of({integer_column("n"), money_column("fee")}));
  const std::string steps = "  - clip: { column: fee, quantiles: [0.05, 0.95] }\n";
  job.set_steps(steps);
  job.run();
  CHECK(job.rows("clean", "min(fee), max(fee), count(*)") == Lines{"0.25|90.25|101"});
  const std::string once = job.digest("clean");
  job.feed("clean", "rows");
  job.set_steps(steps);
  job.run();
  CHECK(job.digest("clean") == once);
}

TEST_CASE("clip: each group has quantiles of its own; rejected rows have no say") {
  JobFixture job;
  add_rows(job, "rows", "(1, 'a', 1), (2, 'a', 9), (3, 'b', 50), (4, 'b', 90), (5, 'b', 9999)",
           columns_of({integer_column("n"), text_column("g"), integer_column("v")}));
  job.set_steps("  - reject: \"v = 9999\"\n  - clip: { column: v, quantiles: [0, 0.5], by: g }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|a|1", "2|a|1", "3|b|50", "4|b|50"});
}

TEST_CASE("clip: it needs a number, and bounds of one kind") {
  JobFixture job;
  add_rows(job, "rows", "('a', 1)", columns_of({text_column("name"), integer_column("n")}));
  job.set_steps(
      "  - clip: { column: name, min: '1' }\n  - clip: { column: n }\n"
      "  - clip: { column: n, min: '1', quantiles: [0, 1] }\n  - clip: { column: n, max: '1.5' }\n"
      "  - clip: { column: n, quantiles: [0.1] }\n  - clip: { column: n, quantiles: [0.1, 95] }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:21: column 'name' is text, expected a number\n"
        "g.yaml:6:11: step 'clip' needs either 'min' or 'max' or both, or 'quantiles'\n"
        "g.yaml:7:11: step 'clip' needs either 'min' or 'max' or both, or 'quantiles'\n"
        "g.yaml:8:29: '1.5' is no integer (surplus_fraction_digits)\n"
        "g.yaml:9:35: 'quantiles' needs two numbers, such as [0.01, 0.99]\n"
        "g.yaml:10:41: '95' is no quantile; expected 0 to 1");
}
