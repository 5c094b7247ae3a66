#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

constexpr const char* kJob =
    "type: supersede\nmanual: { dataset: manual, amount: amount }\nderived: { dataset: derived, "
    "amount: amount }\nby: [city, kind]\ninto: resources\n";

Schema figure_schema() {
  return columns_of(
      {text_column("city"), text_column("kind"), text_column("user_id"), money_column("amount")});
}

}  // namespace

TEST_CASE("supersede: derived figures replace the manual ones of their city and kind") {
  JobFixture job;
  add_rows(job, "manual",
           "('c1', 'handset', NULL, 100.00), ('c1', 'points', NULL, 7.00), ('c2', 'handset', NULL, "
           "50.00), (NULL, 'handset', NULL, 1.00)",
           figure_schema());
  add_rows(job, "derived", "('c1', 'handset', 'u1', 60.00), ('c1', 'handset', 'u2', 35.00)",
           figure_schema());
  job.set_job(kJob);
  job.run();
  CHECK(job.rows("resources") == Lines{"c1|handset|u1|60.00|derived", "c1|handset|u2|35.00|derived",
                                       "c1|points|-|7.00|manual", "c2|handset|-|50.00|manual",
                                       "-|handset|-|1.00|manual"});
  CHECK(job.rows("j.superseded") == Lines{"c1|handset|-|100.00|95.00"});
  CHECK(job.ledger("in") == R"([{"name":"manual","rows":4,"amounts":{"amount":"158.00"}},)"
                            R"({"name":"derived","rows":2,"amounts":{"amount":"95.00"}}])");
  CHECK(job.ledger("out") == R"([{"name":"out","rows":5,"amounts":{"amount":"153.00"}},)"
                             R"({"name":"superseded","rows":1,"amounts":{"amount":"100.00"}}])");
}

TEST_CASE("supersede: groups and amounts are of one type on both sides") {
  JobFixture job;
  add_rows(job, "manual", "('c1', 'handset', NULL, 100.00)", figure_schema());
  add_rows(job, "derived", "(1, 'handset', 9)",
           columns_of({integer_column("city"), text_column("kind"), integer_column("amount")}));
  job.set_job(kJob);
  CHECK(job.plan_problems() ==
        "g.yaml:3:38: 'amount' of 'manual' is money and 'amount' of 'derived' is integer; cast one "
        "of them in a cleanse before\ng.yaml:4:5: 'city' of 'manual' is text and 'city' of "
        "'derived' is integer; cast one of them in a cleanse before");
}
