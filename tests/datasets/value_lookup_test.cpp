#include "datasets/value_lookup.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

constexpr std::int64_t kMuch = 64 << 20;

/// The rows of `asked` whose `v` is missing, or "none" where there is no lookup.
std::string missing(Engine& engine, const std::string& select, const Type& type,
                    const std::string& asked, std::int64_t memory = kMuch) {
  const auto lookup = add_value_lookup(engine, select, type, memory);
  if (!lookup) return "none";
  return engine.query("select count_if(" + *lookup + "(v)) from " + asked).text(0, 0);
}

}  // namespace

TEST_CASE("value lookup: numbers, zero and both ends of their range included") {
  Engine engine({.threads = 2});
  const std::string ends = "(-9223372036854775807 - 1), (9223372036854775807)";
  CHECK(missing(engine, "select v::BIGINT from (values (0), (null), (3), (3), " + ends + ") t(v)",
                Type::integer(),
                "(select v::BIGINT as v from (values (0), (1), (null), (3), " + ends + ") t(v))") ==
        "1");
  CHECK(missing(engine, "select 5::BIGINT where false", Type::integer(),
                "(select 0::BIGINT as v)") == "1");
  CHECK(missing(engine, "select range * 1000 from range(100000)", Type::integer(),
                "(select range as v from range(1000000))") == "999000");
}

TEST_CASE("value lookup: texts of any length, the empty one included") {
  Engine engine({.threads = 2});
  CHECK(missing(engine, "values (''), ('a'), (null), ('a'), ('longer than twelve bytes')",
                Type::text(),
                "(values (''), ('a'), ('A'), (null), ('longer than twelve bytes'), ('a '), "
                "('longer than twelve bytez')) t(v)") == "3");
  CHECK(missing(engine, "select 'some customer ' || range from range(0, 100000, 2)", Type::text(),
                "(select 'some customer ' || range as v from range(100000))") == "50000");
}

TEST_CASE("value lookup: dates, timestamps and money are looked up as numbers") {
  Engine engine({.threads = 2});
  CHECK(missing(engine, "values (date '2026-01-31'), (date '1970-01-01')", Type::date(),
                "(select date '1970-01-01' + range::INTEGER as v from range(30000))") == "29998");
  CHECK(missing(engine, "values (timestamp '2026-01-31 10:00:00')", Type::timestamp(),
                "(values (timestamp '2026-01-31 10:00:00'), (timestamp '2026-01-31 10:00:01')) "
                "t(v)") == "1");
  CHECK(missing(engine, "select 1.50::DECIMAL(18,2)", Type::money(2),
                "(select v::DECIMAL(18,2) as v from (values (1.5), (1.51)) t(v))") == "1");
}

TEST_CASE("value lookup: there is none of wide numbers, nor of more values than memory holds") {
  Engine engine({.threads = 2});
  CHECK(missing(engine, "select 1::DECIMAL(38,3)", Type::decimal(30, 3), "(select 1)") == "none");
  CHECK(missing(engine, "select range from range(100000)", Type::integer(), "(select 1)",
                500'000) == "none");
  CHECK(missing(engine, "select 'some customer ' || range from range(10000)", Type::text(),
                "(select 1)", 500'000) == "none");
}

TEST_CASE("key lookup: keys of several columns and any type, in which a null equals a null") {
  Engine engine({.threads = 2});
  const std::vector<Column> key{
      {"a", Type::text()}, {"b", Type::decimal(30, 3)}, {"c", Type::boolean()}};
  const std::string keys =
      "(select case when i % 7 = 0 then null else 'text number ' || i end as a, "
      "(i * 0.001)::DECIMAL(30,3) as b, i % 2 = 0 as c from range(20000) t(i))";
  const auto call =
      add_key_lookup(engine, "select a, b, c from " + keys + " where b >= 10", key, kMuch);
  REQUIRE(call);
  CHECK(engine
            .query("select count_if(" + *call + "), count_if(" + *call + " <> (b >= 10)) from " +
                   keys)
            .cells[0] == std::vector<std::optional<std::string>>{"10000", "0"});
  CHECK(
      engine
          .query("select count_if(" + *call + ") from (select a, b, not c as c from " + keys + ")")
          .text(0, 0) == "0");
  CHECK_FALSE(add_key_lookup(engine, "select a, b, c from " + keys, key, 100'000));
}
