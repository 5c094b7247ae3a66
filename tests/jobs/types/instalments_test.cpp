#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

Schema plan_schema() {
  return columns_of({text_column("plan"),
                     money_column("amount"),
                     integer_column("term"),
                     {.name = "from_day", .type = Type::date()}},
                    {"plan"});
}

constexpr const char* kJob =
    "type: instalments\nfrom: { dataset: plans, amount: amount }\nmonths: term\nstart: from_day\n"
    "into: schedule\n";

}  // namespace

TEST_CASE("instalments: equal months, the last one takes the rest, of either sign") {
  JobFixture job;
  add_rows(job, "plans",
           "('A', 100.00, 3, '2025-12-31'), ('B', -100.00, 3, '2025-12-31'), ('C', 0.02, 3, "
           "'2026-01-01')",
           plan_schema());
  job.set_job(kJob);
  job.run();
  CHECK(job.rows("schedule") ==
        Lines{"A|1|2025-12-01|33.33", "A|2|2026-01-01|33.33", "A|3|2026-02-01|33.34",
              "B|1|2025-12-01|-33.33", "B|2|2026-01-01|-33.33", "B|3|2026-02-01|-33.34",
              "C|1|2026-01-01|0.00", "C|2|2026-02-01|0.00", "C|3|2026-03-01|0.02"});
  CHECK(job.schemas.at("schedule").key == Lines{"plan", "instalment"});
  CHECK(job.ledger("out") == R"([{"name":"scheduled","rows":3,"amounts":{"amount":"0.02"}},)"
                             R"({"name":"parked","rows":0,"amounts":{"amount":"0.00"}}])");
}

TEST_CASE("instalments: a plan without amount, term or start is parked and named") {
  JobFixture job;
  add_rows(job, "plans",
           "('A', NULL, 3, '2026-01-01'), ('B', 1.00, 0, '2026-01-01'), ('C', 2.00, NULL, "
           "'2026-01-01'), ('D', 3.00, 2, NULL), ('E', 4.00, 1201, '2026-01-01'), ('F', 5.00, 1, "
           "'2026-01-09')",
           plan_schema());
  job.set_job(kJob);
  job.run();
  CHECK(job.rows("schedule") == Lines{"F|1|2026-01-01|5.00"});
  CHECK(job.rows("j.parked") == Lines{"A|-|no_amount", "B|1.00|no_term", "C|2.00|no_term",
                                      "D|3.00|no_start", "E|4.00|term_too_long"});
  CHECK(job.result.rows_rejected == 5);
}

TEST_CASE("instalments: columns of the wrong kind are reported where they stand") {
  JobFixture job;
  add_rows(job, "plans", "('A', 1.00, 3, '2026-01-01')", plan_schema());
  job.set_job(
      "type: instalments\nfrom: { dataset: plans, amount: plan }\nmonths: amount\nstart: term\n"
      "into: schedule\n");
  CHECK(job.plan_problems() ==
        "g.yaml:2:33: column 'plan' is text; an amount is money, integer or decimal of up to 18 "
        "digits\ng.yaml:3:9: column 'amount' is money, expected integer\n"
        "g.yaml:4:8: column 'term' is integer, expected date");
}
