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
  CHECK(json::serialize(proof.at("left_out")) ==
        R"(["which key is nearest to one that stands alone: it is a hint"])");
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

TEST_CASE("verify reconcile: units and signs of a side are followed") {
  const Compared job(
      "left: { dataset: bills, key: no, amount: amount, factor: \"1.0\" }\n"
      "right: { dataset: payments, key: bill, amount: paid, aggregate: sum, negate: true }\n");
  CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
  CHECK(json::serialize(job.verify().at("left_out")) ==
        R"(["which key is nearest to one that stands alone: it is a hint"])");
}

TEST_CASE("verify reconcile: a break's id, tolerance and cause are those that follow") {
  Compared job(kKeyed);
  const Lines found = job.objections(
      "j.breaks",
      "SELECT * REPLACE (CASE WHEN no = 'c' THEN 'x' ELSE break_id END AS break_id, CASE WHEN no = "
      "'c' THEN 0.010 ELSE difference END::DECIMAL(38,3) AS difference, 'amount' AS cause) FROM "
      "rows WHERE no = 'c' ORDER BY no");
  // Three others are no longer told.
  REQUIRE(found.size() == 4);
  CHECK(found.at(0).find(", difference 1.000, break_id ") != std::string::npos);
  CHECK(found.at(0).ends_with(", difference 0.010, break_id x"));
}

namespace {

/// Rows that are compared by a status in other words, a weight in other units and a day.
class Shipments : public PublishedJob {
 public:
  explicit Shipments(const std::string& more) : PublishedJob("shipments") {
    add_input("sent",
              "SELECT * FROM (VALUES ('a', 'open', 1.50::DECIMAL(18,2), DATE '2026-01-02'), ('a', "
              "'open', 1.50, DATE '2026-01-02'), ('b', 'done', 2.00, DATE '2026-01-02'), (NULL, "
              "'done', 3.00, DATE '2026-01-02')) t(no, state, kilos, day)",
              columns_of({text_column("no"),
                          text_column("state"),
                          {.name = "kilos", .type = Type::decimal(18, 2)},
                          {.name = "day", .type = Type::date()}}));
    add_input("received",
              "SELECT * FROM (VALUES ('a', '1', 1500::BIGINT, DATE '2026-01-05'), ('b', '1', 2010, "
              "DATE '2026-01-08')) t(no, state, grams, day)",
              columns_of({text_column("no"),
                          text_column("state"),
                          integer_column("grams"),
                          {.name = "day", .type = Type::date()}}));
    add_file("tables/states.csv", "left,right\nopen,1\ndone,2\n");
    add_file("calendars/week.yaml", "calendar: week\nunlisted_years: no_holidays\n");
    set_job(
        "type: reconcile\n"
        "left: { dataset: sent, key: no }\n"
        "right: { dataset: received, key: no }\n"
        "compare:\n"
        "  - { column: state, map: states }\n"
        "  - { column: kilos, right: grams, factor: \"0.001\", tolerance: { rel: \"0.01\" } }\n"
        "  - { column: day, working_days: 1 }\n"
        "calendar: week\nduplicates: pair\n" +
        more);
    publish();
  }
};

}  // namespace

TEST_CASE("verify reconcile: compared columns, repeated and missing keys are followed") {
  for (const char* more : {"", "missing_key: break\n"}) {
    Shipments job(more);
    const json::object proof = job.verify();
    CHECK(PublishedJob::mismatches(proof) == Lines{});
    CHECK(json::serialize(proof.at("left_out")) == "[]");
  }
}

TEST_CASE("verify reconcile: a break of compared columns that says something else is named") {
  Shipments job("");
  job.rewrite("j.breaks",
              "SELECT * REPLACE (CASE WHEN no = 'b' THEN '2' ELSE right_state END AS right_state) "
              "FROM rows ORDER BY no",
              true);
  job.believe("j.breaks");
  const Lines found = PublishedJob::mismatches(job.verify());
  REQUIRE(found.size() == 1);
  CHECK(found.at(0) ==
        "j.breaks/part-0000.parquet:2: " + kBreaks +
            "expected timing, left 1 of 1 rows, right 1 of 1 rows, right_state 1, found timing, "
            "left 1 of 1 rows, right 1 of 1 rows, right_state 2");
}

TEST_CASE("verify reconcile: what the run no longer keeps is left out and said") {
  Shipments job("");
  verify::RecordedJob recorded = job.recorded();
  recorded.files.clear();
  const json::object proof = verify::verify_job(job.engine(), recorded, {});
  CHECK(json::serialize(proof.at("left_out")) ==
        R"(["the classes of keys: the run did not keep table 'states' of 'state'"])");
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
  CHECK(json::serialize(proof.at("left_out")) ==
        R"(["what breaks say beside their rows and amounts: cause, nearest candidate"])");
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

TEST_CASE("verify reconcile: the verdict follows from breaks and from what the input lacks") {
  const std::string demands =
      "complete_when:\n  - { side: left, rows: \"5\", amount: \"19.00\" }\n";
  const Compared whole(kKeyed + demands);
  CHECK(PublishedJob::mismatches(whole.verify()) == Lines{});
  Compared job(kKeyed + demands +
               "  - { side: right, rows: \"7\", condition: \"max(paid) < 1\" }\n");
  CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
  verify::RecordedJob recorded = job.recorded();
  recorded.report["verdict"] = "breaks";
  recorded.report["incomplete"].as_array().pop_back();
  const std::string identity =
      "j: the verdict is the worst of what its breaks and its input come to: expected ";
  CHECK(PublishedJob::mismatches(verify::verify_job(job.engine(), recorded, {})) ==
        Lines{identity + "incomplete, found breaks",
              identity + "2 demands that do not hold, found 1 demands that do not hold"});
  recorded.report.clear();
  const json::object proof = verify::verify_job(job.engine(), recorded, {});
  CHECK(json::serialize(proof.at("left_out"))
            .find("the verdict: what the attempt counted is no longer kept") != std::string::npos);
}
