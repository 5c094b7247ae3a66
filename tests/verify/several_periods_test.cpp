// A job that reads several periods of a dataset is verified by the rows that it saw: its conditions
// may ask of which period a row is.
#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"
#include "tests/lines.h"
#include "tests/verify/mutations.h"

using namespace tallymill;

namespace {

/// Bills and payments of two months; the same numbers are given anew each month.
class TwoMonths : public PublishedJob {
 public:
  explicit TwoMonths(const std::string& job) : PublishedJob("two_months") {
    const Schema schema =
        columns_of({text_column("no"), text_column("account"), money_column("amount")}, {"no"});
    add("bills", "2025-12",
        "SELECT * FROM (VALUES ('a', 'k', 10.00::DECIMAL(18,2)), ('b', 'k', 4.00)) "
        "t(no, account, amount)",
        schema);
    add("bills", "2026-01",
        "SELECT * FROM (VALUES ('a', 'k', 12.00::DECIMAL(18,2)), ('b', 'l', 5.00)) "
        "t(no, account, amount)",
        schema);
    add("users", "2025-12", "SELECT 'u' AS no, 'k' AS account, 1.00::DECIMAL(18,2) AS amount",
        schema);
    add("users", "2026-01", "SELECT 'v' AS no, 'k' AS account, 1.00::DECIMAL(18,2) AS amount",
        schema);
    add("payments", "2025-12",
        "SELECT * FROM (VALUES ('a', 'k', 9.00::DECIMAL(18,2))) t(no, account, amount)", schema);
    add("payments", "2026-01",
        "SELECT * FROM (VALUES ('a', 'k', 12.00::DECIMAL(18,2)), ('b', 'l', 6.00)) "
        "t(no, account, amount)",
        schema);
    add_input("costs", "SELECT 'x' AS cost, 'k' AS account, 7.01::DECIMAL(18,2) AS amount",
              columns_of({text_column("cost"), text_column("account"), money_column("amount")},
                         {"cost"}));
    task.several = {"bills", "payments", "users"};
    set_job(job);
    publish();
  }

 private:
  void add(const std::string& dataset, const std::string& period, const std::string& select,
           const Schema& schema) {
    InputVersion version =
        make_version(root() / ("made_" + dataset + "_" + period), dataset, select, schema);
    version.version = "v" + period;
    version.period = period;
    task.inputs[dataset].push_back(version);
  }
};

constexpr const char* kBills = "dataset: bills, periods: last(2), key: no, amount: amount";
constexpr const char* kPayments = "dataset: payments, periods: last(2), key: no, amount: amount";

}  // namespace

TEST_CASE(
    "verify several periods: sides, and what is asked of them, see of which period rows are") {
  TwoMonths job(
      std::string("type: reconcile\nleft: { ") + kBills + ", where: \"_period = '2026-01'\" }\n" +
      "right: { " + kPayments + ", where: \"_period = '2026-01' AND _partition = ''\" }\n" +
      "complete_when:\n  - { side: left, rows: \"2\", condition: \"count(DISTINCT _period) = 1\" "
      "}\n");
  CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
  CHECK(job.made("j.breaks").rows == 1);
  Mutations().expect_noticed(job, {"j.breaks"}, 30);
}

TEST_CASE("verify several periods: systems that are one dataset in two months") {
  TwoMonths job(std::string("type: reconcile\nsystems:\n") + "  - { name: before, " + kBills +
                ", where: \"_period = '2025-12'\" }\n  - { name: now, " + kBills +
                ", where: \"_period = '2026-01'\" }\n");
  CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
  CHECK(job.made("j.breaks").rows == 2);
  Mutations().expect_noticed(job, {"j.breaks"}, 30);
}

TEST_CASE("verify several periods: rows of stages, though each month has the same ids") {
  const auto side = [](const char* dataset, const char* where) {
    return std::string("{ dataset: ") + dataset +
           ", periods: last(2), key: account, amount: amount" + where + " }\n";
  };
  const std::string stages =
      "stages:\n  - tolerance: { by: account }\n  - subset_sum: { at_most: 3 }\n";
  const char* const kNow = ", where: \"_period = '2026-01'\"";
  TwoMonths one("type: reconcile\nleft: " + side("bills", kNow) +
                "right: " + side("payments", kNow) + stages);
  CHECK(PublishedJob::mismatches(one.verify()) == Lines{});
  TwoMonths both("type: reconcile\nleft: " + side("bills", "") + "right: " + side("payments", "") +
                 stages);
  CHECK(PublishedJob::mismatches(both.verify()) == Lines{});
}

TEST_CASE("verify several periods: a driver that asks of which period a receiver is") {
  TwoMonths job(
      "type: allocate\npool: { dataset: costs, amount: amount }\n"
      "receivers: { dataset: users, periods: last(2), key: no, match: { account: account } }\n"
      "driver: { sql: \"CASE WHEN _period = '2026-01' THEN 3 ELSE 1 END\" }\n"
      "into: parts\nno_receivers: park\nzero_driver: park\n");
  CHECK(PublishedJob::mismatches(job.verify()) == Lines{});
}
