#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

std::string delta(const std::string& more = "") {
  return "type: delta\nof: { dataset: user_cost, amount: amount }\nposted: { dataset: posted, "
         "amount: amount }\ninto: to_post\n" +
         more;
}

Schema cost_schema() {
  return columns_of({text_column("cost_item"), text_column("user_id"), money_column("amount")},
                    {"cost_item", "user_id"});
}

Schema posting_schema() {
  Schema schema = cost_schema();
  schema.key.clear();
  return schema;
}

void add_books(JobFixture& job) {
  add_rows(job, "user_cost",
           "('C1', 'u1', 3.00), ('C1', 'u2', 5.00), ('C2', 'u3', 0.00), ('C2', 'u4', 1.00)",
           cost_schema());
  add_rows(job, "posted",
           "('C1', 'u1', 2.00), ('C1', 'u1', 1.00), ('C1', 'u2', 6.00), ('C9', 'u9', -4.00)",
           posting_schema());
}

}  // namespace

TEST_CASE("delta: what is posted with what is still to post is what shall stand posted") {
  JobFixture job;
  add_books(job);
  job.set_job(delta());
  job.run();
  CHECK(job.rows("to_post") == Lines{"C1|u2|-1.00|changed", "C2|u4|1.00|new", "C9|u9|4.00|gone"});
  CHECK(job.report() == R"({"kinds":{"changed":1,"gone":1,"new":1}})");
  CHECK(job.ledger("in") == R"([{"name":"of","rows":0,"amounts":{"amount":"9.00"}}])");
}

TEST_CASE("delta: a second run after posting has nothing to post") {
  JobFixture job;
  add_books(job);
  add_rows(job, "posted",
           "('C1', 'u1', 3.00), ('C1', 'u2', 6.00), ('C1', 'u2', -1.00), ('C2', 'u4', 1.00)",
           posting_schema());
  job.set_job(delta());
  job.run();
  CHECK(job.rows("to_post").empty());
}

TEST_CASE("delta: a reversal nets to zero, row by row") {
  JobFixture job;
  add_books(job);
  job.set_job(delta("reverse: true\n"));
  job.run();
  CHECK(job.rows("to_post") == Lines{"C1|u1|-3.00|gone", "C1|u2|-6.00|gone", "C9|u9|4.00|gone"});
}

TEST_CASE("delta: rows without a key are refused, not posted together") {
  JobFixture job;
  add_books(job);
  add_rows(job, "posted", "(NULL, 'u1', 2.00)", posting_schema());
  job.set_job(delta());
  CHECK(job.problem().find("key column 'cost_item' has no value in 1 row") != std::string::npos);
}
