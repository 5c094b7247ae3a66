// A change of any digit or row of what was published is noticed, whoever else was made to agree.
#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"
#include "tests/verify/mutations.h"

using namespace tallymill;

namespace {

/// 30 pools of three kinds, some negative, some without receivers, for 200 users of 26 centres.
class ManyCosts : public PublishedJob {
 public:
  explicit ManyCosts(const std::string& method) : PublishedJob("many_costs") {
    add_input(
        "cost_pool",
        "SELECT 'C-' || (i % 3) AS cost_item, 'K' || i AS org_code, (CASE WHEN i % 7 = 0 THEN "
        "-1 ELSE 1 END * (i * 7919 % 100000) / 100)::DECIMAL(18,2) AS amount FROM range(30) "
        "t(i)",
        columns_of({text_column("cost_item"), text_column("org_code"), money_column("amount")},
                   {"cost_item", "org_code"}));
    add_input("users",
              "SELECT 'u' || i AS user_id, 'K' || (i * 31 % 26) AS centre, (i * 17 % 9)::BIGINT AS "
              "visits FROM range(200) t(i)",
              columns_of({text_column("user_id"), text_column("centre"), integer_column("visits")},
                         {"user_id"}));
    set_job(
        "type: allocate\n"
        "pool: { dataset: cost_pool, amount: amount }\n"
        "receivers: { dataset: users, key: user_id, match: { org_code: centre } }\n"
        "driver: visits\ninto: user_cost\n"
        "zero_driver: even\nnegative_driver: park\nmissing_driver: zero\nno_receivers: park\n" +
        method);
    publish();
  }
};

/// So many changes of what the job published, each undone before the next.
void try_mutations(const std::string& method, int count) {
  ManyCosts job(method);
  REQUIRE(json_boolean(job.verify(), "holds"));
  const std::vector<std::string> all{"user_cost", "j.parked", "j.trace"};
  Mutations mutations;
  for (int i = 0; i < count; ++i) {
    const auto agreement = static_cast<Mutations::Agreement>(i % 3);
    // Where journal and manifest agree, rows are judged by what follows from the inputs; that
    // leaves out of the trace what only the rule knows.
    const std::string& dataset = all[mutations.below(
        agreement == Mutations::Agreement::journal ? all.size() - 1 : all.size())];
    const std::string select = mutations.next(job, job.made(dataset));
    CAPTURE(method);
    CAPTURE(i);
    CAPTURE(dataset);
    CAPTURE(select);
    CHECK(Mutations::is_noticed(job, dataset, select, agreement));
  }
}

}  // namespace

TEST_CASE("verify: every one of 1,000 changes of a published file is noticed") {
  try_mutations("method: largest_remainder\n", 1000);
}

TEST_CASE("verify: changes are noticed whatever the method of allocation") {
  for (const char* method : {"method: webster\n", "method: huntington_hill\n",
                             "method: remainder_to_first\n", "hierarchy: [centre]\n"})
    try_mutations(method, 100);
}
