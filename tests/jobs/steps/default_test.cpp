#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("default: only missing values are filled, an empty text is a value") {
  JobFixture job;
  add_rows(job, "rows", "(NULL, NULL, NULL), ('', 0.00, 1)",
           columns_of({text_column("a"), money_column("m"), integer_column("n")}));
  job.set_steps(
      "  - default: { column: a, value: none }\n  - default: { column: m, value: \"1.50\" }\n"
      "  - default: { column: n, value: 7 }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"|0.00|1", "none|1.50|7"});
}

TEST_CASE("default: the value may be a parameter and must be of the column's type") {
  JobFixture job;
  job.task.params["fee"] = {.type = "money", .value = "9.99"};
  add_rows(job, "rows", "(NULL)", columns_of({money_column("m")}));
  job.set_steps("  - default: { column: m, value: param(fee) }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"9.99"});
  job.set_steps(
      "  - default: { column: m, value: \"9.999\" }\n"
      "  - default: { column: m, value: param(fe) }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:34: '9.999' is no money (surplus_fraction_digits)\n"
        "g.yaml:6:34: the graph has no parameter 'fe'; did you mean 'fee'?");
}

TEST_CASE("default: dates, timestamps and truths keep their type") {
  JobFixture job;
  add_rows(job, "rows", "(NULL, NULL, NULL)",
           columns_of({{.name = "d", .type = Type::date()},
                       {.name = "t", .type = Type::timestamp()},
                       {.name = "b", .type = Type::boolean()}}));
  job.set_steps(
      "  - default: { column: d, value: 2026-01-31 }\n"
      "  - default: { column: t, value: \"2026-01-31T08:00:00+08:00\" }\n"
      "  - default: { column: b, value: true }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"2026-01-31|2026-01-31 00:00:00|true"});
}
