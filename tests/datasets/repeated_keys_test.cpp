#include "datasets/repeated_keys.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "datasets/key_filter.h"

using namespace tallymill;

namespace {

constexpr std::int64_t kMuch = 64 << 20;

const std::vector<Column> kEveryType{{"i", Type::integer()},      {"m", Type::money(2)},
                                     {"w", Type::decimal(30, 3)}, {"d", Type::date()},
                                     {"s", Type::timestamp()},    {"b", Type::boolean()},
                                     {"t", Type::text()}};

/// Keys of all types; of `i` < `twice` a second row.
std::string rows_of_every_type(int rows, int twice) {
  return "(select i::BIGINT as i, (i / 7)::DECIMAL(18,2) as m, (i * 1.001)::DECIMAL(38,3) as w, "
         "DATE '2026-01-01' + (i % 900)::INTEGER as d, TIMESTAMP '2026-01-01' + to_seconds(i) as "
         "s, "
         "i % 3 = 0 as b, case when i % 10 = 0 then null else 'a longer text ' || i end as t "
         "from (select unnest(range(" +
         std::to_string(rows) + ")) as i union all select unnest(range(" + std::to_string(twice) +
         "))))";
}

/// How many of the relation's rows are among the hashes.
std::int64_t rows_among(Engine& engine, const std::string& relation, const std::vector<Column>& key,
                        const KeyHashes& hashes) {
  const std::string among = is_among_sql(engine, key, std::make_shared<const KeyHashes>(hashes));
  return engine.query("select count_if(" + among + ") from " + relation).integer(0, 0);
}

}  // namespace

TEST_CASE("key filter: of a hash that it has it never says no, of others seldom yes") {
  KeyFilter filter(20'000, kMuch);
  const auto hash = [](std::uint64_t i) { return (i + 1) * 0x9e3779b97f4a7c15; };
  int seemed_there = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) seemed_there += filter.add(hash(i));
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    CHECK(filter.has(hash(i)));
    CHECK(filter.add(hash(i)));
  }
  int wrong = 0;
  for (std::uint64_t i = 20'000; i < 40'000; ++i) wrong += filter.has(hash(i));
  CHECK(seemed_there < 100);
  CHECK(wrong < 200);
}

TEST_CASE("key filter: of two threads that add the same hash one at least is told") {
  KeyFilter filter(1'000'000, kMuch);
  std::vector<std::vector<bool>> told(2, std::vector<bool>(200'000));
  std::vector<std::jthread> threads;
  for (std::vector<bool>& mine : told)
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < mine.size(); ++i)
        mine[i] = filter.add((i + 1) * 0x9e3779b97f4a7c15);
    });
  threads.clear();
  std::size_t missed = 0;
  for (std::size_t i = 0; i < told[0].size(); ++i) missed += !told[0][i] && !told[1][i];
  CHECK(missed == 0);
}

TEST_CASE("repeated keys: those that come twice are found, by values of every type and nulls") {
  Engine engine({.threads = 2});
  const std::string relation = rows_of_every_type(30'000, 40);
  const KeyHashes repeated = find_repeated_keys(engine, relation, kEveryType, kMuch);
  CHECK(repeated.size() == 40);
  CHECK(rows_among(engine, relation, kEveryType, repeated) == 80);
  CHECK(find_repeated_keys(engine, relation, kEveryType, 30'000) == repeated);
}

TEST_CASE("repeated keys: a text is the same however it was made") {
  Engine engine({.threads = 2});
  const std::string text = "'abcdefghijklmnopqrst'";
  for (int length = 0; length <= 16; ++length) {
    CAPTURE(length);
    const std::string n = std::to_string(length);
    const std::string made = "(select left(" + text + ", " + n +
                             ") as t union all select substr('--' || " + text + ", 3, " + n +
                             ") union all select lower(left(upper(" + text + "), " + n +
                             ")) union all select 'other')";
    const KeyHashes found = find_repeated_keys(engine, made, {{"t", Type::text()}}, kMuch);
    CHECK(rows_among(engine, made, {{"t", Type::text()}}, found) == 3);
  }
}

TEST_CASE("likely repeated keys: all that come twice and few others, several searches at once") {
  Engine engine({.threads = 2});
  const std::string relation = rows_of_every_type(30'000, 40);
  for (const std::int64_t memory : {kMuch, std::int64_t{150'000}, std::int64_t{20'000}}) {
    CAPTURE(memory);
    const std::vector<KeySearch> searches{
        {kEveryType, true, ""},                          // a null equals a null
        {kEveryType, false, ""},                         // 4 of the 40 have a null
        {{{"i", Type::integer()}}, false, "i % 2 = 1"},  // half of them
        {{{"t", Type::text()}}, true, ""},               // 3004 without a text besides
        {{{"b", Type::boolean()}}, true, ""}};           // nearly all rows
    const auto found = find_likely_repeated(engine, relation, 30'040, memory, searches);
    REQUIRE(found.size() == searches.size());
    CHECK_FALSE(found[4]);
    if (memory < 100'000) continue;
    const std::vector<std::int64_t> rows{80, 72, 40, 3004 + 72};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CAPTURE(i);
      REQUIRE(found[i]);
      const std::string judged = "(select * from " + relation +
                                 (i == 2   ? " where i % 2 = 1)"
                                  : i == 1 ? " where t is not null)"
                                           : ")");
      const std::int64_t among = rows_among(engine, judged, searches[i].key, *found[i]);
      CHECK(among >= rows[i]);
      CHECK(among < rows[i] + 300);
    }
  }
}
