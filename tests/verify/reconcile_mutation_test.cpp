// A change of any digit or row of breaks is noticed, however rows of a key are compared.
#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"
#include "tests/verify/mutations.h"

using namespace tallymill;

namespace {

/// 60 orders, some of them twice, and bills in fen and grams that differ in every way they can.
class OrdersAndBills : public PublishedJob {
 public:
  OrdersAndBills() : PublishedJob("orders_and_bills") {
    add_input("orders",
              "SELECT 'o' || (i % 50) AS no, (i * 137 % 900 + 1)::DECIMAL(18,2) AS amount, "
              "['open', 'done', 'lost'][i % 3 + 1] AS state, (i % 7 + 0.5)::DECIMAL(18,2) AS "
              "kilos, DATE '2026-01-05' + (i % 20)::INT AS due FROM range(60) t(i)",
              columns_of({text_column("no"),
                          money_column("amount"),
                          text_column("state"),
                          {.name = "kilos", .type = Type::decimal(18, 2)},
                          {.name = "due", .type = Type::date()}}));
    add_input("bills",
              "SELECT 'o' || (i % 50) AS no, (i * 137 % 900 + 1) * 100 + (i % 5 = 0)::INT * 3 + "
              "(i % 11 = 0)::INT * 700 AS fen, ['1', '2', '3'][(i + (i % 17 = 0)::INT) % 3 + 1] AS "
              "state, (i % 7) * 1000 + 500 + (i % 6 = 0)::INT * 40 + (i % 13 = 0)::INT * 99 AS "
              "grams, DATE '2026-01-05' + (i % 20 + (i % 4 = 0)::INT * 2)::INT AS due FROM "
              "range(56) t(i) WHERE i % 19 <> 3",
              columns_of({text_column("no"),
                          integer_column("fen"),
                          text_column("state"),
                          integer_column("grams"),
                          {.name = "due", .type = Type::date()}}));
    add_file("tables/states.csv", "left,right\nopen,1\ndone,2\nlost,3\n");
    add_file("calendars/week.yaml", "calendar: week\nunlisted_years: no_holidays\n");
    set_job(
        "type: reconcile\n"
        "left: { dataset: orders, key: no, amount: amount }\n"
        "right: { dataset: bills, key: no, amount: fen, factor: \"0.01\" }\n"
        "tolerance: { abs: \"0.02\", bands: [ { up_to: \"200\", abs: \"0.05\" } ] }\n"
        "compare:\n"
        "  - { column: state, map: states }\n"
        "  - { column: kilos, right: grams, factor: \"0.001\", tolerance: { abs: \"0.05\" } }\n"
        "  - { column: due, working_days: 1 }\n"
        "calendar: week\nduplicates: pair\n");
    publish();
  }
};

/// Four systems that tell of 40 terminals, and the arrears of 40 accounts with a register of them.
class ManySystems : public PublishedJob {
 public:
  explicit ManySystems(bool has_roles) : PublishedJob("many_systems") {
    const Schema schema =
        columns_of({text_column("system"), text_column("serial"), money_column("amount")});
    add_input("told",
              "SELECT s AS system, 't' || i AS serial, ((i * 37 % 200) + CASE WHEN (i * 7 + "
              "length(s)) % 9 = 0 THEN 0.01 WHEN (i * 5 + length(s)) % 11 = 0 THEN 4 ELSE 0 "
              "END)::DECIMAL(18,2) AS amount FROM range(40) t(i), (VALUES ('first'), ('seconds'), "
              "('thirdly')) v(s) WHERE (i * 3 + length(s)) % 13 <> 0",
              schema);
    std::string systems = "type: reconcile\nsystems:\n";
    for (const auto& [name, role] :
         {std::pair{"first", "opening"}, {"seconds", "closing"}, {"thirdly", "agrees"}})
      systems += std::string("  - { name: ") + name + (has_roles ? ", role: " : "") +
                 (has_roles ? role : "") +
                 ", dataset: told, key: serial, amount: amount, where: \"system = '" + name +
                 "'\" }\n";
    set_job(systems + "tolerance: { abs: \"0.01\" }\n");
    publish();
  }
};

}  // namespace

TEST_CASE("verify: changes of breaks of several systems are noticed") {
  for (const bool has_roles : {false, true}) {
    ManySystems job(has_roles);
    CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
    Mutations().expect_noticed(job, {"j.breaks"}, 150);
  }
}

TEST_CASE("verify: every one of 300 changes of compared keys is noticed") {
  OrdersAndBills job;
  const json::object proof = job.verify();
  CHECK(PublishedJob::mismatches(proof) == Lines{});
  CHECK(json::serialize(proof.at("left_out")) == "[]");
  Mutations().expect_noticed(job, {"j.breaks"}, 300);
}
