#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("derive: columns are made in order and see those before them") {
  JobFixture job;
  add_rows(job, "rows", "(3, 1.10)", columns_of({integer_column("n"), money_column("price")}));
  job.set_steps(
      "  - derive:\n"
      "      total: { type: money, sql: \"round_money(n * price, 'half_even')\" }\n"
      "      double: { type: money, sql: total + total }\n"
      "      n: { type: text, sql: \"'no ' || n\" }\n");
  job.run();
  CHECK(job.rows("clean", "n, price, total, \"double\"") == Lines{"no 3|1.10|3.30|6.60"});
}

TEST_CASE("derive: a row whose value cannot be computed is a reject, the others are not") {
  JobFixture job;
  add_rows(job, "rows", "(1, 1), (9223372036854775807, 2), (NULL, 3)",
           columns_of({integer_column("a"), integer_column("n")}));
  job.set_steps("  - derive: { b: { type: integer, sql: a + 1 } }\n");
  job.run();
  CHECK(job.rows("clean", "n, b") == Lines{"1|2", "3|-"});
  CHECK(job.rows("j.rejects", "n, _reason, _message") ==
        Lines{"2|not_computable|b cannot be computed here (overflow, or a conversion that fails)"});
}

TEST_CASE("derive: a value too large for its money column is a reject, also out of a function") {
  JobFixture job;
  add_rows(job, "rows", "(9999999999999999.00, 1), (1.00, 2)",
           columns_of({money_column("m"), integer_column("n")}));
  job.set_steps(
      "  - derive: { a: { type: money, sql: m * 3 } }\n"
      "  - derive: { b: { type: money, sql: \"round_money(m * 2.5, 'half_up')\" } }\n");
  job.run();
  CHECK(job.rows("clean", "n, a, b") == Lines{"2|3.00|2.50"});
  CHECK(job.rows("j.rejects", "n, _reasons") == Lines{"1|not_computable;not_computable"});
}

TEST_CASE("derive: a double never becomes money, nor a text a value") {
  JobFixture job;
  add_rows(job, "rows", "(1.00, '7')", columns_of({money_column("m"), text_column("t")}));
  job.set_steps(
      "  - derive: { a: { type: money, sql: m / 3 } }\n"
      "  - derive: { b: { type: integer, sql: t } }\n"
      "  - derive: { _c: { type: text, sql: t } }\n");
  const std::string problems = job.plan_problems();
  CHECK(problems.find("g.yaml:5:38: '/' gives a DOUBLE, which is not exact") == 0);
  CHECK(problems.find("g.yaml:6:40: VARCHAR cannot become integer") != std::string::npos);
  CHECK(problems.find("g.yaml:7:15: a new column cannot be named '_c'; use letters, digits and "
                      "'_', and no leading '_' or 'tm_'") != std::string::npos);
}

TEST_CASE("derive: parameters are bound, never pasted") {
  JobFixture job;
  job.task.params["who"] = {.type = "text", .value = "o'brien"};
  add_rows(job, "rows", "(1)", columns_of({integer_column("n")}));
  job.set_steps("  - derive: { who: { type: text, sql: \":param_who || ' ' || :period\" } }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|o'brien 2026-01"});
}
