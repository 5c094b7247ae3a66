#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

std::string carve_out(const std::string& policies = "overdrawn: fail\nunmatched: fail\n") {
  return "type: carve_out\npool: { dataset: product_cost, amount: amount }\ntake:\n"
         "  - { name: C-10, from: { dataset: advertising, amount: amount, match: { org: org } } }\n"
         "  - { name: C-11, estimate: true, from: { dataset: cards, quantity: issued, price: "
         "\"0.35\", match: { org: org } } }\n"
         "  - { name: C-99, ratio: \"0.0125\" }\n"
         "into: product_rest\n" +
         policies;
}

void add_books(JobFixture& job, const std::string& advertising = "('K1', 10.00), ('K1', 2.00)") {
  add_rows(job, "product_cost", "('K1', 100.00), ('K2', 33.33)",
           columns_of({text_column("org"), money_column("amount")}, {"org"}));
  add_rows(job, "advertising", advertising,
           columns_of({text_column("org"), money_column("amount")}));
  add_rows(job, "cards", "('K1', 3), ('K2', 5)",
           columns_of({text_column("org"), integer_column("issued")}, {"org"}));
}

}  // namespace

TEST_CASE("carve_out: what is taken leaves the pool, and an estimate says that it is one") {
  JobFixture job;
  add_books(job);
  job.set_job(carve_out());
  job.run();
  CHECK(job.rows("product_rest") == Lines{"K1|85.70", "K2|31.16"});
  CHECK(job.rows("j.taken") == Lines{"K1|C-10|12.00|false", "K1|C-11|1.05|true",
                                     "K1|C-99|1.25|false", "K2|C-11|1.75|true",
                                     "K2|C-99|0.42|false"});
  CHECK(job.ledger("out") == R"([{"name":"rest","rows":2,"amounts":{"amount":"116.86"}},)"
                             R"({"name":"taken","rows":0,"amounts":{"amount":"16.47"}},)"
                             R"({"name":"parked","rows":0,"amounts":{"amount":"0.00"}}])");
}

TEST_CASE("carve_out: a pool that holds less than is taken is refused or parked whole") {
  JobFixture job;
  add_books(job, "('K1', 99.00)");
  job.set_job(carve_out());
  CHECK(job.problem() ==
        "pools from which more is taken than they hold: 1 (org K1); overdrawn is fail: park them, "
        "or mend what is taken");
  job.set_job(carve_out("overdrawn: park\nunmatched: fail\n"));
  job.run();
  CHECK(job.rows("product_rest") == Lines{"K2|31.16"});
  CHECK(job.rows("j.parked") == Lines{"K1|100.00|overdrawn"});
  CHECK(job.rows("j.taken") == Lines{"K2|C-11|1.75|true", "K2|C-99|0.42|false"});
}

TEST_CASE("carve_out: an amount that meets no pool is named with its money") {
  JobFixture job;
  add_books(job, "('K1', 10.00), ('K7', 2.00)");
  job.set_job(carve_out());
  CHECK(job.problem() ==
        "'C-10' meets no pool: 1 (org K7, amount 2.00); unmatched is fail: mend the match, or "
        "report them");
  job.set_job(carve_out("overdrawn: fail\nunmatched: report\n"));
  job.run();
  CHECK(job.report() == R"({"unmatched":{"C-10":{"rows":1,"first":"org K7, amount 2.00"}}})");
}

TEST_CASE("carve_out: direct amounts of users come first, the rest is for a driver") {
  JobFixture job;
  add_rows(job, "centre_cost", "('C-01', 'K1', 100.00)",
           columns_of({text_column("cost_item"), text_column("org"), money_column("amount")},
                      {"cost_item", "org"}));
  add_rows(job, "known", "('C-01', 'K1', 'u1', 30.00), ('C-01', 'K1', 'u2', 1.50)",
           columns_of({text_column("cost_item"), text_column("org"), text_column("user_id"),
                       money_column("amount")}));
  job.set_job(
      "type: carve_out\npool: { dataset: centre_cost, amount: amount }\ntake:\n"
      "  - { name: direct, from: { dataset: known, amount: amount, match: { cost_item: cost_item, "
      "org: org } } }\ncarry: user_id\noverdrawn: fail\nunmatched: fail\ninto: rest\n");
  job.run();
  CHECK(job.rows("rest") == Lines{"C-01|K1|68.50"});
  CHECK(job.rows("j.taken") ==
        Lines{"C-01|K1|direct|u1|30.00|false", "C-01|K1|direct|u2|1.50|false"});
}

TEST_CASE("carve_out: an amount for several pools would be taken more than once") {
  JobFixture job;
  add_books(job);
  add_rows(job, "product_cost", "('K1', 'a', 100.00), ('K1', 'b', 100.00), ('K2', 'a', 50.00)",
           columns_of({text_column("org"), text_column("item"), money_column("amount")},
                      {"org", "item"}));
  job.set_job(carve_out());
  CHECK(job.problem() ==
        "'C-10' would be taken from several pools at once: 1 (org K1, amount 12.00); match by "
        "more columns");
}

TEST_CASE("carve_out: every mistake of a graph is reported where it stands") {
  JobFixture job;
  add_books(job);
  job.set_job(
      "type: carve_out\npool: { dataset: product_cost, amount: amount }\ntake:\n"
      "  - { name: a }\n"
      "  - { name: b, from: { dataset: cards, quantity: issued, match: { org: org } } }\n"
      "  - { name: c, from: { dataset: cards, amount: issued, match: { organisation: org } } }\n"
      "overdrawn: fail\nunmatched: fail\ninto: rest\n");
  CHECK(job.plan_problems() ==
        "g.yaml:4:5: a take needs either 'ratio' or 'from'\n"
        "g.yaml:5:22: what is taken is an 'amount', or a 'quantity' at a 'price'\n"
        "g.yaml:6:48: 'issued' is integer and the pool's 'amount' is money\n"
        "g.yaml:6:65: dataset 'product_cost' has no column 'organisation'; its columns are org, "
        "amount");
}
