#include "books/allocation.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "books/split_amount.h"
#include "core/error.h"
#include "core/text.h"
#include "tests/lines.h"

using namespace tallymill;
using namespace tallymill::books;

namespace {

const Column kAmount{.name = "amount", .type = Type::money(2)};
const Column kItem{.name = "item", .type = Type::text()};
const Column kOrg{.name = "org", .type = Type::text()};

/// Pools and receivers as tables, and a plan that allocates them by one column, one grain.
struct Books {
  Engine engine{{.threads = 2}};
  AllocationPlan plan;

  Books(const std::string& pools, const std::string& receivers) {
    engine.execute(
        "CREATE TABLE pool(item VARCHAR, org VARCHAR, grain VARCHAR, amount "
        "DECIMAL(18,2)); INSERT INTO pool VALUES " +
        pools);
    engine.execute(
        "CREATE TABLE users(id VARCHAR, centre VARCHAR, branch VARCHAR, visits BIGINT, "
        "paid DECIMAL(18,2)); INSERT INTO users VALUES " +
        receivers);
    plan.pools = "pool";
    plan.carry = {kItem, kOrg};
    plan.pool_key = {"item", "org"};
    plan.amount = kAmount;
    plan.receivers = "users";
    plan.receiver_key = {{.name = "id", .type = Type::text()}};
    plan.grains = {{.value = "", .columns = {{"org", "centre"}}}};
    plan.drivers = {{.name = "visits", .type = Type::integer()},
                    {.name = "paid", .type = Type::money(2)}};
    plan.driver = "'visits'";
    plan.driver_error = "NULL";
  }

  Allocation prepared() {
    Allocation allocation(engine, plan);
    allocation.prepare();
    return allocation;
  }
  /// Rows of a select as texts "a|b|c", ordered.
  std::vector<std::string> rows(const std::string& select) {
    const Rows found = engine.query("SELECT * FROM (" + select + ") ORDER BY ALL");
    std::vector<std::string> lines;
    for (const auto& cells : found.cells) {
      std::vector<std::string> texts;
      for (const auto& cell : cells) texts.push_back(cell.value_or("-"));
      lines.push_back(join(texts, "|"));
    }
    return lines;
  }
  std::string problem() {
    try {
      prepared();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

}  // namespace

TEST_CASE("allocation: a pool goes to the receivers of its organisation by their driver") {
  Books books("('C-01', 'K1', '', 10.00), ('C-01', 'K2', '', 5.00)",
              "('u1', 'K1', 'B1', 1, 0), ('u2', 'K1', 'B1', 2, 0), ('u3', 'K2', 'B1', 7, 0)");
  const Allocation allocation = books.prepared();
  CHECK(books.rows(allocation.parts()) ==
        Lines{"C-01|K1|u1|3.33", "C-01|K1|u2|6.67", "C-01|K2|u3|5.00"});
  CHECK(books.rows(allocation.parked()).empty());
  CHECK(books.rows(allocation.residual()).empty());
}

TEST_CASE("allocation: leftover cents go to the largest remainders, ties to the smaller key") {
  Books books("('C-01', 'K1', '', 1.00), ('C-02', 'K1', '', 0.10)",
              "('u3', 'K1', 'B1', 1, 0), ('u1', 'K1', 'B1', 1, 0), ('u2', 'K1', 'B1', 1, 0)");
  CHECK(books.rows(books.prepared().parts()) == Lines{"C-01|K1|u1|0.34", "C-01|K1|u2|0.33",
                                                      "C-01|K1|u3|0.33", "C-02|K1|u1|0.04",
                                                      "C-02|K1|u2|0.03", "C-02|K1|u3|0.03"});
}

TEST_CASE("allocation: a negative pool mirrors the positive one cent for cent") {
  Books books("('plus', 'K1', '', 100.01), ('minus', 'K1', '', -100.01)",
              "('u1', 'K1', 'B1', 3, 0), ('u2', 'K1', 'B1', 3, 0), ('u3', 'K1', 'B1', 1, 0)");
  const Allocation allocation = books.prepared();
  const std::string net =
      "SELECT id, sum(amount) AS amount FROM (" + allocation.parts() + ") GROUP BY id";
  CHECK(books.rows(net) == Lines{"u1|0.00", "u2|0.00", "u3|0.00"});
}

TEST_CASE("allocation: each grain matches receivers in its own way") {
  Books books("('C-01', 'K1', 'centre', 1.00), ('C-20', 'B1', 'branch', 9.00)",
              "('u1', 'K1', 'B1', 1, 0), ('u2', 'K2', 'B1', 2, 0)");
  books.plan.grain_column = "grain";
  books.plan.grains = {{.value = "centre", .columns = {{"org", "centre"}}},
                       {.value = "branch", .columns = {{"org", "branch"}}}};
  CHECK(books.rows(books.prepared().parts()) ==
        Lines{"C-01|K1|u1|1.00", "C-20|B1|u1|3.00", "C-20|B1|u2|6.00"});
}

TEST_CASE("allocation: without a match every receiver takes part") {
  Books books("('C-01', 'K1', '', 3.00)", "('u1', 'K1', 'B1', 1, 0), ('u2', 'K2', 'B2', 2, 0)");
  books.plan.grains = {Grain{}};
  CHECK(books.rows(books.prepared().parts()) == Lines{"C-01|K1|u1|1.00", "C-01|K1|u2|2.00"});
}

TEST_CASE("allocation: every pool may have its own driver, of its own scale") {
  Books books("('visits', 'K1', '', 3.00), ('paid', 'K1', '', 3.00)",
              "('u1', 'K1', 'B1', 1, 0.50), ('u2', 'K1', 'B1', 2, 0.25)");
  books.plan.driver = "item";
  books.plan.rule = "cost_driver";
  books.plan.rule_version = "ab12";
  const Allocation allocation = books.prepared();
  CHECK(books.rows(allocation.parts()) ==
        Lines{"paid|K1|u1|2.00", "paid|K1|u2|1.00", "visits|K1|u1|1.00", "visits|K1|u2|2.00"});
  CHECK(books.rows(allocation.trace()) ==
        Lines{"paid|K1|3.00|proportional|-|2|0|0|paid|0.75|largest_remainder|cost_driver|ab12",
              "visits|K1|3.00|proportional|-|2|0|0|visits|3|largest_remainder|cost_driver|ab12"});
}

TEST_CASE("allocation: a driver that is no number column of the receivers stops the job") {
  Books books("('C-01', 'K1', '', 3.00)", "('u1', 'K1', 'B1', 1, 0)");
  books.plan.driver = "'headcount'";
  CHECK(books.problem() ==
        "error: driver 'headcount' of pool item C-01, org K1 is no number column of the receivers; "
        "they have visits, paid");
}

TEST_CASE("allocation: a rule that failed on a pool stops the job and names rule and pool") {
  Books books("('C-01', 'K1', '', 3.00)", "('u1', 'K1', 'B1', 1, 0)");
  books.plan.driver = "NULL";
  books.plan.driver_error = "'rules/x.lua:12: oops'";
  CHECK(books.problem() ==
        "error: rules/x.lua:12: oops\n  while choosing the driver of pool item C-01, org K1");
}

TEST_CASE("allocation: zero drivers are split evenly, parked or refused, as declared") {
  const std::string pools = "('C-01', 'K1', '', 0.05), ('C-02', 'K2', '', 7.00)";
  const std::string users =
      "('u1', 'K1', 'B1', 0, 0), ('u2', 'K1', 'B1', NULL, 0), ('u3', 'K2', 'B1', 1, 0)";
  SUBCASE("even") {
    Books books(pools, users);
    books.plan.zero_driver = ZeroDriver::even;
    const Allocation allocation = books.prepared();
    CHECK(books.rows(allocation.parts()) ==
          Lines{"C-01|K1|u1|0.03", "C-01|K1|u2|0.02", "C-02|K2|u3|7.00"});
    CHECK(books.rows(allocation.trace()) ==
          Lines{"C-01|K1|0.05|even|-|2|1|0|visits|0|largest_remainder||",
                "C-02|K2|7.00|proportional|-|1|0|0|visits|1|largest_remainder||"});
  }
  SUBCASE("park") {
    Books books(pools, users);
    books.plan.zero_driver = ZeroDriver::park;
    const Allocation allocation = books.prepared();
    CHECK(books.rows(allocation.parts()) == Lines{"C-02|K2|u3|7.00"});
    CHECK(books.rows(allocation.parked()) == Lines{"C-01|K1|0.05|zero_driver"});
    CHECK(allocation.totals().parked == 1);
    CHECK(allocation.totals().parked_amount == 5);
    CHECK(allocation.totals().amount == 705);
  }
  SUBCASE("fail") {
    Books books(pools, users);
    CHECK(books.problem() ==
          "error: pools with a driver total of zero, or no driver: 1 (item C-01, org K1); "
          "zero_driver is fail: split evenly, park them, or mend the driver");
  }
}

TEST_CASE("allocation: negative drivers count as zero, park the pool or are refused, as declared") {
  const std::string pools = "('C-01', 'K1', '', 6.00)";
  const std::string users = "('u1', 'K1', 'B1', -5, 0), ('u2', 'K1', 'B1', 1, 0)";
  SUBCASE("zero") {
    Books books(pools, users);
    books.plan.negative_driver = NegativeDriver::zero;
    CHECK(books.rows(books.prepared().parts()) == Lines{"C-01|K1|u1|0.00", "C-01|K1|u2|6.00"});
  }
  SUBCASE("park") {
    Books books(pools, users);
    books.plan.negative_driver = NegativeDriver::park;
    CHECK(books.rows(books.prepared().parked()) == Lines{"C-01|K1|6.00|negative_driver"});
  }
  SUBCASE("fail") {
    Books books(pools, users);
    CHECK(books.problem() ==
          "error: pools with a negative driver value: 1 (item C-01, org K1); negative_driver is "
          "fail: count it as zero, park the pool, or mend the driver");
  }
}

TEST_CASE("allocation: a pool without receivers is parked or refused, as declared") {
  const std::string pools =
      "('C-01', 'K9', 'centre', 6.00), ('C-02', 'K1', 'planet', -1.00), ('C-03', 'K1', NULL, 2.00)";
  const std::string users = "('u1', 'K1', 'B1', 1, 0), ('u2', NULL, 'B1', 1, 0)";
  const std::vector<Grain> grains{{.value = "centre", .columns = {{"org", "centre"}}}};
  SUBCASE("park") {
    Books books(pools, users);
    books.plan.grain_column = "grain";
    books.plan.grains = grains;
    books.plan.no_receivers = NoReceivers::park;
    const Allocation allocation = books.prepared();
    CHECK(books.rows(allocation.parked()) == Lines{"C-01|K9|6.00|no_receivers",
                                                   "C-02|K1|-1.00|unmatched_grain",
                                                   "C-03|K1|2.00|unmatched_grain"});
    using Counts = std::vector<std::pair<std::string, std::int64_t>>;
    CHECK(allocation.outcomes() == Counts{{"no_receivers", 1}, {"unmatched_grain", 2}});
  }
  SUBCASE("fail") {
    Books books(pools, users);
    books.plan.grain_column = "grain";
    books.plan.grains = grains;
    CHECK(books.problem() ==
          "error: pools that match no receiver: 3 (item C-01, org K9; item C-02, org K1; item "
          "C-03, org K1); no_receivers is fail: park them, or mend the match");
  }
}

TEST_CASE("allocation: a receiver that occurs twice is refused, not paid twice") {
  Books books("('C-01', 'K1', '', 6.00)", "('u1', 'K1', 'B1', 1, 0), ('u1', 'K1', 'B1', 1, 0)");
  CHECK(books.problem() ==
        "error: the receivers' key (id) is not unique; repeated values: 1 (id u1)");
}

TEST_CASE("allocation: a receiver without a key, or a pool that occurs twice, is refused") {
  Books missing("('C-01', 'K1', '', 6.00)", "(NULL, 'K1', 'B1', 1, 0)");
  CHECK(missing.problem() == "error: the receivers' key (id) has no value in rows: 1 (id (none))");
  Books twice("('C-01', 'K1', '', 6.00), ('C-01', 'K1', '', 7.00)", "('u1', 'K1', 'B1', 1, 0)");
  CHECK(twice.problem() ==
        "error: the pool's key (item, org) is not unique; repeated values: 1 (item C-01, org K1)");
}

TEST_CASE("allocation: a pool without an amount is refused, not taken for zero") {
  Books books("('C-01', 'K1', '', NULL)", "('u1', 'K1', 'B1', 1, 0)");
  CHECK(books.problem() == "error: pools without a value of amount: 1 (item C-01, org K1)");
}

TEST_CASE("allocation: sensitive keys are masked in messages") {
  Books books("('C-01', 'K1', '', NULL)", "('u1', 'K1', 'B1', 1, 0)");
  books.plan.carry[1].sensitive = true;
  CHECK(books.problem() == "error: pools without a value of amount: 1 (item C-01, org ***)");
}

TEST_CASE("allocation: what was written is compared with the pools, one by one") {
  Books books("('C-01', 'K1', '', 1.00), ('C-02', 'K1', '', 2.00)",
              "('u1', 'K1', 'B1', 1, 0), ('u2', 'K1', 'B1', 2, 0)");
  const Allocation allocation = books.prepared();
  books.engine.execute("CREATE TABLE parts AS " + allocation.parts() + "; CREATE TABLE parked AS " +
                       allocation.parked());
  CHECK_NOTHROW(allocation.require_closed("parts", "parked", "parked"));
  // The total still adds up: one pool's cent is booked on the other.
  books.engine.execute(
      "UPDATE parts SET amount = amount + 0.01 WHERE item = 'C-01' AND id = 'u1'; "
      "UPDATE parts SET amount = amount - 0.01 WHERE item = 'C-02' AND id = 'u1'");
  CHECK_THROWS_WITH_AS(
      allocation.require_closed("parts", "parked", "parked"),
      "error: pools whose books do not close: 2 (item C-01, org K1; item C-02, org K1); the first "
      "has in 1.00, allocated 1.01, parked 0.00, residual 0.00: -0.01 is missing",
      Error);
}

TEST_CASE("allocation: the largest amounts and weights stay exact") {
  Books books("('C-01', 'K1', '', 9999999999999999.99)",
              "('u1', 'K1', 'B1', 9223372036854775807, 0), ('u2', 'K1', 'B1', "
              "9223372036854775806, 0), ('u3', 'K1', 'B1', 1, 0)");
  CHECK(books.rows(books.prepared().parts()) == Lines{"C-01|K1|u1|5000000000000000.00",
                                                      "C-01|K1|u2|4999999999999999.99",
                                                      "C-01|K1|u3|0.00"});
}

namespace {

/// Random pools and receivers: what split_amount() says, by pool and receiver.
struct RandomCase {
  std::string pools;
  std::string users;
  std::map<std::string, std::string> expected;  ///< "item|org|id" -> amount
};

RandomCase random_case(std::uint64_t seed, Method method) {
  std::mt19937_64 random(seed);
  RandomCase made;
  std::map<int, std::vector<std::pair<std::string, std::int64_t>>> users_of;
  const int users = 1 + static_cast<int>(random() % 60);
  // Few distinct weights make many ties; a wide range makes many remainders.
  const std::uint64_t range = seed % 2 == 0 ? 4 : 1'000'000'007;
  for (int u = 0; u < users; ++u) {
    const std::string id = "u" + std::to_string(1000 + u);
    const int centre = static_cast<int>(random() % 4);
    const auto weight = static_cast<std::int64_t>(1 + random() % range);
    users_of[centre].emplace_back(id, weight);
    made.users += (u > 0 ? ", ('" : "('") + id + "', 'K" + std::to_string(centre) + "', 'B', " +
                  std::to_string(weight) + ", 0)";
  }
  for (const auto& [centre, receivers] : users_of) {
    for (int item = 0; item < 3; ++item) {
      const auto units = static_cast<std::int64_t>(random() % 2'000'000) - 1'000'000;
      const std::string org = "K" + std::to_string(centre);
      made.pools += (made.pools.empty() ? "('I" : ", ('I") + std::to_string(item) + "', '" + org +
                    "', '', " + format_decimal(units, 2) + ")";
      std::vector<std::int64_t> weights;
      for (const auto& receiver : receivers) weights.push_back(receiver.second);
      const auto parts = split_amount(units, weights, method);
      for (std::size_t i = 0; i < parts.size(); ++i)
        made.expected["I" + std::to_string(item) + "|" + org + "|" + receivers[i].first] =
            format_decimal(parts[i], 2);
    }
  }
  return made;
}

}  // namespace

TEST_CASE("allocation: SQL and the reference law agree on random books, in any row order") {
  constexpr Method kMethods[] = {Method::largest_remainder, Method::cumulative, Method::webster,
                                 Method::huntington_hill, Method::remainder_to_first};
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Method method = kMethods[seed % std::size(kMethods)];
    CAPTURE(seed);
    CAPTURE(to_string(method));
    const RandomCase made = random_case(seed, method);
    Books books(made.pools, made.users);
    books.plan.method = method;
    if (seed % 3 == 0) books.plan.receivers = "(SELECT * FROM users ORDER BY hash(id))";
    Lines expected;
    for (const auto& [key, amount] : made.expected) expected.push_back(key + "|" + amount);
    CHECK(books.rows(books.prepared().parts()) == expected);
  }
}

TEST_CASE("allocation: every node of a hierarchy is within a cent of its exact share") {
  Books books("('C-01', 'K1', '', 1234.57), ('C-02', 'K1', '', -0.01), ('C-03', 'K1', '', 99.99)",
              "('u0', 'K9', 'B1', 1, 0)");
  books.engine.execute(
      "INSERT INTO users SELECT 'u' || i, 'K1', 'B' || (i * 7 % 5), 1 + i * 31 % 17, i % 3 FROM "
      "range(1, 400) t(i) ORDER BY hash(i)");
  books.plan.method = Method::cumulative;
  books.plan.hierarchy = {{.name = "branch", .type = Type::text()},
                          {.name = "paid", .type = Type::money(2)}};
  const Allocation allocation = books.prepared();
  // In whole numbers: |part * total - pool * weight| < total, with all amounts in cents.
  const std::string nodes =
      "SELECT item, count(*) FROM (SELECT item, sum(p.amount) * 100 AS part, sum(visits) AS weight "
      "FROM (" +
      allocation.parts() +
      ") p JOIN users USING (id) GROUP BY ROLLUP (item, branch, paid) HAVING item IS NOT NULL) "
      "JOIN (SELECT item, amount * 100 AS pool FROM pool) USING (item), (SELECT sum(visits) AS "
      "total FROM users WHERE centre = 'K1') WHERE abs(part * total - pool * weight) >= total "
      "GROUP BY item";
  CHECK(books.rows(nodes).empty());
}

TEST_CASE("allocation: a hierarchy may be a tree of places, whose subtotals are right likewise") {
  Books books("('C-01', 'K1', '', 0.03)",
              "('u1', 'K1', 'north', 1, 0), ('u2', 'K1', 'south', 1, 0), ('u3', 'K1', 'north', 1, "
              "0), ('u4', 'K1', 'east', 1, 0), ('u5', 'K1', 'east', 1, 0), ('u6', 'K1', 'south', "
              "1, 0)");
  books.engine.execute(
      "CREATE TABLE place(code VARCHAR, parent VARCHAR); INSERT INTO place VALUES ('all', NULL), "
      "('coast', 'all'), ('north', 'coast'), ('south', 'all'), ('east', 'coast')");
  books.plan.method = Method::cumulative;
  books.plan.tree = {.relation = "place",
                     .receiver = {.name = "branch", .type = Type::text()},
                     .key = {.name = "code", .type = Type::text()},
                     .parent = {.name = "parent", .type = Type::text()}};
  CHECK(books.rows(books.prepared().parts()) == Lines{"C-01|K1|u1|0.00", "C-01|K1|u2|0.00",
                                                      "C-01|K1|u3|0.01", "C-01|K1|u4|0.00",
                                                      "C-01|K1|u5|0.01", "C-01|K1|u6|0.01"});
  SUBCASE("a loop is named") {
    books.engine.execute("UPDATE place SET parent = 'north' WHERE code = 'coast'");
    CHECK(books.problem() ==
          "error: places of the hierarchy stand above themselves: coast -> north -> coast");
  }
  SUBCASE("a place whose parent does not exist is named") {
    books.engine.execute("UPDATE place SET parent = 'sea' WHERE code = 'coast'");
    CHECK(books.problem() ==
          "error: places of the hierarchy whose parent does not exist: 1 (code coast, parent sea)");
  }
  SUBCASE("a receiver that stands nowhere is named") {
    books.engine.execute("UPDATE users SET branch = 'moon' WHERE id = 'u3'");
    CHECK(books.problem() ==
          "error: receivers whose branch stands nowhere in the hierarchy: 1 (id u3, branch moon)");
  }
}

TEST_CASE("allocation: a receiver without a place in the hierarchy is named") {
  Books books("('C-01', 'K1', '', 1.00)", "('u1', 'K1', NULL, 1, 0)");
  books.plan.method = Method::cumulative;
  books.plan.hierarchy = {{.name = "branch", .type = Type::text()}};
  CHECK(books.problem() ==
        "error: receivers without a place in the hierarchy, which have no branch: 1 (id u1)");
}

TEST_CASE("allocation: missing drivers count as zero, park the pool or are refused, as declared") {
  const std::string pools = "('C-01', 'K1', '', 6.00)";
  const std::string users = "('u1', 'K1', 'B1', NULL, 0), ('u2', 'K1', 'B1', 1, 0)";
  Books books(pools, users);
  SUBCASE("zero") {
    CHECK(books.rows(books.prepared().parts()) == Lines{"C-01|K1|u1|0.00", "C-01|K1|u2|6.00"});
  }
  SUBCASE("park") {
    books.plan.missing_driver = MissingDriver::park;
    CHECK(books.rows(books.prepared().parked()) == Lines{"C-01|K1|6.00|missing_driver"});
  }
  SUBCASE("fail") {
    books.plan.missing_driver = MissingDriver::fail;
    CHECK(books.problem() ==
          "error: pools with receivers that have no driver value: 1 (item C-01, org K1); "
          "missing_driver is fail: count it as zero, park the pool, or mend the driver");
  }
}

TEST_CASE("allocation: a pool without drivers may go by its parts of an earlier period") {
  Books books("('C-01', 'K1', '', 1.00), ('C-02', 'K1', '', -1.00), ('C-03', 'K2', '', 5.00)",
              "('u1', 'K1', 'B1', 0, 0), ('u2', 'K1', 'B1', NULL, 0), ('u3', 'K2', 'B1', 5, 0)");
  books.engine.execute(
      "CREATE TABLE earlier(item VARCHAR, org VARCHAR, id VARCHAR, amount DECIMAL(18,2)); INSERT "
      "INTO earlier VALUES ('C-01', 'K1', 'u1', -3.00), ('C-01', 'K1', 'u2', -1.00), ('C-01', "
      "'K1', 'u9', -9.00), ('C-03', 'K2', 'u3', 7.00)");
  books.plan.zero_driver = ZeroDriver::previous;
  books.plan.previous = "earlier";
  for (const Method method : {Method::largest_remainder, Method::cumulative, Method::webster,
                              Method::huntington_hill, Method::remainder_to_first}) {
    books.plan.method = method;
    const Allocation allocation = books.prepared();
    CHECK(books.rows(allocation.parts()) ==
          Lines{"C-01|K1|u1|0.75", "C-01|K1|u2|0.25", "C-03|K2|u3|5.00"});
    CHECK(books.rows(allocation.parked()) == Lines{"C-02|K1|-1.00|no_previous_parts"});
    CHECK(books.rows("SELECT item, outcome FROM (" + allocation.trace() + ")") ==
          Lines{"C-01|previous", "C-02|parked", "C-03|proportional"});
  }
}

TEST_CASE("allocation: rows that agree are one pool, and a sum of too many digits is named") {
  Books books("('a', 'K1', '', 0.02), ('b', 'K1', '', 0.03), ('c', 'K2', '', 1.00)",
              "('u1', 'K1', 'B1', 1, 0), ('u2', 'K1', 'B1', 1, 0), ('u3', 'K2', 'B1', 1, 0)");
  books.plan.sums_pools = true;
  books.plan.carry = {kOrg};
  books.plan.pool_key = {"org"};
  CHECK(books.rows(books.prepared().parts()) == Lines{"K1|u1|0.03", "K1|u2|0.02", "K2|u3|1.00"});
  books.engine.execute("UPDATE pool SET amount = 9999999999999999.99 WHERE org = 'K1'");
  CHECK(books.problem() == "error: pools whose sum of amount has more than 18 digits: 1 (org K1)");
}

TEST_CASE("allocation: a currency's smallest coin is not split, and what is less stays over") {
  Books books("('JPY', 'K1', '', -100.50), ('CNY', 'K1', '', 0.05)",
              "('u1', 'K1', 'B1', 1, 0), ('u2', 'K1', 'B1', 2, 0)");
  books.plan.currency = "item";
  books.plan.minor_units = {{"JPY", 0}};
  const Allocation allocation = books.prepared();
  CHECK(books.rows(allocation.parts()) ==
        Lines{"CNY|K1|u1|0.02", "CNY|K1|u2|0.03", "JPY|K1|u1|-33.00", "JPY|K1|u2|-67.00"});
  CHECK(books.rows(allocation.residual()) == Lines{"JPY|K1|-0.50|below_minor_unit"});
  REQUIRE(allocation.currencies().size() == 2);
  CHECK(allocation.currencies()[1].currency == "JPY");
  CHECK(allocation.currencies()[1].amount == "-100.50");
}

TEST_CASE("allocation: receivers that match no pool are counted and named") {
  Books books("('C-01', 'K1', 'centre', 1.00), ('C-20', 'B1', 'branch', 9.00)",
              "('u1', 'K1', 'B1', 1, 0), ('u2', 'K2', 'B1', 2, 0), ('u3', 'K2', 'B2', 2, 0), "
              "('u4', NULL, NULL, 2, 0)");
  books.plan.grain_column = "grain";
  books.plan.grains = {{.value = "centre", .columns = {{"org", "centre"}}},
                       {.value = "branch", .columns = {{"org", "branch"}}}};
  CHECK(books.prepared().receivers_without_pools().summary() == "2 (id u3; id u4)");
}

TEST_CASE("allocation: receivers of a key of two columns tie by the first, then the second") {
  Books books("('C-01', 'K1', '', 0.02)",
              "('u2', 'K1', 'B1', 1, 0), ('u1', 'K1', 'B2', 1, 0), ('u1', 'K1', 'B1', 1, 0)");
  books.plan.receiver_key = {{.name = "branch", .type = Type::text()},
                             {.name = "id", .type = Type::text()}};
  for (const Method method :
       {Method::largest_remainder, Method::webster, Method::remainder_to_first}) {
    books.plan.method = method;
    CHECK(books.rows(books.prepared().parts()) ==
          Lines{"C-01|K1|B1|u1|0.01", "C-01|K1|B1|u2|0.01", "C-01|K1|B2|u1|0.00"});
  }
}

TEST_CASE("allocation: whatever comes in, in = allocated + parked + residual, and -in mirrors it") {
  constexpr Method kMethods[] = {Method::largest_remainder, Method::cumulative, Method::webster,
                                 Method::huntington_hill, Method::remainder_to_first};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    const auto one_of = [&](int count) {
      return static_cast<int>(random() % static_cast<std::uint64_t>(count));
    };
    std::string pools;
    for (int pool = 0; pool < 12; ++pool)
      pools += std::string(pool > 0 ? ", " : "") + "('I" + std::to_string(pool) + "', 'K" +
               std::to_string(one_of(6)) + "', '" + (one_of(9) == 0 ? "planet" : "centre") + "', " +
               format_decimal(static_cast<std::int64_t>(random() % 100'000) - 50'000, 2) + ")";
    std::string users;
    for (int user = 0; user < 40; ++user) {
      // Some organisations have nobody, some only zeros, some a negative or no value.
      const int org = one_of(5);
      const std::string visits = org == 0          ? "0"
                                 : one_of(25) == 0 ? "-3"
                                 : one_of(25) == 0 ? "NULL"
                                                   : std::to_string(one_of(50));
      users += std::string(user > 0 ? ", " : "") + "('u" + std::to_string(100 + user) + "', 'K" +
               std::to_string(org) + "', 'B1', " + visits + ", 0)";
    }
    Books books(pools, users);
    books.plan.method = kMethods[seed % std::size(kMethods)];
    books.plan.grain_column = "grain";
    books.plan.grains = {{.value = "centre", .columns = {{"org", "centre"}}}};
    books.plan.zero_driver = seed % 2 == 0 ? ZeroDriver::even : ZeroDriver::park;
    books.plan.negative_driver = seed % 3 == 0 ? NegativeDriver::zero : NegativeDriver::park;
    books.plan.missing_driver = seed % 4 == 0 ? MissingDriver::park : MissingDriver::zero;
    books.plan.no_receivers = NoReceivers::park;
    books.plan.currency = "org";
    books.plan.minor_units = {{"K3", 0}, {"K4", 1}};
    CAPTURE(seed);
    const auto publish = [&](const std::string& suffix) {
      const Allocation allocation = books.prepared();
      for (const auto& [name, select] : {std::pair{"parts", allocation.parts()},
                                         {"parked", allocation.parked()},
                                         {"residual", allocation.residual()}})
        books.engine.execute("CREATE OR REPLACE TABLE " + (name + suffix) + " AS " + select);
      CHECK_NOTHROW(
          allocation.require_closed("parts" + suffix, "parked" + suffix, "residual" + suffix));
    };
    publish("");
    books.engine.execute("UPDATE pool SET amount = -amount");
    publish("_opposite");
    for (const char* name : {"parts", "parked", "residual"})
      CHECK(books
                .rows("SELECT item, sum(amount) FROM (FROM " + std::string(name) +
                      " UNION ALL FROM " + name + "_opposite) GROUP BY ALL HAVING sum(amount) <> 0")
                .empty());
    CHECK(
        books
            .rows("SELECT a.item, a.id FROM parts a FULL JOIN parts_opposite b ON a.item = b.item "
                  "AND a.id = b.id WHERE (a.amount = -b.amount) IS NOT true")
            .empty());
  }
}
