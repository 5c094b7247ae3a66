#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"
#include "tests/lines.h"
#include "tests/verify/published_job.h"

using namespace tallymill;

namespace {

class Compared : public PublishedJob {
 public:
  explicit Compared(const std::string& job) : PublishedJob("compared") {
    add_input("bills",
              "SELECT * FROM (VALUES ('a', 10.00::DECIMAL(18,2)), ('b', 5.00), ('c', 3.00), ('d', "
              "1.00), ('e', NULL)) t(no, amount)",
              columns_of({text_column("no"), money_column("amount")}, {"no"}));
    add_input("payments",
              "SELECT * FROM (VALUES (1::BIGINT, 'a', 6.000::DECIMAL(18,3)), (2, 'a', 4.000), (3, "
              "'b', 5.010), (4, 'c', 2.000), (5, 'x', 7.000), (6, 'e', 0.000)) t(id, bill, paid)",
              columns_of({integer_column("id"),
                          text_column("bill"),
                          {.name = "paid", .type = Type::decimal(18, 3)}},
                         {"id"}));
    task.params["tolerance"] = {"money", "0.01"};
    set_job("type: reconcile\n" + job);
    publish();
  }
  Lines objections(const std::string& dataset, const std::string& select) {
    rewrite(dataset, select, true);
    believe(dataset);
    return mismatches(verify());
  }
};

constexpr const char* kKeyed =
    "left: { dataset: bills, key: no, amount: amount }\n"
    "right: { dataset: payments, key: bill, amount: paid, aggregate: sum }\n"
    "tolerance: { abs: param(tolerance) }\n";

const std::string kBreaks =
    "the breaks are the keys that do not agree, with what both sides hold: ";

}  // namespace

TEST_CASE("verify reconcile: breaks and classes that follow from both sides hold") {
  const Compared job(kKeyed);
  const json::object proof = job.verify();
  CHECK(PublishedJob::mismatches(proof) == Lines{});
  CHECK(proof.at("left_out").as_array().empty());
}

TEST_CASE("verify reconcile: a break that is missing, invented or of another amount is named") {
  Compared missing(kKeyed);
  Lines found = missing.objections("j.breaks", "SELECT * FROM rows WHERE no <> 'd'");
  REQUIRE(found.size() == 1);
  CHECK(found.at(0) == "j.breaks: " + kBreaks +
                           "expected a break of no d: left_only, left 1.000 of 1 rows, right "
                           "(none) of 0 rows, found none");
  Compared other(kKeyed);
  found = other.objections(
      "j.breaks",
      "SELECT * REPLACE (CASE WHEN no = 'c' THEN 2.500 ELSE right_amount END::DECIMAL(38,3) AS "
      "right_amount) FROM rows ORDER BY no");
  REQUIRE(found.size() == 1);
  CHECK(found.at(0) == "j.breaks/part-0000.parquet:1: " + kBreaks +
                           "expected amount, left 3.000 of 1 rows, right 2.000 of 1 rows, found "
                           "amount, left 3.000 of 1 rows, right 2.500 of 1 rows");
  Compared invented(kKeyed);
  found =
      invented.objections("j.breaks",
                          "SELECT * FROM rows UNION ALL SELECT * REPLACE ('zz' AS break_id, 'b' "
                          "AS no) FROM rows WHERE no = 'c'");
  REQUIRE(found.size() == 1);
  CHECK(
      found.at(0).find("expected within_tolerance, left 5.000 of 1 rows, right 5.010 of 1 rows") !=
      std::string::npos);
}

TEST_CASE("verify reconcile: a statement that counts other rows than there are is named") {
  Compared job(kKeyed);
  verify::RecordedJob recorded = job.recorded();
  json::object& matched = recorded.ledger.at("out").as_array().at(0).as_object();
  matched["rows"] = 4;
  recorded.ledger.at("in").as_array().at(0).as_object()["rows"] = 6;
  const Lines found = PublishedJob::mismatches(verify::verify_job(job.engine(), recorded, {}));
  REQUIRE(!found.empty());
  CHECK(found.back() ==
        "j: every class of the statement has the rows and sums of its keys: expected matched: 3 "
        "rows, left 10.000, right 10.000, found matched: 4 rows, left 10.000, right 10.000");
}

TEST_CASE("verify reconcile: what is compared by more than amounts is left out and said") {
  const Compared job(
      "left: { dataset: bills, key: no, amount: amount, factor: \"1.0\" }\n"
      "right: { dataset: payments, key: bill, amount: paid, aggregate: sum }\n");
  CHECK(json::serialize(job.verify().at("left_out")) ==
        R"(["the classes of keys: a side has a factor or other signs"])");
}

namespace {

constexpr const char* kStaged =
    "left: { dataset: bills, key: [], amount: amount }\n"
    "right: { dataset: payments, key: [], amount: paid }\n"
    "stages:\n"
    "  - exact: {}\n"
    "  - tolerance: { abs: \"0.01\" }\n"
    "  - subset_sum: { at_most: 3 }\n";

}  // namespace

TEST_CASE("verify reconcile: every row of a cascade is in one match or break") {
  Compared job(kStaged);
  const json::object proof = job.verify();
  CHECK(PublishedJob::mismatches(proof) == Lines{});
  CHECK(proof.at("left_out").as_array().empty());
  Lines found = job.objections(
      "j.matches",
      "SELECT * REPLACE (CASE WHEN stage = 'subset_sum' AND side = 'right' AND amount = 4.000 THEN "
      "4.100 ELSE amount END::DECIMAL(38,3) AS amount) FROM rows ORDER BY ALL");
  REQUIRE(found.size() >= 2);
  CHECK(found.at(0).find("the sums of a match agree within its tolerance: expected match ") !=
        std::string::npos);
  CHECK(found.at(1).find("expected right row 2 with 4.000, found 4.100 in match ") !=
        std::string::npos);
  Compared twice(kStaged);
  found = twice.objections("j.breaks", "SELECT * REPLACE ('a' AS \"row\") FROM rows");
  CHECK(!found.empty());
}
