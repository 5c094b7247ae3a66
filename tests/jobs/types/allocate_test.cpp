#include <doctest/doctest.h>

#include "core/rule_version.h"
#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

Schema pool_schema() {
  return columns_of(
      {text_column("cost_item"),
       text_column("org_code"),
       {.name = "grain", .type = {TypeKind::enumeration, 0, 0, {"customer_centre", "branch"}}},
       money_column("amount")},
      {"cost_item", "org_code"});
}

Schema user_schema() {
  return columns_of({text_column("user_id"), text_column("customer_centre"), text_column("branch"),
                     integer_column("visits"), money_column("paid")},
                    {"user_id"});
}

void add_books(JobFixture& job) {
  add_rows(job, "cost_pool",
           "('C-01', 'K1', 'customer_centre', 10.00), ('C-02', 'K2', 'customer_centre', "
           "-1.00), ('C-20', 'B1', 'branch', 0.05), ('C-01', 'K9', 'customer_centre', 7.00)",
           pool_schema());
  add_rows(job, "users",
           "('u1', 'K1', 'B1', 1, 5.00), ('u2', 'K1', 'B1', 2, 0.00), ('u3', 'K2', 'B1', 4, "
           "5.00)",
           user_schema());
}

std::string allocate(const std::string& more) {
  return "type: allocate\n"
         "pool: { dataset: cost_pool, amount: amount }\n"
         "receivers:\n"
         "  dataset: users\n"
         "  key: user_id\n"
         "  match:\n"
         "    by: grain\n"
         "    customer_centre: { org_code: customer_centre }\n"
         "    branch: { org_code: branch }\n"
         "carry: [cost_item, org_code]\n"
         "into: user_cost\n" +
         more;
}

constexpr const char* kPark =
    "zero_driver: park\nnegative_driver: fail\nmissing_driver: zero\nno_receivers: park\n";

}  // namespace

TEST_CASE("allocate: pools reach their receivers by grain, the rest is parked, the books close") {
  JobFixture job;
  add_books(job);
  job.set_job(allocate(std::string("driver: visits\nmethod: largest_remainder\n") + kPark));
  job.run();
  CHECK(job.rows("user_cost") == Lines{"C-01|K1|u1|3.33", "C-01|K1|u2|6.67", "C-02|K2|u3|-1.00",
                                       "C-20|B1|u1|0.01", "C-20|B1|u2|0.01", "C-20|B1|u3|0.03"});
  CHECK(job.rows("j.parked") == Lines{"C-01|K9|7.00|no_receivers"});
  CHECK(job.rows("j.residual").empty());
  CHECK(job.ledger("in") == R"([{"name":"in","rows":4,"amounts":{"amount":"16.05"}}])");
  CHECK(job.ledger("out") == R"([{"name":"allocated","rows":3,"amounts":{"amount":"9.05"}},)"
                             R"({"name":"parked","rows":1,"amounts":{"amount":"7.00"}},)"
                             R"({"name":"residual","rows":0,"amounts":{"amount":"0.00"}}])");
  CHECK(
      job.report() ==
      R"({"method":"largest_remainder","policies":{"zero_driver":"park","negative_driver":"fail",)"
      R"("missing_driver":"zero","no_receivers":"park"},)"
      R"("pools":{"no_receivers":1,"proportional":3}})");
  CHECK(job.result.rows_in == 4);
  CHECK(job.result.rows_out == 6);
  CHECK(job.result.rows_rejected == 1);
}

TEST_CASE("allocate: results are keyed by pool and receiver, and named in the graph") {
  JobFixture job;
  add_books(job);
  job.set_job(allocate(std::string("driver: visits\n") + kPark));
  job.run();
  CHECK(job.schemas.at("user_cost").key == Lines{"cost_item", "org_code", "user_id"});
  CHECK(job.schemas.at("j.parked").key == Lines{"cost_item", "org_code"});
  CHECK(job.shape.outputs.size() == 3);
  CHECK(job.shape.outputs[1].dataset == "j.parked");
  CHECK(job.shape.outputs[2].dataset == "j.residual");
  CHECK(job.shape.evidence[0].dataset == "j.trace");
}

TEST_CASE("allocate: a driver rule chooses the column for each pool and is traced by version") {
  JobFixture job;
  add_books(job);
  job.add_rule("cost_driver", R"lua(
return t.driver_rule {
  name = "cost_driver",
  doc = "By visits, arrears by what was paid.",
  needs = { cost_item = "text" },
  driver = function(row)
    if row.cost_item == "C-20" then return "paid" end
    return "visits"
  end,
}
)lua");
  job.set_job(allocate(std::string("driver: { rule: cost_driver }\n") + kPark));
  job.run();
  const std::string file = "rules/cost_driver.lua";
  const std::string version = rule_version({file, job.task.files.at(file).sha256});
  CHECK(
      job.rows("j.trace", "cost_item, org_code, outcome, receivers, driver, driver_total, rule") ==
      Lines{"C-01|K1|proportional|2|visits|3|cost_driver", "C-01|K9|parked|0|visits|0|cost_driver",
            "C-02|K2|proportional|1|visits|4|cost_driver",
            "C-20|B1|proportional|3|paid|10.00|cost_driver"});
  CHECK(job.rows("j.trace", "rule_version")[0] == version);
  CHECK(job.rows("user_cost", "cost_item, user_id, amount")[3] == "C-20|u1|0.03");
}

TEST_CASE("allocate: a driver rule that raises stops the job and names the pool") {
  JobFixture job;
  add_books(job);
  job.add_rule("cost_driver",
               "return t.driver_rule { name = \"cost_driver\", doc = \"d\", needs = { cost_item = "
               "\"text\" }, driver = function(row) error(\"no idea\") end }\n");
  job.set_job(allocate(std::string("driver: { rule: cost_driver }\n") + kPark));
  CHECK(job.problem().find("rules/cost_driver.lua:2: no idea") == 0);
}

TEST_CASE("allocate: shuffled receivers, one thread or two, give equal digests by every method") {
  JobFixture job;
  job.add_input("cost_pool",
                "SELECT 'I' || (i % 7) AS cost_item, 'K' || i AS org_code, 'customer_centre' AS "
                "grain, "
                "CAST((i * 7919 % 100000) - 50000 AS DECIMAL(18,2)) AS amount FROM range(50) t(i)",
                pool_schema());
  const auto digests = [&](const std::string& order) {
    job.add_input("users",
                  "SELECT 'u' || i AS user_id, 'K' || (i % 50) AS customer_centre, 'B' || (i % 3) "
                  "AS branch, "
                  "CAST(i * 31 % 17 AS BIGINT) AS visits, CAST(0 AS DECIMAL(18,2)) AS paid FROM "
                  "range(5000) t(i) ORDER BY " +
                      order,
                  user_schema());
    job.run();
    return job.digest("user_cost") + job.digest("j.trace") + job.digest("j.parked");
  };
  for (const char* method :
       {"method: largest_remainder\n", "hierarchy: branch\n", "method: webster\n",
        "method: huntington_hill\n", "method: remainder_to_first\n"}) {
    CAPTURE(method);
    job.task.threads = 2;
    job.set_job(allocate(std::string("driver: visits\n") + method + kPark));
    const std::string first = digests("i");
    CHECK(digests("i DESC") == first);
    CHECK(digests("hash(i)") == first);
    job.task.threads = 1;
    CHECK(digests("hash(i + 7)") == first);
  }
}

TEST_CASE("allocate: an amount that has no magnitude is refused by name") {
  JobFixture job;
  add_rows(job, "cost_pool", "('C-01', 'K1', 'branch', -9223372036854775808)",
           columns_of({text_column("cost_item"), text_column("org_code"), text_column("grain"),
                       integer_column("amount")},
                      {"cost_item", "org_code"}));
  add_rows(job, "users", "('u1', 'K1', 'B1', 1, 5.00)", user_schema());
  job.set_job(allocate(std::string("driver: visits\n") + kPark));
  CHECK(job.problem() == "pools whose amount is out of range: 1 (cost_item C-01, org_code K1)");
}

TEST_CASE("allocate: the opposite pools give the opposite parts, so a reversal nets to zero") {
  JobFixture job;
  add_books(job);
  job.set_job(allocate(std::string("driver: visits\n") + kPark));
  job.run();
  const Lines plus = job.rows("user_cost", "cost_item, org_code, user_id, -amount");
  add_rows(job, "cost_pool",
           "('C-01', 'K1', 'customer_centre', -10.00), ('C-02', 'K2', 'customer_centre', "
           "1.00), ('C-20', 'B1', 'branch', -0.05), ('C-01', 'K9', 'customer_centre', -7.00)",
           pool_schema());
  job.run();
  CHECK(job.rows("user_cost") == plus);
}

TEST_CASE("allocate: without match or carry, all receivers share pools known by their key") {
  JobFixture job;
  add_books(job);
  add_rows(job, "cost_pool", "('C-01', 'K1', 'branch', 7.00)", pool_schema());
  job.set_job(
      "type: allocate\npool: { dataset: cost_pool, amount: amount }\n"
      "receivers: { dataset: users, key: user_id }\ndriver: { column: visits }\ninto: user_cost\n" +
      std::string(kPark));
  job.run();
  CHECK(job.rows("user_cost") == Lines{"C-01|K1|u1|1.00", "C-01|K1|u2|2.00", "C-01|K1|u3|4.00"});
}

TEST_CASE("allocate: receivers without a declared key are checked for duplicates") {
  JobFixture job;
  add_books(job);
  Schema keyless = user_schema();
  keyless.key.clear();
  add_rows(job, "users", "('u1', 'K1', 'B1', 1, 0), ('u1', 'K1', 'B1', 2, 0)", keyless);
  job.set_job(allocate(std::string("driver: visits\n") + kPark));
  CHECK(job.problem() ==
        "the receivers' key (user_id) is not unique; repeated values: 1 (user_id u1)");
}

TEST_CASE("allocate: policies must be declared, and earlier parts with the policy that asks") {
  JobFixture job;
  add_books(job);
  job.set_job(
      allocate("driver: visits\nzero_driver: previous\nnegative_driver: zero\n"
               "missing_driver: zero\nno_receivers: park\n"));
  CHECK(job.shape_problems() ==
        "g.yaml:13:14: zero_driver 'previous' and 'previous' go together; previous: { dataset: "
        "user_cost, period: \"add_months(period, -1)\", missing: empty } says where the earlier "
        "parts are");
  job.set_job(allocate("driver: visits\nnegative_driver: zero\nno_receivers: park\n"));
  CHECK(job.shape_problems().find("lacks the option 'zero_driver'") != std::string::npos);
  CHECK(job.shape_problems().find("lacks the option 'missing_driver'") != std::string::npos);
}

TEST_CASE("allocate: with a hierarchy the method is cumulative, which no other method knows") {
  JobFixture job;
  add_books(job);
  job.set_job(
      allocate(std::string("driver: visits\nhierarchy: [branch, customer_centre]\n") + kPark));
  job.run();
  CHECK(job.rows("user_cost") == Lines{"C-01|K1|u1|3.33", "C-01|K1|u2|6.67", "C-02|K2|u3|-1.00",
                                       "C-20|B1|u1|0.00", "C-20|B1|u2|0.02", "C-20|B1|u3|0.03"});
  CHECK(job.rows("j.trace", "method")[0] == "cumulative");
  job.set_job(allocate(std::string("driver: visits\nmethod: webster\nhierarchy: [branch, grid]\n") +
                       kPark));
  CHECK(job.plan_problems() ==
        "g.yaml:13:9: method 'webster' knows no hierarchy; leave 'method' out for cumulative, or "
        "'hierarchy'\ng.yaml:14:12: dataset 'users' has no column 'grid'; its columns are user_id, "
        "customer_centre, branch, visits, paid");
}

TEST_CASE("allocate: a driver may be an expression over the receivers") {
  JobFixture job;
  add_books(job);
  job.set_job(allocate(std::string("driver: { sql: \"visits + 2\" }\n") + kPark));
  job.run();
  CHECK(job.rows("user_cost", "cost_item, user_id, amount")[0] == "C-01|u1|4.29");
  CHECK(job.rows("j.trace", "driver, driver_total").back() == "visits + 2|7");
  job.set_job(allocate(std::string("driver: { sql: \"visits / 2.0\" }\n") + kPark));
  CHECK(job.plan_problems().find("g.yaml:12:16: ") == 0);
}

TEST_CASE("allocate: rows of several currencies are summed and booked apart") {
  JobFixture job;
  add_books(job);
  const Schema schema = columns_of({text_column("voucher"), text_column("org_code"),
                                    text_column("currency"), money_column("amount")},
                                   {"voucher"});
  add_rows(job, "cost_pool",
           "('v1', 'K1', 'CNY', 1.00), ('v2', 'K1', 'CNY', 2.00), ('v3', 'K1', 'JPY', 100.00)",
           schema);
  const std::string rest =
      "receivers: { dataset: users, key: user_id, match: { org_code: customer_centre } }\n"
      "driver: visits\ninto: user_cost\n" +
      std::string(kPark);
  job.set_job(
      "type: allocate\npool: { dataset: cost_pool, amount: amount, sum_by: [org_code, currency], "
      "currency: currency, minor_units: { JPY: 0 } }\n" +
      rest);
  job.run();
  CHECK(job.rows("user_cost") ==
        Lines{"K1|CNY|u1|1.00", "K1|CNY|u2|2.00", "K1|JPY|u1|33.00", "K1|JPY|u2|67.00"});
  CHECK(job.report().find(R"("currencies":[{"currency":"CNY","pools":1,"amount":"3.00"},)"
                          R"({"currency":"JPY","pools":1,"amount":"100.00"}])") !=
        std::string::npos);
  CHECK(job.report().find(R"("receivers_without_pools":{"rows":1,"first":"user_id u3"})") !=
        std::string::npos);
  job.set_job("type: allocate\npool: { dataset: cost_pool, amount: amount, sum_by: org_code }\n" +
              rest);
  CHECK(job.plan_problems() ==
        "g.yaml:2:18: dataset 'cost_pool' has a column 'currency' that its parts would lose; say "
        "'currency: currency', or carry it");
}

TEST_CASE("allocate: pools without drivers go by the parts of the period before") {
  JobFixture job;
  add_books(job);
  const std::string previous =
      "driver: visits\nzero_driver: previous\nprevious: { dataset: user_cost, as: last_cost, "
      "period: "
      "\"add_months(period, -1)\", missing: empty }\nnegative_driver: fail\nmissing_driver: zero\n"
      "no_receivers: park\n";
  job.set_job(allocate(std::string("driver: visits\n") + kPark));
  job.run();
  job.feed("user_cost", "last_cost");
  add_rows(job, "users",
           "('u1', 'K1', 'B1', 0, 5.00), ('u2', 'K1', 'B1', 0, 0.00), ('u3', 'K2', 'B1', 4, 5.00)",
           user_schema());
  job.set_job(allocate(previous));
  job.run();
  CHECK(job.rows("user_cost")[0] == "C-01|K1|u1|3.33");
  CHECK(job.rows("j.trace", "outcome")[0] == "parked");
}

TEST_CASE("allocate: every mistake of a graph is reported where it stands") {
  JobFixture job;
  add_books(job);
  job.set_job(
      "type: allocate\n"
      "pool: { dataset: cost_pool, amount: grain }\n"
      "receivers:\n"
      "  dataset: users\n"
      "  key: userid\n"
      "  match:\n"
      "    by: grain\n"
      "    customer_center: { org_code: customer_centre }\n"
      "    branch: { org_code: visits }\n"
      "carry: [cost_item]\n"
      "driver: { column: branch }\n"
      "into: user_cost\n" +
      std::string(kPark));
  CHECK(
      job.plan_problems() ==
      "g.yaml:2:37: column 'grain' is enum(customer_centre, branch); a pool's amount is money, "
      "integer or decimal of up to 18 digits\n"
      "g.yaml:5:8: dataset 'users' has no column 'userid'; did you mean 'user_id'?\n"
      "g.yaml:7:5: warning: pools of grain 'customer_centre' match no receiver: they follow "
      "no_receivers\n"
      "g.yaml:8:5: 'customer_center' is no value of 'grain', which is enum(customer_centre, "
      "branch); did you mean 'customer_centre'?\n"
      "g.yaml:9:25: 'org_code' is text and 'visits' is integer; cast one of them in a cleanse "
      "before\n"
      "g.yaml:10:8: carry misses 'org_code' of the pool's key (cost_item, org_code); without it a "
      "part cannot be traced to its pool, nor the books closed by pool\n"
      "g.yaml:11:19: driver 'branch' is text; a driver is integer, money or decimal of up to 18 "
      "digits");
}

TEST_CASE("allocate: a match of the wrong shape is reported before any data") {
  JobFixture job;
  job.set_job(
      "type: allocate\npool: { dataset: cost_pool, amount: amount }\n"
      "receivers: { dataset: users, key: user_id, match: { org_code: { a: b } } }\n"
      "driver: visits\ninto: user_cost\n" +
      std::string(kPark));
  CHECK(job.shape_problems() ==
        "g.yaml:3:63: expected the name of a column; give 'by: <pool column>' to match by its "
        "values");
}
