#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"
#include "tests/lines.h"
#include "tests/verify/published_job.h"

using namespace tallymill;

namespace {

/// A shop, its dealers and the cash book tell of the same sales.
class Sales : public PublishedJob {
 public:
  explicit Sales(const std::string& more = "") : PublishedJob("sales") {
    add_input("shop",
              "SELECT * FROM (VALUES ('a', 10.00::DECIMAL(18,2)), ('b', 5.00), ('c', 3.00), ('d', "
              "1.00), ('e', 2.00)) t(no, amount)",
              columns_of({text_column("no"), money_column("amount")}, {"no"}));
    add_input("dealer",
              "SELECT * FROM (VALUES ('a', 10.00::DECIMAL(18,2)), ('b', 5.01), ('c', 3.50), ('d', "
              "1.00), ('d', 1.00)) t(no, amount)",
              columns_of({text_column("no"), money_column("amount")}));
    add_input("cash",
              "SELECT * FROM (VALUES ('a', 600::BIGINT), ('a', 400), ('b', 500), ('c', 250), ('d', "
              "100), ('x', 700)) t(sale, fen)",
              columns_of({text_column("sale"), integer_column("fen")}));
    set_job(
        "type: reconcile\n"
        "systems:\n"
        "  - { name: shop, dataset: shop, key: no, amount: amount }\n"
        "  - { name: dealer, dataset: dealer, key: no, amount: amount }\n"
        "  - { name: cash, dataset: cash, key: sale, amount: fen, factor: \"0.01\", aggregate: sum "
        "}\n"
        "tolerance: { abs: \"0.01\" }\nduplicates: pair\n" +
        more);
    publish();
  }
  Lines objections(const std::string& select) {
    rewrite("j.breaks", select, true);
    believe("j.breaks");
    return mismatches(verify());
  }
};

/// What was owed, what came and went, and what is owed; a register must agree with that.
class Arrears : public PublishedJob {
 public:
  explicit Arrears(const std::string& more = "") : PublishedJob("arrears") {
    const Schema schema =
        columns_of({text_column("kind"), text_column("account"), money_column("amount")});
    add_input("moves",
              "SELECT * FROM (VALUES ('before', 'a', 10.00::DECIMAL(18,2)), ('before', 'b', 5.00), "
              "('bill', 'a', 4.00), ('bill', 'c', 7.00), ('paid', 'a', 6.00), ('paid', 'b', 5.00), "
              "('after', 'a', 8.00), ('after', 'b', 1.00), ('after', 'c', 7.00), ('book', 'a', "
              "8.00), ('book', 'c', 6.00), ('book', NULL, 2.00)) t(kind, account, amount)",
              schema);
    std::string systems = "type: reconcile\nsystems:\n";
    for (const auto& [kind, role] : {std::pair{"before", "opening"},
                                     {"bill", "in"},
                                     {"paid", "out"},
                                     {"after", "closing"},
                                     {"book", "agrees"}})
      systems += std::string("  - { name: ") + kind + ", role: " + role +
                 ", dataset: moves, key: account, amount: amount, where: \"kind = '" + kind +
                 "'\" }\n";
    set_job(systems + more);
    publish();
  }
};

const std::string kBreaks =
    "the breaks are the keys on which systems do not agree, with what each holds: ";

}  // namespace

TEST_CASE("verify reconcile: systems that agree or do not are judged key by key") {
  const Sales job("complete_when:\n  - { side: cash, rows: \"6\", amount: \"25.50\" }\n");
  const json::object proof = job.verify();
  CHECK(PublishedJob::mismatches(proof) == Lines{});
  CHECK(json::serialize(proof.at("left_out")) ==
        R"(["which key is nearest to one that a system lacks: it is a hint"])");
}

TEST_CASE("verify reconcile: opening and movements come to closing, key by key") {
  for (const char* more : {"", "missing_key: break\n"}) {
    const Arrears job(more);
    const json::object proof = job.verify();
    CHECK(PublishedJob::mismatches(proof) == Lines{});
    CHECK(json::serialize(proof.at("left_out")) ==
          R"(["which key is nearest to one that a system lacks: it is a hint"])");
  }
}

TEST_CASE("verify reconcile: a break of systems that is missing, invented or another is named") {
  Sales missing;
  Lines found = missing.objections("SELECT * FROM rows WHERE no <> 'x' ORDER BY no");
  REQUIRE(found.size() == 1);
  CHECK(found.at(0) == "j.breaks: " + kBreaks +
                           "expected a break of sale x: missing, left (none) of 0 rows, right 7.00 "
                           "of 1 rows, found none");
  Sales other;
  found = other.objections(
      "SELECT * REPLACE (CASE WHEN no = 'c' THEN 2.00 ELSE cash_amount END::DECIMAL(38,2) AS "
      "cash_amount) FROM rows ORDER BY no");
  REQUIRE(found.size() == 1);
  CHECK(found.at(0) == "j.breaks/part-0000.parquet:1: " + kBreaks +
                           "expected amount, left 3.00 of 1 rows, right 3.50 of 2 rows, "
                           "cash_amount 2.50, found amount, left 3.00 of 1 rows, right 3.50 of 2 "
                           "rows, cash_amount 2.00");
  Sales invented;
  found = invented.objections(
      "SELECT * FROM rows UNION ALL SELECT * REPLACE ('z' AS break_id, 'a' AS no) FROM rows WHERE "
      "no = 'c'");
  REQUIRE(found.size() == 1);
  CHECK(found.at(0).find("expected matched, left 10.00 of 1 rows, right 10.00 of 3 rows, found") !=
        std::string::npos);
}

TEST_CASE("verify reconcile: a statement of systems that counts something else is named") {
  Arrears job;
  verify::RecordedJob recorded = job.recorded();
  recorded.report.at("statement").at("equation").as_object()["closing"] = "17.00";
  const Lines found = PublishedJob::mismatches(verify::verify_job(job.engine(), recorded, {}));
  CHECK(found == Lines{"j: the equation of the statement is that of the systems' sums: expected "
                       "opening 15.00, in 11.00, out 11.00, closing 16.00, residual -1.00, found "
                       "opening 15.00, in 11.00, out 11.00, closing 17.00, residual -1.00"});
}
