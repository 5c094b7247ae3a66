#include "books/stage_matching.h"

#include <doctest/doctest.h>

#include "core/text.h"
#include "datasets/version.h"
#include "tests/lines.h"

using namespace tallymill;
using namespace tallymill::books;
using Kind = CascadeStage::Kind;

namespace {

/// A bank's statement and a ledger.
struct Accounts {
  Engine engine{{.threads = 2}};
  StagePlan plan;

  Accounts(const std::string& bank, const std::string& ledger) {
    engine.execute(
        "CREATE TABLE bank(line BIGINT, account VARCHAR, ref VARCHAR, paid DECIMAL(18,2), "
        "paid_on DATE, memo VARCHAR); CREATE TABLE ledger(entry BIGINT, account VARCHAR, "
        "reference VARCHAR, amount DECIMAL(18,2), posted DATE, note VARCHAR);");
    if (!bank.empty()) engine.execute("INSERT INTO bank VALUES " + bank);
    if (!ledger.empty()) engine.execute("INSERT INTO ledger VALUES " + ledger);
    plan.key = {{.name = "account", .type = Type::text()}};
    plan.left = {.name = "left side (bank)",
                 .relations = {"bank"},
                 .key = {"account"},
                 .id = {"line"},
                 .amount = "paid",
                 .day = "paid_on",
                 .text = "memo",
                 .values = {"ref"}};
    plan.right = {.name = "right side (ledger)",
                  .relations = {"ledger"},
                  .key = {"account"},
                  .id = {"entry"},
                  .amount = "amount",
                  .day = "posted",
                  .text = "note",
                  .values = {"reference"}};
    plan.amount = Type::money(2);
    plan.values = {"reference"};
    plan.id_prefix = "books/bank";
    plan.stages = {
        {.kind = Kind::exact, .name = "exact", .by = {0}, .window = DayWindow{.days = 0}},
        {.kind = Kind::tolerance,
         .name = "tolerance",
         .by = {0},
         .tolerance = {.abs = 5},
         .window = DayWindow{.days = 2}},
        {.kind = Kind::one_to_many, .name = "one_to_many", .by = {0}},
        {.kind = Kind::many_to_one, .name = "many_to_one", .by = {0}},
        {.kind = Kind::many_to_many, .name = "many_to_many", .by = {0}},
        {.kind = Kind::subset_sum,
         .name = "subset_sum",
         .window = DayWindow{.days = 9},
         .fuel = 20'000},
        {.kind = Kind::fuzzy,
         .name = "fuzzy",
         .window = DayWindow{.days = 3},
         .at_least = 850'000'000}};
  }

  Lines select(const std::string& sql) {
    Lines lines;
    for (const auto& cells : engine.query(sql + " ORDER BY ALL").cells) {
      Lines texts;
      for (const auto& cell : cells) texts.push_back(cell.value_or("-"));
      lines.push_back(join(texts, "|"));
    }
    return lines;
  }
  static Lines statement(StageMatching& matching) {
    Lines lines;
    for (const StageLine& line : matching.lines())
      if (line.groups > 0)
        lines.push_back(
            line.name + " " + std::to_string(line.groups) + ": " + std::to_string(line.left_rows) +
            "=" + std::to_string(line.right_rows) + " " + format_decimal(line.left_amount, 2) +
            "=" + format_decimal(line.right_amount, 2) +
            (line.ambiguous > 0 ? " ambiguous " + std::to_string(line.ambiguous) : std::string()));
    return lines;
  }
};

const std::string kBank =
    "(1, 'A', 'r1', 10.00, '2026-01-05', 'rent'), (2, 'A', 'r2', 20.03, '2026-01-05', 'power'), "
    "(3, 'A', 'r3', 50.00, '2026-01-06', 'fees'), (4, 'A', 'r4', 5.00, '2026-01-07', 'a'), "
    "(5, 'A', 'r4', 6.00, '2026-01-07', 'b'), (6, 'A', 'r5', 1.00, '2026-01-07', 'c'), "
    "(7, 'A', 'r5', 2.00, '2026-01-07', 'd'), (8, 'A', 's1', 77.00, '2026-01-08', 'batch'), "
    "(9, 'A', NULL, 33.00, '2026-01-09', 'Guangdong Mobile Ltd'), "
    "(10, 'A', 'z1', 99.00, '2026-01-10', 'lost'), (11, 'B', 'r1', 10.00, '2026-01-05', 'rent')";
const std::string kLedger =
    "(1, 'A', 'r1', 10.00, '2026-01-05', 'rent'), (2, 'A', 'r2', 20.00, '2026-01-06', 'power'), "
    "(3, 'A', 'r3', 20.00, '2026-01-06', 'fee'), (4, 'A', 'r3', 30.00, '2026-01-06', 'fee'), "
    "(5, 'A', 'r4', 11.00, '2026-01-07', 'ab'), (6, 'A', 'r5', 1.50, '2026-01-07', 'c'), "
    "(7, 'A', 'r5', 1.50, '2026-01-07', 'd'), (8, 'A', 't1', 40.00, '2026-01-08', 'x'), "
    "(9, 'A', 't2', 37.00, '2026-01-09', 'y'), (10, 'A', 'q', 33.00, '2026-01-10', 'Guangdong "
    "Mobil Ltd.'), (11, 'A', 'z1', 98.00, '2026-01-10', 'lost')";

}  // namespace

TEST_CASE("stage matching: each stage consumes, the statement holds every row once") {
  Accounts accounts(kBank, kLedger);
  StageMatching matching(accounts.engine, accounts.plan);
  CHECK(Accounts::statement(matching) ==
        Lines{"exact 1: 1=1 10.00=10.00", "tolerance 1: 1=1 20.03=20.00",
              "one_to_many 1: 1=2 50.00=50.00", "many_to_one 1: 2=1 11.00=11.00",
              "many_to_many 1: 2=2 3.00=3.00", "subset_sum 1: 1=2 77.00=77.00",
              "fuzzy 1: 1=1 33.00=33.00", "left_only 2: 2=0 109.00=0.00",
              "right_only 1: 0=1 0.00=98.00"});
  CHECK(accounts.select("SELECT account, left_amount, right_amount, class, \"row\", "
                        "nearest_candidate, failed_predicate, distance FROM (" +
                        matching.breaks() + ")") == Lines{"A|99.00|-|left_only|10|11|amount|1.00",
                                                          "A|-|98.00|right_only|11|10|amount|1.00",
                                                          "B|10.00|-|left_only|11|-|-|-"});
  CHECK(accounts.select("SELECT stage, cardinality, side, \"row\", drift FROM (" +
                        matching.matches() + ") WHERE stage IN ('tolerance', 'subset_sum')") ==
        Lines{"subset_sum|1:2|left|8|0.00", "subset_sum|1:2|right|8|0.00",
              "subset_sum|1:2|right|9|0.00", "tolerance|1:1|left|2|0.03",
              "tolerance|1:1|right|2|0.03"});
  CHECK(matching.totals(true).front().rows == 11);
  CHECK(matching.totals(false).front().amount == 30200);
}

TEST_CASE("stage matching: a hundred orders of the same rows give one statement and digest") {
  Accounts accounts("", "");
  // Few references, amounts and days: nearly every match has rivals.
  accounts.engine.execute(
      "CREATE TABLE bank_rows AS SELECT n AS line, 'A' || n % 3 AS account, 'r' || hash(n) % 7 AS "
      "ref, CAST((hash(n + 1) % 30) / 10 AS DECIMAL(18,2)) AS paid, DATE '2026-01-01' + "
      "(hash(n + 2) % 6)::INTEGER AS paid_on, 'memo ' || hash(n + 3) % 5 AS memo FROM range(150) "
      "t(n); CREATE TABLE ledger_rows AS SELECT n AS entry, 'A' || n % 3 AS account, 'r' || "
      "hash(n + 10) % 7 AS reference, CAST((hash(n + 11) % 30) / 10 AS DECIMAL(18,2)) AS amount, "
      "DATE '2026-01-01' + (hash(n + 12) % 6)::INTEGER AS posted, 'memo ' || hash(n + 13) % 5 AS "
      "note FROM range(140) t(n)");
  std::string first;
  for (int round = 0; round < 100; ++round) {
    const std::string order = "hash(" + std::to_string(round) + " + ";
    accounts.engine.execute(
        "DELETE FROM bank; DELETE FROM ledger; INSERT INTO bank SELECT * FROM bank_rows ORDER BY " +
        order + "line); INSERT INTO ledger SELECT * FROM ledger_rows ORDER BY " + order + "entry)");
    StageMatching matching(accounts.engine, accounts.plan);
    const std::string now =
        join(Accounts::statement(matching), "\n") + "\n" +
        join(accounts.select("SELECT * FROM (" + matching.breaks() + ")"), "\n") + "\n" +
        join(accounts.select("SELECT * FROM (" + matching.matches() + ")"), "\n");
    if (round == 0) first = now;
    REQUIRE(now == first);
  }
  CHECK(first.find("ambiguous") != std::string::npos);
}

TEST_CASE("stage matching: a side against itself is clean") {
  Accounts accounts(kBank, "");
  accounts.engine.execute("INSERT INTO ledger SELECT * FROM bank");
  accounts.engine.execute("UPDATE bank SET ref = 'none' WHERE ref IS NULL");
  accounts.engine.execute("UPDATE ledger SET reference = 'none' WHERE reference IS NULL");
  StageMatching matching(accounts.engine, accounts.plan);
  CHECK(Accounts::statement(matching) == Lines{"exact 11: 11=11 313.03=313.03"});
}

TEST_CASE("stage matching: rows with a missing part of the key match nothing where they must not") {
  Accounts accounts("(1, NULL, 'r1', 10.00, '2026-01-05', 'rent')",
                    "(1, NULL, 'r1', 10.00, '2026-01-05', 'rent')");
  StageMatching by_value(accounts.engine, accounts.plan);
  CHECK(Accounts::statement(by_value) == Lines{"tolerance 1: 1=1 10.00=10.00"});
  accounts.plan.missing_key = MissingKey::open;
  StageMatching open(accounts.engine, accounts.plan);
  CHECK(Accounts::statement(open) ==
        Lines{"left_only 1: 1=0 10.00=0.00", "right_only 1: 0=1 0.00=10.00"});
}
