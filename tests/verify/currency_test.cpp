// Amounts of several currencies are judged within each: what breaks and statement say of them, and
// that every change of it is noticed.
#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"
#include "tests/lines.h"
#include "tests/verify/mutations.h"

using namespace tallymill;

namespace {

/// Orders and payments in three currencies that agree, differ, or were paid in another currency.
class Currencies : public PublishedJob {
 public:
  explicit Currencies(const std::string& job) : PublishedJob("currencies") {
    const Schema schema = columns_of(
        {text_column("id"), text_column("no"), text_column("currency"), money_column("amount")},
        {"id"});
    const std::string currency = "['CNY', 'EUR', 'USD'][";
    // A key has its rows in one currency on each side, so that no row stands alone.
    add_input("orders",
              "SELECT 'o' || i AS id, 'n' || (i % 24) AS no, " + currency +
                  "i % 3 + 1] AS currency, (i * 37 % 50 + 1)::DECIMAL(18,2) AS amount FROM "
                  "range(48) t(i)",
              schema);
    add_input("payments",
              "SELECT 'p' || i AS id, 'n' || (i % 24) AS no, " + currency +
                  "(i + (i % 24 % 7 = 0)::INT + (i % 24 % 11 = 0)::INT) % 3 + 1] AS currency, (i * "
                  "37 % 50 + 1 + (i % 5 = 0)::INT * 0.01 + (i % 8 = 0)::INT * 3)::DECIMAL(18,2) AS "
                  "amount FROM range(48) t(i)",
              schema);
    set_job("type: reconcile\n" + job);
    publish();
  }

  Lines objections(const std::string& dataset, const std::string& select) {
    rewrite(dataset, select, true);
    believe(dataset);
    return mismatches(verify());
  }
};

std::string sides(const std::string& more) {
  const std::string rest = ", key: no, amount: amount, currency: currency" + more + " }\n";
  return "left: { dataset: orders" + rest + "right: { dataset: payments" + rest;
}

std::string systems() {
  const std::string rest = ", key: no, amount: amount, currency: currency, aggregate: sum }\n";
  return "systems:\n  - { name: orders, dataset: orders" + rest +
         "  - { name: payments, dataset: payments" + rest;
}

}  // namespace

TEST_CASE("verify currencies: keys meet within one, and what is left in two is one break") {
  Currencies job(sides(", aggregate: sum"));
  const json::object proof = job.verify();
  CHECK(PublishedJob::mismatches(proof) == Lines{});
  CHECK(json::serialize(proof.at("left_out")) == "[]");
  const Lines found = job.objections(
      "j.breaks",
      "SELECT * REPLACE (CASE WHEN class = 'currency' THEN 'CNY' END AS right_currency) FROM rows");
  REQUIRE(!found.empty());
  CHECK(found.at(0).find("right_currency") != std::string::npos);
}

TEST_CASE("verify currencies: changes of breaks are noticed, however rows of a key meet") {
  const std::vector<std::string> jobs{
      sides(", aggregate: sum"),
      sides("") + "duplicates: pair\nmissing_key: break\n",
      sides("") + "duplicates: pair\ncompare: [ { column: id } ]\n",
      "left: { dataset: orders, key: [], amount: amount, currency: currency }\n"
      "right: { dataset: payments, key: [], amount: amount, currency: currency }\n",
      systems(),
      systems() + "missing_key: break\ntolerance: { abs: \"0.01\" }\n"};
  for (const std::string& job : jobs) {
    CAPTURE(job);
    Currencies published(job);
    CHECK(PublishedJob::mismatches(published.verify()) == Lines{});
    Mutations().expect_noticed(published, {"j.breaks"}, 60);
  }
}

TEST_CASE("verify currencies: a key that is added up on one side counts all its rows") {
  Currencies job(
      "left: { dataset: orders, key: no, amount: amount, currency: currency }\n"
      "right: { dataset: payments, key: no, amount: amount, currency: currency, aggregate: sum }\n"
      "duplicates: pair\n");
  CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
  Mutations().expect_noticed(job, {"j.breaks"}, 60);
}

TEST_CASE("verify currencies: a match of rows of two currencies is none") {
  Currencies job(
      "left: { dataset: orders, key: [], amount: amount, currency: currency }\n"
      "right: { dataset: payments, key: [], amount: amount, currency: currency }\n"
      "stages:\n  - exact: {}\n  - tolerance: { abs: \"0.01\" }\n  - subset_sum: { at_most: 2 }\n");
  CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
  const Lines found = job.objections(
      "j.matches",
      "SELECT * REPLACE (CASE WHEN side = 'right' THEN 'USD' ELSE 'EUR' END AS currency) FROM "
      "rows");
  REQUIRE(!found.empty());
  CHECK(found.at(0).find("what the other rows of match ") != std::string::npos);
}

TEST_CASE("verify currencies: books that count another sum in a currency are named") {
  for (const std::string& job : {sides(", aggregate: sum"), systems()}) {
    Currencies published(job);
    verify::RecordedJob recorded = published.recorded();
    json::object& matched = recorded.ledger.at("out").as_array().at(0).as_object();
    json::object& amounts = matched.at("amounts").as_object();
    const std::string name = job.starts_with("left") ? "left_amount CNY" : "orders_amount CNY";
    REQUIRE(amounts.contains(name));
    amounts[name] = "0.07";
    const json::object proof = verify::verify_job(published.engine(), recorded, {});
    const Lines found = PublishedJob::mismatches(proof);
    CHECK(std::ranges::any_of(found, [](const std::string& line) {
      return line.find("CNY 0.07") != std::string::npos &&
             line.find("every class of the statement") != std::string::npos;
    }));
  }
}
