#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

std::string reciprocal(const std::string& closed_loop) {
  return "type: reciprocal\npool: { dataset: centre_cost, centre: centre, amount: amount }\n"
         "services: { dataset: services, from: server, to: served, units: hours }\n"
         "closed_loop: " +
         closed_loop + "\ninto: bearer_cost\n";
}

void add_books(JobFixture& job, const std::string& services) {
  add_rows(job, "centre_cost", "('IT', 100.00), ('HR', -50.00)",
           columns_of({text_column("centre"), money_column("amount")}, {"centre"}));
  add_rows(job, "services", services,
           columns_of({text_column("server"), text_column("served"), integer_column("hours")}));
}

}  // namespace

TEST_CASE("reciprocal: centres that serve each other are solved for at once, and close") {
  JobFixture job;
  add_books(job,
            "('IT', 'HR', 1), ('IT', 'sales', 5), ('IT', 'sales', 1), ('IT', 'network', 3), ('HR', "
            "'IT', 2), ('HR', 'sales', 3), ('HR', 'network', 5)");
  job.set_job(reciprocal("fail"));
  job.run();
  CHECK(job.rows("bearer_cost") ==
        Lines{"HR|network|-28.57", "HR|sales|-21.43", "IT|network|35.71", "IT|sales|64.29"});
  CHECK(job.ledger("out") == R"([{"name":"allocated","rows":2,"amounts":{"amount":"50.00"}},)"
                             R"({"name":"parked","rows":0,"amounts":{"amount":"0.00"}}])");
}

TEST_CASE("reciprocal: a closed loop stops the job or parks the cost, with its name") {
  JobFixture job;
  add_books(job, "('IT', 'HR', 1), ('HR', 'IT', 2)");
  job.set_job(reciprocal("fail"));
  CHECK(
      job.problem() ==
      "centres whose cost goes round and never leaves: 2 (HR by HR -> IT -> HR; IT by HR -> IT -> "
      "HR); closed_loop is fail: park them, or mend the services");
  job.set_job(reciprocal("park"));
  job.run();
  CHECK(job.rows("j.parked") ==
        Lines{"HR|-50.00|closed_loop|HR -> IT -> HR", "IT|100.00|closed_loop|HR -> IT -> HR"});
}

TEST_CASE("reciprocal: services without a name or units are named, not dropped") {
  JobFixture job;
  add_books(job, "('IT', NULL, 1), ('HR', 'sales', NULL)");
  job.set_job(reciprocal("fail"));
  CHECK(job.problem() ==
        "services without a centre, a receiver or units: 2 (server HR, served sales; server IT, "
        "served (none))");
}
