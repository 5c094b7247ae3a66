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
  CHECK(found == Lines{"user_cost/part-0000.parquet:3: left-over units went to the largest "
                       "remainders: expected the unit of pool cost_item C-01, org_code K1 for "
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
