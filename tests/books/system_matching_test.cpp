#include "books/system_matching.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "core/text.h"
#include "tests/lines.h"

using namespace tallymill;
using namespace tallymill::books;
using Role = MatchSystem::Role;

namespace {

struct Systems {
  Engine engine{{.threads = 2}};
  SystemPlan plan;

  void add(const std::string& name, const std::string& rows, Role role = Role::agrees,
           bool adds_up = false) {
    engine.execute("CREATE TABLE " + name + "(serial VARCHAR, price DECIMAL(18,2))");
    if (!rows.empty()) engine.execute("INSERT INTO " + name + " VALUES " + rows);
    plan.systems.push_back({.name = name,
                            .relations = {name},
                            .key = {"serial"},
                            .amount = "price",
                            .adds_up = adds_up,
                            .role = role});
    plan.key = {{.name = "serial", .type = Type::text()}};
    plan.amount = Type::money(2);
    plan.id_prefix = "books/systems";
  }
  std::string classes() {
    Lines lines;
    for (const SystemClass& each : SystemMatching(engine, plan).classes()) {
      if (each.keys == 0) continue;
      Lines amounts;
      for (const Int128 amount : each.amounts) amounts.push_back(format_decimal(amount, 2));
      lines.push_back(each.name + " " + std::to_string(each.keys) + ": " + join(amounts, "/"));
    }
    return join(lines, ", ");
  }
  Lines breaks() {
    SystemMatching matching(engine, plan);
    Lines lines;
    for (const auto& cells :
         engine
             .query("SELECT serial, class, left_amount, right_amount, failed_predicate, distance "
                    "FROM (" +
                    matching.breaks() + ") ORDER BY ALL")
             .cells) {
      Lines texts;
      for (const auto& cell : cells) texts.push_back(cell.value_or("-"));
      lines.push_back(join(texts, "|"));
    }
    return lines;
  }
};

}  // namespace

TEST_CASE("system matching: four systems agree, or it is told which does not") {
  Systems systems;
  systems.add("crm", "('a', 10), ('b', 20), ('c', 30), ('d', 40)");
  systems.add("dealer", "('a', 10), ('b', 20), ('c', 31), ('d', 40), ('e', 50)");
  systems.add("billing", "('a', 4), ('a', 6), ('b', 20), ('c', 30), ('d', 41), ('e', 50)",
              Role::agrees, true);
  systems.add("fund", "('a', 10), ('c', 29), ('d', 40.01), ('e', 50)");
  systems.plan.tolerance.abs = 1;
  CHECK(systems.classes() ==
        "matched 1: 10.00/10.00/10.00/10.00, missing 2: 20.00/70.00/70.00/50.00, amount 2: "
        "70.00/71.00/71.00/69.01");
  CHECK(systems.breaks() ==
        Lines{"b|missing|20.00|-|fund|missing", "c|amount|30.00|31.00|dealer, fund|1.00, 1.00",
              "d|amount|40.00|41.00|billing|1.00", "e|missing|-|50.00|crm|missing"});
}

TEST_CASE("system matching: opening and movements are closing, or there is a residual") {
  Systems systems;
  systems.add("arrears_before", "('a', 10), ('b', 5)", Role::opening);
  systems.add("bills", "('a', 3), ('a', 4), ('c', 8)", Role::in, true);
  systems.add("payments", "('a', 10), ('b', 5), ('c', 1)", Role::out, true);
  systems.add("arrears", "('a', 7), ('c', 6.99), ('d', 2)", Role::closing);
  CHECK(systems.classes() == "matched 2: 15.00/7.00/15.00/7.00, residual 2: 0.00/8.00/1.00/8.99");
  CHECK(systems.breaks() ==
        Lines{"c|residual|7.00|6.99|arrears|0.01", "d|residual|0.00|2.00|arrears|2.00"});
  systems.plan.tolerance.abs = 1;
  CHECK(systems.classes() ==
        "matched 2: 15.00/7.00/15.00/7.00, within_tolerance 1: 0.00/8.00/1.00/6.99, residual 1: "
        "0.00/0.00/0.00/2.00");
}

TEST_CASE("system matching: a system may agree with what closes") {
  Systems systems;
  systems.add("before", "('a', 10)", Role::opening);
  systems.add("now", "('a', 10), ('b', 0)", Role::closing);
  systems.add("ledger", "('a', 11)");
  CHECK(systems.breaks() ==
        Lines{"a|amount|10.00|11.00|ledger|1.00", "b|missing|0.00|-|ledger|missing"});
}

TEST_CASE("system matching: repeated keys are an error, or breaks") {
  Systems systems;
  systems.add("crm", "('a', 10), ('a', 10)");
  systems.add("dealer", "('a', 10)");
  CHECK_THROWS_WITH_AS(systems.classes(),
                       "error: the key of system 'crm' is not unique; repeated values: 1 (serial "
                       "a); declare aggregate: sum, or duplicates: pair",
                       Error);
  systems.plan.tells_duplicates = true;
  CHECK(systems.breaks() == Lines{"a|duplicate|20.00|10.00|crm, dealer|2 rows, 10.00"});
}

TEST_CASE("system matching: rows with a missing key meet each other, nothing, or are refused") {
  Systems systems;
  systems.add("crm", "(NULL, 1)");
  systems.add("dealer", "(NULL, 1)");
  CHECK(systems.classes() == "matched 1: 1.00/1.00");
  systems.plan.missing_key = MissingKey::open;
  CHECK(systems.classes() == "missing 2: 1.00/1.00");
  systems.plan.missing_key = MissingKey::fail;
  CHECK_THROWS_WITH_AS(systems.classes(),
                       "error: system 'crm' has 1 rows with a missing part of the key; declare "
                       "missing_key: match or break, or mend the data",
                       Error);
}
