#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"
#include "tests/lines.h"
#include "tests/verify/published_job.h"

using namespace tallymill;

namespace {

/// Three pools, one of them negative, and one that nobody receives.
class PublishedCosts : public PublishedJob {
 public:
  explicit PublishedCosts(
      const std::string& policies =
          "zero_driver: even\nnegative_driver: park\nmissing_driver: zero\nno_receivers: park\n")
      : PublishedJob("costs") {
    add_input(
        "cost_pool",
        "SELECT * FROM (VALUES ('C-01', 'K1', 10.00::DECIMAL(18,2)), ('C-02', 'K2', -1.00), "
        "('C-03', 'K3', 0.05), ('C-04', 'K9', 7.00)) t(cost_item, org_code, amount)",
        columns_of({text_column("cost_item"), text_column("org_code"), money_column("amount")},
                   {"cost_item", "org_code"}));
    add_input("users",
              "SELECT * FROM (VALUES ('u1', 'K1', 1::BIGINT), ('u2', 'K1', 1), ('u3', 'K1', 1), "
              "('u4', 'K2', 4), ('u5', 'K3', 0), ('u6', 'K3', 0)) t(user_id, centre, visits)",
              columns_of({text_column("user_id"), text_column("centre"), integer_column("visits")},
                         {"user_id"}));
    set_job(
        "type: allocate\n"
        "pool: { dataset: cost_pool, amount: amount }\n"
        "receivers: { dataset: users, key: user_id, match: { org_code: centre } }\n"
        "driver: visits\ninto: user_cost\n" +
        policies);
    publish();
  }

  /// Rows of a version rewritten with everything that tells of them, so that only what follows
  /// from the inputs can object.
  Lines objections(const std::string& dataset, const std::string& select) {
    rewrite(dataset, select, true);
    believe(dataset);
    return mismatches(verify());
  }
};

}  // namespace

TEST_CASE("verify allocate: sound parts hold, and every pool is certified") {
  const PublishedCosts costs;
  const json::object proof = costs.verify(true);
  CHECK(PublishedJob::mismatches(proof).empty());
  CHECK(json_boolean(proof, "holds"));
  CHECK(proof.at("left_out").as_array().empty());
  CHECK(json::serialize(proof.at("pools").as_array().at(0)) ==
        R"({"pool":"cost_item C-01, org_code K1","in":"10.00","allocated":"10.00",)"
        R"("parked":"0.00","residual":"0.00","receivers":3})");
  CHECK(json::serialize(proof.at("pools").as_array().at(3)) ==
        R"({"pool":"cost_item C-04, org_code K9","in":"7.00","allocated":"0.00",)"
        R"("parked":"7.00","residual":"0.00","receivers":0,"reason":"no_receivers"})");
  CHECK_FALSE(costs.verify().contains("pools"));
}

TEST_CASE("verify allocate: a part that is not its receiver's share is named with its line") {
  PublishedCosts costs;
  const Lines found = costs.objections(
      "user_cost",
      "SELECT cost_item, org_code, user_id, CASE WHEN user_id = 'u4' THEN -1.10 ELSE amount "
      "END::DECIMAL(18,2) AS amount FROM rows ORDER BY ALL");
  CHECK(found ==
        Lines{"j: every class of the books is what its dataset holds: expected allocated: amount "
              "9.05, found amount 8.95 in user_cost",
              "user_cost/part-0000.parquet:4: every part is its receiver's share, exact to the "
              "unit: expected -1.00 or -1.01 for user_id u4 of pool cost_item C-02, org_code K2, "
              "found -1.10",
              "user_cost: of every pool: in = allocated + parked + residual: expected pool "
              "cost_item C-02, org_code K2: in -1.00, found allocated -1.10 + parked 0.00 + "
              "residual 0.00"});
}

TEST_CASE("verify allocate: a left-over unit that went to the wrong receiver is named") {
  PublishedCosts costs;
  // 10.00 by three: the unit belongs to u1, the smallest of equal remainders.
  const Lines found = costs.objections(
      "user_cost",
      "SELECT cost_item, org_code, user_id, (CASE user_id WHEN 'u1' THEN 3.33 WHEN 'u3' THEN 3.34 "
      "ELSE amount END)::DECIMAL(18,2) AS amount FROM rows ORDER BY ALL");
  CHECK(found ==
        Lines{"user_cost/part-0000.parquet:3: every unit went to the receiver "
              "whose turn it was: expected the last unit of pool cost_item C-01, org_code K1 for "
              "user_id u1 (line 1), found for user_id u3, which comes after it"});
}

TEST_CASE("verify allocate: a receiver twice in place of another one is found") {
  PublishedCosts costs;
  const Lines found = costs.objections(
      "user_cost",
      "SELECT cost_item, org_code, CASE user_id WHEN 'u6' THEN 'u5' ELSE user_id END AS user_id, "
      "amount FROM rows ORDER BY ALL");
  REQUIRE(found.size() >= 2);
  CHECK(found.at(0) ==
        "user_cost/part-0000.parquet:5: the key is unique and never missing: expected one row of "
        "each key, found another one with cost_item C-03, org_code K3, user_id u5");
  CHECK(found.at(2) ==
        "user_cost: every pool has one part for each of its receivers: expected pool cost_item "
        "C-03, org_code K3: one part for each of its receivers, found a receiver twice, and "
        "another one not at all");
}

TEST_CASE("verify allocate: what is parked without its reason, or a trace of other drivers") {
  PublishedCosts costs;
  CHECK(costs.objections("j.parked",
                         "SELECT cost_item, org_code, amount, 'zero_driver' AS reason FROM rows") ==
        Lines{"j.parked/part-0000.parquet:1: a pool is parked for the reason its drivers give: "
              "expected no_receivers, found zero_driver"});
  PublishedCosts other;
  CHECK(other.objections("j.trace",
                         "SELECT * REPLACE (CASE WHEN cost_item = 'C-01' THEN '4' ELSE "
                         "driver_total END AS driver_total) FROM rows ORDER BY cost_item") ==
        Lines{"j.trace/part-0000.parquet:1: the trace tells every pool's receivers and driver "
              "total: expected driver_total 3, found driver_total 4"});
}

TEST_CASE("verify allocate: a changed input is as good as a changed part") {
  PublishedCosts costs;
  verify::RecordedJob job = costs.recorded();
  CHECK(
      PublishedJob::mismatches(verify::verify_job(costs.engine(), job, {.contents_of = {"users"}}))
          .empty());
  job.inputs.at("users").front().digest = "v1:6:00";
  const Lines found =
      PublishedJob::mismatches(verify::verify_job(costs.engine(), job, {.contents_of = {"users"}}));
  REQUIRE(found.size() == 2);
  CHECK(found.at(0).starts_with(
      "users: the manifest is what is on record: expected digest v1:6:00, found digest v1:6:"));
}

TEST_CASE("verify allocate: a pool of a coarser coin, sums of rows, a driver in SQL") {
  PublishedJob job("coins");
  job.add_input(
      "cost_pool",
      "SELECT * FROM (VALUES ('C-01', 'JPY', 10.40::DECIMAL(18,2)), ('C-01', 'JPY', "
      "-20.75), ('C-02', 'CNY', 1.00)) t(cost_item, currency, amount)",
      columns_of({text_column("cost_item"), text_column("currency"), money_column("amount")}, {}));
  job.add_input(
      "users",
      "SELECT * FROM (VALUES ('u1', 1::BIGINT, 0.50::DECIMAL(18,2)), ('u2', 2, 0.25), "
      "('u3', NULL, 1.00)) t(user_id, visits, price)",
      columns_of({text_column("user_id"), integer_column("visits"), money_column("price")},
                 {"user_id"}));
  job.set_job(
      "type: allocate\n"
      "pool: { dataset: cost_pool, amount: amount, sum_by: [cost_item, currency], currency: "
      "currency, minor_units: { JPY: 0 } }\n"
      "receivers: { dataset: users, key: user_id }\n"
      "driver: { sql: \"cast(visits * price as decimal(18,2))\" }\ninto: user_cost\n"
      "zero_driver: even\nnegative_driver: park\nmissing_driver: zero\nno_receivers: park\n");
  job.publish();
  const json::object proof = job.verify(true);
  CHECK(PublishedJob::mismatches(proof) == Lines{});
  CHECK(json::serialize(proof.at("pools").as_array().at(0)) ==
        R"({"pool":"cost_item C-01, currency JPY","in":"-10.35","allocated":"-10.00",)"
        R"("parked":"0.00","residual":"-0.35","receivers":3})");
  job.rewrite("j.residual", "SELECT * REPLACE (-0.34::DECIMAL(18,2) AS amount) FROM rows", true);
  job.believe("j.residual");
  const Lines found = PublishedJob::mismatches(job.verify());
  REQUIRE(found.size() == 3);
  CHECK(found.back() ==
        "user_cost: what is left over is less than the smallest coin: expected pool cost_item "
        "C-01, currency JPY: -0.35, found -0.34");
}

TEST_CASE("verify allocate: parts of an earlier period weigh where drivers add up to nothing") {
  PublishedJob job("earlier");
  job.add_input(
      "cost_pool", "SELECT 'C-01' AS cost_item, 'K1' AS org_code, 1.00::DECIMAL(18,2) AS amount",
      columns_of({text_column("cost_item"), text_column("org_code"), money_column("amount")},
                 {"cost_item", "org_code"}));
  job.add_input("users",
                "SELECT * FROM (VALUES ('u1', 0::BIGINT), ('u2', 0), ('u3', 0)) t(user_id, visits)",
                columns_of({text_column("user_id"), integer_column("visits")}, {"user_id"}));
  job.add_input(
      "earlier",
      "SELECT * FROM (VALUES ('C-01', 'K1', 'u1', -3.00::DECIMAL(18,2)), ('C-01', 'K1', "
      "'u3', -6.00), ('C-01', 'K1', 'u9', -9.00)) t(cost_item, org_code, user_id, amount)",
      columns_of({text_column("cost_item"), text_column("org_code"), text_column("user_id"),
                  money_column("amount")},
                 {"cost_item", "org_code", "user_id"}));
  job.set_job(
      "type: allocate\n"
      "pool: { dataset: cost_pool, amount: amount }\n"
      "receivers: { dataset: users, key: user_id }\n"
      "driver: visits\ninto: user_cost\nprevious: { dataset: earlier }\n"
      "zero_driver: previous\nnegative_driver: park\nmissing_driver: zero\nno_receivers: park\n");
  job.publish();
  CHECK(PublishedJob::mismatches(job.verify()).empty());
  job.rewrite(
      "user_cost",
      "SELECT cost_item, org_code, user_id, (CASE user_id WHEN 'u1' THEN 0.35 WHEN 'u3' THEN "
      "0.65 ELSE 0 END)::DECIMAL(18,2) AS amount FROM rows ORDER BY user_id",
      true);
  job.believe("user_cost");
  CHECK(
      PublishedJob::mismatches(job.verify()) ==
      Lines{
          "user_cost/part-0000.parquet:1: every part is its receiver's share, exact to the unit: "
          "expected 0.33 or 0.34 for user_id u1 of pool cost_item C-01, org_code K1, found 0.35",
          "user_cost/part-0000.parquet:3: every part is its receiver's share, exact to the unit: "
          "expected 0.66 or 0.67 for user_id u3 of pool cost_item C-01, org_code K1, found 0.65"});
}

namespace {

/// Two pools for users who stand in a tree of places, or in columns of branch and team.
class PlacedCosts : public PublishedJob {
 public:
  explicit PlacedCosts(const std::string& hierarchy) : PublishedJob("placed") {
    add_input("cost_pool",
              "SELECT * FROM (VALUES ('C-01', 10.00::DECIMAL(18,2)), ('C-02', -0.07)) "
              "t(cost_item, amount)",
              columns_of({text_column("cost_item"), money_column("amount")}, {"cost_item"}));
    add_input(
        "users",
        "SELECT 'u' || i AS user_id, 'B' || (i % 2) AS branch, 'T' || (i % 6) AS team, (i * 7 "
        "% 5 + 1)::BIGINT AS visits FROM range(12) t(i)",
        columns_of({text_column("user_id"), text_column("branch"), text_column("team"),
                    integer_column("visits")},
                   {"user_id"}));
    add_input("places",
              "SELECT 'T' || i AS place, 'B' || (i % 2) AS above FROM range(6) t(i) UNION ALL "
              "SELECT 'B' || i, NULL FROM range(2) t(i)",
              columns_of({text_column("place"), text_column("above")}, {"place"}));
    set_job(
        "type: allocate\n"
        "pool: { dataset: cost_pool, amount: amount }\n"
        "receivers: { dataset: users, key: user_id }\n"
        "driver: visits\ninto: user_cost\nhierarchy: " +
        hierarchy +
        "\nzero_driver: even\nnegative_driver: park\nmissing_driver: zero\nno_receivers: park\n");
    publish();
  }
};

}  // namespace

TEST_CASE("verify allocate: along a hierarchy every node is certified, by columns or by places") {
  const PlacedCosts by_columns("[branch, team]");
  const json::object proof = by_columns.verify(true);
  CHECK(PublishedJob::mismatches(proof).empty());
  REQUIRE(proof.at("nodes").as_array().size() == 8);
  CHECK(json::serialize(proof.at("nodes").as_array().at(0)) ==
        R"({"node":"branch B0","level":0,"allocated":"4.67"})");
  CHECK(json::serialize(proof.at("nodes").as_array().at(1)) ==
        R"({"node":"branch B0, team T0","level":1,"allocated":"1.17"})");
  const PlacedCosts by_places("{ place: team, dataset: places, key: place, parent: above }");
  const json::object again = by_places.verify(true);
  CHECK(PublishedJob::mismatches(again).empty());
  CHECK(json_text(again.at("nodes").at(0).as_object(), "allocated") == "4.67");
}

TEST_CASE("verify allocate: a part out of its order along the hierarchy is named") {
  PlacedCosts costs("[branch, team]");
  costs.rewrite(
      "user_cost",
      "SELECT cost_item, user_id, (amount + CASE WHEN cost_item = 'C-02' AND user_id = 'u1' "
      "THEN -0.01 WHEN cost_item = 'C-02' AND user_id = 'u3' THEN 0.01 ELSE 0 "
      "END)::DECIMAL(18,2) AS amount FROM rows ORDER BY ALL",
      true);
  costs.believe("user_cost");
  const Lines found = PublishedJob::mismatches(costs.verify());
  REQUIRE(found.size() == 2);
  CHECK(found.at(0).find("of pool cost_item C-02") != std::string::npos);
}
