#include "books/matching.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "core/text.h"
#include "tests/lines.h"

using namespace tallymill;
using namespace tallymill::books;

namespace {

struct Sides {
  Engine engine{{.threads = 2}};
  MatchPlan plan;

  Sides(const std::string& left, const std::string& right) {
    engine.execute(
        "CREATE TABLE l(item VARCHAR, org VARCHAR, amount DECIMAL(18,2)); CREATE TABLE "
        "r(cost VARCHAR, place VARCHAR, paid DECIMAL(18,2));");
    if (!left.empty()) engine.execute("INSERT INTO l VALUES " + left);
    if (!right.empty()) engine.execute("INSERT INTO r VALUES " + right);
    plan.key = {{.name = "item", .type = Type::text()}, {.name = "org", .type = Type::text()}};
    plan.left = {.name = "left side (l)",
                 .relations = {"l"},
                 .key = {"item", "org"},
                 .amount = "amount",
                 .aggregate = Aggregate::none};
    plan.right = {.name = "right side (r)",
                  .relations = {"r"},
                  .key = {"cost", "place"},
                  .amount = "paid",
                  .aggregate = Aggregate::sum};
    plan.amount = Type::money(2);
    plan.id_prefix = "books/close";
  }

  Lines breaks() {
    const Rows rows = engine.query(
        "SELECT item, org, left_amount, right_amount, difference, class, tolerance, left_rows, "
        "right_rows FROM (" +
        Matching(engine, plan).breaks() + ") ORDER BY ALL");
    Lines lines;
    for (const auto& cells : rows.cells) {
      Lines texts;
      for (const auto& cell : cells) texts.push_back(cell.value_or("-"));
      lines.push_back(join(texts, "|"));
    }
    return lines;
  }
  /// "matched 2, amount 1": classes that have keys.
  std::string classes() {
    Lines parts;
    for (const MatchClass& each : Matching(engine, plan).classes())
      if (each.keys > 0) parts.push_back(each.name + " " + std::to_string(each.keys));
    return join(parts, ", ");
  }
};

}  // namespace

TEST_CASE("matching: keys meet by value, each side under its own names") {
  Sides sides("('a', 'x', 10.00), ('b', 'x', 5.00), ('c', 'x', 1.00)",
              "('a', 'x', 4.00), ('a', 'x', 6.00), ('b', 'x', 4.99), ('d', 'x', 7.00)");
  CHECK(sides.classes() == "matched 1, amount 1, left_only 1, right_only 1");
  CHECK(sides.breaks() == Lines{"b|x|5.00|4.99|0.01|amount|0.00|1|1",
                                "c|x|1.00|-|1.00|left_only|-|1|0",
                                "d|x|-|7.00|-7.00|right_only|-|0|1"});
}

TEST_CASE("matching: classes hold every row and amount of both sides") {
  Sides sides("('a', 'x', 10.00), ('b', 'x', 5.00), ('c', 'x', 1.00)",
              "('a', 'x', 4.00), ('a', 'x', 6.00), ('b', 'x', 4.99), ('d', 'x', 7.00)");
  Matching matching(sides.engine, sides.plan);
  Int128 left = 0;
  Int128 right = 0;
  std::int64_t rows = 0;
  for (const MatchClass& each : matching.classes()) {
    left += each.left_amount;
    right += each.right_amount;
    rows += each.left_rows + each.right_rows;
  }
  CHECK(left == 1600);
  CHECK(right == 2199);
  CHECK(rows == 7);
  CHECK(matching.totals(sides.plan.left).front().amount == left);
  CHECK(matching.totals(sides.plan.right).front().amount == right);
  CHECK(matching.totals(sides.plan.right).front().rows == 4);
}

TEST_CASE("matching: a difference equal to the tolerance is within it, one cent more is a break") {
  Sides sides("('a', 'x', 10.00), ('b', 'x', 10.00)", "('a', 'x', 10.05), ('b', 'x', 10.06)");
  sides.plan.tolerance.abs = 5;
  CHECK(sides.classes() == "within_tolerance 1, amount 1");
  CHECK(sides.breaks() == Lines{"b|x|10.00|10.06|-0.06|amount|0.05|1|1"});
}

TEST_CASE("matching: a relative tolerance is a share of the larger side") {
  Sides sides("('a', 'x', 99.00), ('b', 'x', 98.99)", "('a', 'x', 100.00), ('b', 'x', 100.00)");
  sides.plan.tolerance.rel = 10'000'000;  // 1 %
  CHECK(sides.classes() == "within_tolerance 1, amount 1");
}

TEST_CASE("matching: of two tolerances the stricter one counts") {
  Sides sides("('a', 'x', 99.00)", "('a', 'x', 100.00)");
  sides.plan.tolerance.rel = 10'000'000;
  sides.plan.tolerance.abs = 99;
  CHECK(sides.breaks() == Lines{"a|x|99.00|100.00|-1.00|amount|0.99|1|1"});
}

TEST_CASE("matching: a one-sided key is a break whatever the tolerance") {
  Sides sides("('a', 'x', 0.00)", "");
  sides.plan.tolerance.abs = 100;
  CHECK(sides.classes() == "left_only 1");
}

TEST_CASE("matching: a missing key value meets only missing ones") {
  Sides sides("(NULL, 'x', 1.00), ('a', 'x', 2.00)", "(NULL, 'x', 1.00), ('', 'x', 2.00)");
  CHECK(sides.classes() == "matched 1, left_only 1, right_only 1");
}

TEST_CASE("matching: an amount missing on one side is a break, on both a match") {
  Sides sides("('a', 'x', NULL), ('b', 'x', NULL)", "('a', 'x', 0.00), ('b', 'x', NULL)");
  sides.plan.tolerance.abs = 100;
  CHECK(sides.classes() == "matched 1, amount 1");
}

TEST_CASE("matching: +1000 and -1000 do not cancel, because keys are compared one by one") {
  Sides sides("('a', 'x', 1000.00), ('b', 'x', 0.00)", "('a', 'x', 0.00), ('b', 'x', 1000.00)");
  CHECK(sides.classes() == "amount 2");
}

TEST_CASE("matching: without a key both sides are one grand total") {
  Sides sides("('a', 'x', 1.00), ('b', 'y', 2.00)", "('c', 'z', 3.00)");
  sides.plan.key.clear();
  sides.plan.left.key.clear();
  sides.plan.right.key.clear();
  sides.plan.left.aggregate = Aggregate::sum;
  CHECK(sides.classes() == "matched 1");
}

TEST_CASE("matching: two empty sides give no class at all, also as grand totals") {
  Sides sides("", "");
  CHECK(sides.classes().empty());
  sides.plan.key.clear();
  sides.plan.left.key.clear();
  sides.plan.right.key.clear();
  sides.plan.left.aggregate = Aggregate::sum;
  CHECK(sides.classes().empty());
}

TEST_CASE("matching: a side may be several relations together") {
  Sides sides("('a', 'x', 3.00)", "('a', 'x', 1.00)");
  sides.engine.execute("CREATE TABLE parked AS SELECT * FROM r; UPDATE parked SET paid = 2.00");
  sides.plan.right.relations = {"r", "parked"};
  CHECK(sides.classes() == "matched 1");
}

TEST_CASE("matching: aggregate count compares numbers of rows") {
  Sides sides("('a', 'x', 3.00), ('a', 'x', 4.00), ('b', 'x', 1.00)",
              "('a', 'x', 1.00), ('a', 'x', 1.00), ('b', 'x', 1.00), ('b', 'x', 1.00)");
  sides.plan.amount = Type::integer();
  sides.plan.left.aggregate = Aggregate::count;
  sides.plan.right.aggregate = Aggregate::count;
  CHECK(sides.breaks() == Lines{"b|x|1|2|-1|amount|0|1|2"});
}

TEST_CASE("matching: amounts of different scales are compared exactly") {
  Sides sides("('a', 'x', 1.00), ('b', 'x', 1.00)", "");
  sides.engine.execute(
      "CREATE TABLE f(cost VARCHAR, place VARCHAR, paid DECIMAL(18,4)); INSERT "
      "INTO f VALUES ('a', 'x', 1.0000), ('b', 'x', 1.0001)");
  sides.plan.right.relations = {"f"};
  sides.plan.amount = Type::decimal(38, 4);
  CHECK(sides.breaks() == Lines{"b|x|1.0000|1.0001|-0.0001|amount|0.0000|1|1"});
}

TEST_CASE("matching: a repeated key without aggregate is an error with examples") {
  Sides sides("('a', 'x', 1.00), ('a', 'x', 2.00), ('b', 'x', 2.00)", "('a', 'x', 3.00)");
  CHECK_THROWS_WITH_AS(Matching(sides.engine, sides.plan).require_sound_keys(),
                       "error: the key (item, org) of the left side (l) is not unique; repeated "
                       "values: 1 (item a, org x); declare aggregate: sum, or a finer key",
                       Error);
  sides.plan.left.aggregate = Aggregate::sum;
  CHECK_NOTHROW(Matching(sides.engine, sides.plan).require_sound_keys());
}

TEST_CASE("matching: a break keeps its id while its amounts change, keys do not run together") {
  Sides sides("('1', '11', 1.00), ('11', '1', 1.00)", "");
  const std::string select =
      "SELECT break_id FROM (" + Matching(sides.engine, sides.plan).breaks() + ") ORDER BY item";
  const Rows before = sides.engine.query(select);
  CHECK(before.text(0, 0) != before.text(1, 0));
  CHECK(before.text(0, 0).size() == 32);
  sides.engine.execute("UPDATE l SET amount = 9.00; INSERT INTO r VALUES ('1', '11', 5.00)");
  const Rows after = sides.engine.query(select);
  CHECK(after.text(0, 0) == before.text(0, 0));
  CHECK(after.text(1, 0) == before.text(1, 0));
}

TEST_CASE("tolerance: what is allowed is exact where a product would overflow 128 bits") {
  const Int128 huge = parse_decimal("99999999999999999999999999999999999999", 38, 0).value;
  CHECK(Tolerance{std::nullopt, 1'000'000'000}.allowed(huge, 0) == huge);
  CHECK(Tolerance{std::nullopt, 500'000'000}.allowed(-huge, 1) == huge / 2);
  CHECK(Tolerance{std::nullopt, 10'000'000}.allowed(199, -200) == 2);
  CHECK(Tolerance{std::nullopt, 10'000'000}.allowed(199, 199) == 1);
  CHECK(Tolerance{7, std::nullopt}.allowed(100, 100) == 7);
  CHECK(Tolerance{std::nullopt, std::nullopt}.allowed(100, 100) == 0);
}

TEST_CASE("matching: repeated rows pair off as multisets, what is over is a duplicate") {
  Sides sides("('a', 'x', 1.00), ('a', 'x', 1.00), ('a', 'x', 1.00), ('b', 'x', 2.00)",
              "('a', 'x', 1.00), ('b', 'x', 2.00), ('b', 'x', 2.00)");
  sides.plan.right.aggregate = Aggregate::none;
  sides.plan.pairs_duplicates = true;
  CHECK(sides.classes() == "matched 2, duplicate 2");
  CHECK(sides.breaks() ==
        Lines{"a|x|2.00|-|2.00|duplicate|-|2|0", "b|x|-|2.00|-2.00|duplicate|-|0|1"});
}

TEST_CASE("matching: rows of a repeated key that differ pair in the order of their amounts") {
  Sides sides("('a', 'x', 1.00), ('a', 'x', 5.00), ('a', 'x', 9.00)",
              "('a', 'x', 5.00), ('a', 'x', 1.02), ('c', 'x', 3.00), ('c', 'x', 3.00)");
  sides.plan.right.aggregate = Aggregate::none;
  sides.plan.pairs_duplicates = true;
  sides.plan.tolerance.abs = 1;
  CHECK(sides.breaks() == Lines{"a|x|1.00|1.02|-0.02|amount|0.01|1|1",
                                "a|x|9.00|-|9.00|duplicate|-|1|0",
                                "c|x|-|6.00|-6.00|right_only|-|0|2"});
  sides.plan.tolerance.abs = 2;
  CHECK(sides.classes() == "matched 1, within_tolerance 1, duplicate 1, right_only 1");
}

TEST_CASE("matching: few repeated keys among many take the same way as all") {
  Sides sides("", "");
  sides.engine.execute(
      "INSERT INTO l SELECT 'k' || n, 'x', n FROM range(2000) t(n); INSERT INTO l VALUES ('k7', "
      "'x', 7), ('k8', 'x', 9); INSERT INTO r SELECT 'k' || n, 'x', n FROM range(2000) t(n)");
  sides.plan.right.aggregate = Aggregate::none;
  sides.plan.pairs_duplicates = true;
  CHECK(sides.classes() == "matched 2000, duplicate 2");
  CHECK(sides.breaks() ==
        Lines{"k7|x|7.00|-|7.00|duplicate|-|1|0", "k8|x|9.00|-|9.00|duplicate|-|1|0"});
}

TEST_CASE("matching: rows with a missing part of the key may each be a break") {
  Sides sides("(NULL, 'x', 1.00), ('a', NULL, 2.00), ('a', 'x', 3.00)",
              "(NULL, 'x', 1.00), ('a', 'x', 3.00)");
  sides.plan.missing_key = MissingKey::open;
  CHECK(sides.classes() == "matched 1, left_only 2, right_only 1");
  CHECK(Matching(sides.engine, sides.plan).totals(sides.plan.left).front().missing_keys == 2);
  sides.plan.right.aggregate = Aggregate::none;
  sides.plan.pairs_duplicates = true;
  sides.engine.execute("INSERT INTO l VALUES (NULL, 'x', 1.00)");
  CHECK(sides.breaks() == Lines{"a|-|2.00|-|2.00|left_only|-|1|0",
                                "-|x|2.00|-|2.00|left_only|-|2|0",
                                "-|x|-|1.00|-1.00|right_only|-|0|1"});
  sides.plan.missing_key = MissingKey::fail;
  CHECK_THROWS_WITH_AS(Matching(sides.engine, sides.plan).require_sound_keys(),
                       "error: the left side (l) has rows with a missing part of the key: 3 (item "
                       "a, org (none); item (none), org x; item (none), org x), amounts 4.00; "
                       "declare missing_key: match or break, or mend the data",
                       Error);
}

TEST_CASE("matching: bands give small amounts a tolerance of their own") {
  Sides sides("('a', 'x', 1.00), ('b', 'x', 100.00), ('c', 'x', 1.00)",
              "('a', 'x', 1.05), ('b', 'x', 100.05), ('c', 'x', 1.06)");
  sides.plan.tolerance = {.abs = 1, .rel = {}, .bands = {{.up_to = 1000, .abs = 5, .rel = {}}}};
  CHECK(sides.breaks() ==
        Lines{"b|x|100.00|100.05|-0.05|amount|0.01|1|1", "c|x|1.00|1.06|-0.06|amount|0.05|1|1"});
}

TEST_CASE("matching: a sum that does not fit its type is named with keys, rows and amount") {
  Sides sides("", "('a', 'x', 9999999999999999.00), ('a', 'x', 9999999999999999.00)");
  CHECK_THROWS_WITH_AS(Matching(sides.engine, sides.plan).classes(),
                       "error: amounts of 1 (item a, org x) do not fit money: 2 rows come to up to "
                       "19999999999999998.00; declare a finer key, or a decimal with more digits",
                       Error);
}

TEST_CASE("matching: joined part by part it finds the same") {
  Sides sides("", "");
  sides.engine.execute(
      "INSERT INTO l SELECT 'k' || n, CASE WHEN n % 50 = 0 THEN NULL ELSE 'x' END, n FROM "
      "range(3000) t(n); INSERT INTO l SELECT * FROM l WHERE amount % 40 = 0; INSERT INTO r SELECT "
      "'k' || n, CASE WHEN n % 50 = 0 THEN NULL ELSE 'x' END, n + (n % 30) // 29 FROM range(7, "
      "3007) t(n)");
  sides.plan.right.aggregate = Aggregate::none;
  sides.plan.pairs_duplicates = true;
  const std::string classes = sides.classes();
  const Lines breaks = sides.breaks();
  CHECK(classes == "matched 2893, amount 100, duplicate 74, left_only 7, right_only 7");
  sides.plan.join_memory = 100'000;
  sides.plan.key_memory = 10'000;
  CHECK(sides.classes() == classes);
  CHECK(sides.breaks() == breaks);
}

TEST_CASE("matching: keys meet and add up within a currency, what is left of both is one break") {
  Sides sides(
      "('a', 'CNY', 10), ('a', 'EUR', 3), ('b', 'EUR', 5), ('b', 'GBP', 6), ('c', 'CNY', 1)",
      "('a', 'CNY', 4), ('a', 'CNY', 6), ('b', 'USD', 5), ('d', 'USD', 2)");
  sides.plan.currency = 1;
  sides.plan.pairs_currencies = true;
  CHECK(sides.breaks() ==
        Lines{"a|EUR|3.00|-|3.00|left_only|-|1|0", "b|EUR|5.00|5.00|-|currency|-|1|1",
              "b|GBP|6.00|-|6.00|left_only|-|1|0", "c|CNY|1.00|-|1.00|left_only|-|1|0",
              "d|USD|-|2.00|-2.00|right_only|-|0|1"});
  Matching matching(sides.engine, sides.plan);
  for (const bool is_left : {true, false})
    for (const MatchSideTotals& side :
         matching.totals(is_left ? matching.plan().left : matching.plan().right)) {
      std::int64_t rows = 0;
      Int128 amount = 0;
      for (const MatchClass& each : matching.classes()) {
        if (each.currency != side.currency) continue;
        rows += is_left ? each.left_rows : each.right_rows;
        amount += is_left ? each.left_amount : each.right_amount;
      }
      CAPTURE(side.currency);
      CHECK(rows == side.rows);
      CHECK(format_decimal(amount, 2) == format_decimal(side.amount, 2));
    }
}
