#include "datasets/value_lookup.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

constexpr std::int64_t kMuch = 64 << 20;

/// The rows of `asked` whose `v` the lookup has, or "none" where there is no lookup.
std::string found(Engine& engine, const std::string& select, const Type& type,
                  const std::string& asked, std::int64_t memory = kMuch) {
  const auto lookup = add_value_lookup(engine, select, type, memory);
  if (!lookup) return "none";
  return engine.query("select count_if(" + *lookup + "(v)) from " + asked).text(0, 0);
}

}  // namespace

TEST_CASE("value lookup: numbers, zero and both ends of their range included") {
  Engine engine({.threads = 2});
  const std::string ends = "(-9223372036854775807 - 1), (9223372036854775807)";
  CHECK(found(engine, "select v::BIGINT from (values (0), (null), (3), (3), " + ends + ") t(v)",
              Type::integer(),
              "(select v::BIGINT as v from (values (0), (1), (null), (3), " + ends + ") t(v))") ==
        "4");
  CHECK(found(engine, "select 5::BIGINT where false", Type::integer(), "(select 0::BIGINT as v)") ==
        "0");
  CHECK(found(engine, "select range * 1000 from range(100000)", Type::integer(),
              "(select range as v from range(1000000))") == "1000");
}

TEST_CASE("value lookup: texts of any length, the empty one included") {
  Engine engine({.threads = 2});
  CHECK(found(engine, "values (''), ('a'), (null), ('a'), ('longer than twelve bytes')",
              Type::text(),
              "(values (''), ('a'), ('A'), (null), ('longer than twelve bytes'), ('a '), "
              "('longer than twelve bytez')) t(v)") == "3");
  CHECK(found(engine, "select 'some customer ' || range from range(0, 100000, 2)", Type::text(),
              "(select 'some customer ' || range as v from range(100000))") == "50000");
}

TEST_CASE("value lookup: dates, timestamps and money are looked up as numbers") {
  Engine engine({.threads = 2});
  CHECK(found(engine, "values (date '2026-01-31'), (date '1970-01-01')", Type::date(),
              "(select date '1970-01-01' + range::INTEGER as v from range(30000))") == "2");
  CHECK(found(engine, "values (timestamp '2026-01-31 10:00:00')", Type::timestamp(),
              "(values (timestamp '2026-01-31 10:00:00'), (timestamp '2026-01-31 10:00:01')) "
              "t(v)") == "1");
  CHECK(found(engine, "select 1.50::DECIMAL(18,2)", Type::money(2),
              "(select v::DECIMAL(18,2) as v from (values (1.5), (1.51)) t(v))") == "1");
}

TEST_CASE("value lookup: there is none of wide numbers, nor of more values than memory holds") {
  Engine engine({.threads = 2});
  CHECK(found(engine, "select 1::DECIMAL(38,3)", Type::decimal(30, 3), "(select 1)") == "none");
  CHECK(found(engine, "select range from range(100000)", Type::integer(), "(select 1)", 500'000) ==
        "none");
  CHECK(found(engine, "select 'some customer ' || range from range(10000)", Type::text(),
              "(select 1)", 500'000) == "none");
}
