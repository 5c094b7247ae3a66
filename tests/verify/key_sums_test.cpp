#include "verify/key_sums.h"

#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"
#include "tests/lines.h"
#include "tests/verify/published_job.h"

using namespace tallymill;

namespace {

/// A job over plans of three payers, one of them without a term.
class Plans : public PublishedJob {
 public:
  Plans() : PublishedJob("plans") {
    add_input("plans",
              "SELECT * FROM (VALUES ('p1', 10.00::DECIMAL(18,2), 3::BIGINT, DATE '2026-01-05'), "
              "('p2', -1.00, 2, DATE '2026-03-01'), ('p3', 5.00, 0, DATE '2026-01-01')) t(plan, "
              "amount, months, start)",
              columns_of({text_column("plan"),
                          money_column("amount"),
                          integer_column("months"),
                          {.name = "start", .type = Type::date()}},
                         {"plan"}));
    set_job(
        "type: instalments\nfrom: { dataset: plans, amount: amount }\nmonths: months\nstart: "
        "start\ninto: schedule\n");
    publish();
  }
};

}  // namespace

TEST_CASE("verify instalments: plans add up, and every instalment but the last is equal") {
  Plans job;
  CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
  const json::object proof = job.verify(true);
  CHECK(json::serialize(proof.at("pools").as_array().at(2)) ==
        R"({"pool":"plan p3","in":"5.00","scheduled":"0.00","parked":"5.00"})");
  job.rewrite("schedule",
              "SELECT * REPLACE (CASE instalment WHEN 1 THEN 3.32 WHEN 3 THEN 3.35 ELSE amount "
              "END::DECIMAL(18,2) AS amount) FROM rows WHERE plan = 'p1' UNION ALL SELECT * FROM "
              "rows WHERE plan = 'p2' ORDER BY plan, instalment",
              true);
  job.believe("schedule");
  CHECK(PublishedJob::mismatches(job.verify()) ==
        Lines{"schedule/part-0000.parquet:1: every instalment is the amount divided by the months, "
              "the last one the rest: expected 3.33, one of 3 of plan p1, found 3.32, instalment 1",
              "schedule/part-0000.parquet:3: every instalment is the amount divided by the months, "
              "the last one the rest: expected 3.34, one of 3 of plan p1, found 3.35, instalment "
              "3"});
}

TEST_CASE("verify instalments: a plan that lost money is named with its sums") {
  Plans job;
  job.rewrite("j.parked", "SELECT * FROM rows WHERE false", true);
  job.believe("j.parked");
  const Lines found = PublishedJob::mismatches(job.verify());
  REQUIRE(!found.empty());
  CHECK(
      found.back() ==
      "j: of every plan: in = scheduled + parked: expected plan p3: in 5.00, found scheduled 0.00 "
      "+ parked 0.00");
}

TEST_CASE("verify carve_out: what is taken and what is left are the pool") {
  PublishedJob job("carved");
  job.add_input("costs",
                "SELECT * FROM (VALUES ('K1', 100.00::DECIMAL(18,2)), ('K2', 1.00)) t(centre, "
                "amount)",
                columns_of({text_column("centre"), money_column("amount")}, {"centre"}));
  job.add_input("cards", "SELECT * FROM (VALUES ('K1', 30::BIGINT), ('K2', 30)) t(centre, issued)",
                columns_of({text_column("centre"), integer_column("issued")}, {"centre"}));
  job.set_job(
      "type: carve_out\npool: { dataset: costs, amount: amount }\ntake:\n  - { name: cards, "
      "estimate: true, from: { dataset: cards, quantity: issued, price: \"0.35\", match: { centre: "
      "centre } } }\noverdrawn: park\nunmatched: fail\ninto: own\n");
  job.publish();
  CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
  job.rewrite("j.taken", "SELECT * REPLACE (10.00::DECIMAL(18,2) AS amount) FROM rows", true);
  job.believe("j.taken");
  CHECK(PublishedJob::mismatches(job.verify()).back() ==
        "j: of every pool: in = rest + taken + parked: expected centre K1: in 100.00, found rest "
        "89.50 + taken 10.00 + parked 0.00");
}

TEST_CASE("verify delta and supersede: what is posted or counts adds up") {
  PublishedJob delta("delta");
  const Schema figures = columns_of({text_column("centre"), money_column("amount")}, {"centre"});
  delta.add_input("costs", "SELECT 'K1' AS centre, 5.00::DECIMAL(18,2) AS amount", figures);
  delta.add_input("posted", "SELECT 'K1' AS centre, 3.00::DECIMAL(18,2) AS amount", figures);
  delta.set_job(
      "type: delta\nof: { dataset: costs, amount: amount }\nposted: { dataset: posted, amount: "
      "amount }\ninto: to_post\n");
  delta.publish();
  CHECK(PublishedJob::mismatches(delta.verify()) == Lines{});
  delta.rewrite("to_post", "SELECT * REPLACE (2.10::DECIMAL(18,2) AS amount) FROM rows", true);
  delta.believe("to_post");
  CHECK(PublishedJob::mismatches(delta.verify()).back() ==
        "j: of every key: what shall stand posted = posted + to post: expected centre K1: shall "
        "5.00, found posted 3.00 + to post 2.10");

  PublishedJob counting("counting");
  counting.add_input("reported", "SELECT 'K1' AS centre, 5.00::DECIMAL(18,2) AS amount", figures);
  counting.add_input("derived", "SELECT 'K2' AS centre, 3.00::DECIMAL(18,2) AS amount", figures);
  counting.set_job(
      "type: supersede\nmanual: { dataset: reported, amount: amount }\nderived: { dataset: "
      "derived, "
      "amount: amount }\nby: [centre]\ninto: figures\n");
  counting.publish();
  CHECK(PublishedJob::mismatches(counting.verify()) == Lines{});
  counting.rewrite("figures", "SELECT * FROM rows WHERE origin = 'manual'", true);
  counting.believe("figures");
  CHECK(PublishedJob::mismatches(counting.verify()).back() ==
        "j: of every group: derived = counting: expected centre K2: derived 3.00, found counting "
        "0.00");
}
