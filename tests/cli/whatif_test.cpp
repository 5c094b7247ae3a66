// `whatif` allocates in another way in a worker and publishes nothing.
#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

namespace {

ProgramEnd whatif(Books& books, std::vector<std::string> more) {
  std::vector<std::string> arguments{"whatif", "costs", "user_cost", "--period", "2026-01"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return books.run(std::move(arguments));
}

/// A pool and its users, extracted and allocated by visits.
void run_costs(Books& books) {
  books.write("sources/pool.csv", "centre,amount\nK1,10.00\n");
  books.write("sources/users.csv", "user_id,centre,visits,orders\nu1,K1,3,1\nu2,K1,1,1\n");
  books.write("graphs/costs.yaml", R"(graph: costs
description: Costs to users.
period: month
jobs:
  pools:
    type: extract
    from: { connector: files, path: pool.csv }
    into: pools
    key: [centre]
    columns: { centre: text, amount: money }
  users:
    type: extract
    from: { connector: files, path: users.csv }
    into: users
    key: [user_id]
    columns: { user_id: text, centre: text, visits: integer, orders: integer }
  user_cost:
    type: allocate
    pool: { dataset: pools, amount: amount }
    receivers: { dataset: users, key: user_id, match: { centre: centre } }
    driver: visits
    zero_driver: fail
    negative_driver: fail
    missing_driver: zero
    no_receivers: fail
    into: user_cost
)");
  const ProgramEnd end = books.run({"run", "costs", "--period", "2026-01"});
  REQUIRE(end.exit == 0);
}

}  // namespace

TEST_CASE("whatif: the parts by another driver stand beside those by the job's own") {
  Books books;
  run_costs(books);
  const std::string datasets = books.run({"datasets"}).out;
  const ProgramEnd end = whatif(books, {"--set", "driver=orders"});
  CHECK(end.err == "");
  CHECK(end.out ==
        "user_cost 2026-01 with driver=orders; nothing is published\n"
        "  parts     2 as before\n"
        "  allocated 10.00 as before\n"
        "  parked    0.00 as before\n"
        "  changed   2 parts\n"
        "  moved     2.50\n"
        "\n"
        "part                    was  becomes  difference\n"
        "centre K1, user_id u1  7.50     5.00       -2.50\n"
        "centre K1, user_id u2  2.50     5.00        2.50\n"
        "2 rows\n");
  CHECK(books.run({"datasets"}).out == datasets);
}

TEST_CASE("whatif: an option that is none, or other datasets, are refused") {
  Books books;
  run_costs(books);
  CHECK(whatif(books, {"--set", "drivers=orders"}).err ==
        "error: --set: unknown option 'drivers' for allocate job 'user_cost'; did you mean "
        "'driver'?\n");
  CHECK(whatif(books, {"--set", "into=other"}).err ==
        "error: --set: the job would read or make other datasets; what changes is how it "
        "allocates: driver, method, hierarchy of columns, policies\n");
  CHECK(whatif(books, {"--set", "driver"}).err == "error: --set 'driver' is no OPTION=VALUE\n");
}
