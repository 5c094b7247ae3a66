// Of several periods together a row may come in each of them, whatever the key of the dataset.
#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

/// Users of two months: 'a' is one in both.
class UsersOfTwoMonths : public JobFixture {
 public:
  explicit UsersOfTwoMonths(const std::string& job) {
    add("'2025-12' AS month, 'a' AS no, 'k' AS account, 1.00::DECIMAL(18,2) AS amount", "2025-12");
    add("'2026-01' AS month, 'a' AS no, 'k' AS account, 2.00::DECIMAL(18,2) AS amount", "2026-01");
    add_input("costs", "SELECT 'x' AS cost, 'k' AS account, 7.01::DECIMAL(18,2) AS amount",
              columns_of({text_column("cost"), text_column("account"), money_column("amount")},
                         {"cost"}));
    task.several = {"users"};
    set_job(job);
  }

 private:
  void add(const std::string& select, const std::string& period) {
    const std::vector<InputVersion> before = task.inputs["users"];
    add_input("users", "SELECT " + select,
              columns_of({text_column("month"), text_column("no"), text_column("account"),
                          money_column("amount")},
                         {"no"}));
    InputVersion& version = task.inputs["users"].front();
    version.version = "v" + period;
    version.period = period;
    task.inputs["users"].insert(task.inputs["users"].begin(), before.begin(), before.end());
  }
};

}  // namespace

TEST_CASE("several periods: a receiver that is one in each of them is no receiver twice") {
  UsersOfTwoMonths job(
      "type: allocate\npool: { dataset: costs, amount: amount }\n"
      "receivers: { dataset: users, periods: last(2), key: no, match: { account: account } }\n"
      "driver: amount\ninto: parts\nno_receivers: park\nzero_driver: park\n"
      "negative_driver: fail\nmissing_driver: zero\n");
  CHECK(job.problem() == "the receivers' key (no) is not unique; repeated values: 1 (no a)");
}

TEST_CASE("several periods: a pool that is one in each of them is no pool twice") {
  UsersOfTwoMonths job(
      "type: allocate\npool: { dataset: users, periods: last(2), amount: amount }\n"
      "receivers: { dataset: costs, key: cost, match: { account: account } }\n"
      "driver: amount\ninto: parts\nno_receivers: park\nzero_driver: park\n"
      "negative_driver: fail\nmissing_driver: zero\n");
  CHECK(job.problem() == "the pool's key (no) is not unique; repeated values: 1 (no a)");
}

TEST_CASE("several periods: keys of a side meet once, unless they are added up") {
  const std::string right = "right: { dataset: costs, key: cost, amount: amount }\n";
  UsersOfTwoMonths job(
      "type: reconcile\nleft: { dataset: users, periods: last(2), key: no, amount: amount }\n" +
      right);
  CHECK(job.problem().starts_with(
      "the key (no) of the left side (users) is not unique; repeated values: 1 (no a); "));
  UsersOfTwoMonths summed(
      "type: reconcile\nleft: { dataset: users, periods: last(2), key: no, amount: amount, "
      "aggregate: sum }\n" +
      right);
  CHECK(summed.problem() == "");
  CHECK(summed.rows("j.breaks", "no, left_amount, left_rows, class") ==
        Lines{"a|3.00|2|left_only", "x|-|0|right_only"});
  UsersOfTwoMonths systems(
      "type: reconcile\nsystems:\n"
      "  - { name: users, dataset: users, periods: last(2), key: no, amount: amount }\n"
      "  - { name: costs, dataset: costs, key: cost, amount: amount }\n");
  CHECK(systems.problem() ==
        "the key of system 'users' is not unique; repeated values: 1 (no a); declare aggregate: "
        "sum, or duplicates: pair");
}
