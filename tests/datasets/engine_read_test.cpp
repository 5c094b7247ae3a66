#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/error.h"
#include "datasets/engine.h"

using namespace tallymill;

TEST_CASE("engine: rows are read in the order of the statement, in chunks") {
  Engine engine({.threads = 2});
  const std::vector<Type> types{Type::integer(), Type::text(), Type::decimal(38, 2)};
  std::vector<std::int64_t> seen;
  std::size_t chunks = 0;
  engine.read(
      "select i, case when i % 3 = 0 then null else 'number ' || i end, "
      "i::decimal(38,2) from range(5000) r(i) order by i desc",
      types, [&](std::span<const ColumnView> columns, std::size_t rows) {
        ++chunks;
        for (std::size_t row = 0; row < rows; ++row) {
          const std::int64_t i = columns[0].as<std::int64_t>()[row];
          seen.push_back(i);
          REQUIRE(columns[1].is_null(row) == (i % 3 == 0));
          if (i % 3 != 0)
            REQUIRE(columns[1].as<StringRef>()[row].view() == "number " + std::to_string(i));
          REQUIRE(columns[2].as<Int128>()[row] == Int128{i} * 100);
        }
      });
  CHECK(chunks > 1);
  REQUIRE(seen.size() == 5000);
  CHECK(seen.front() == 4999);
  CHECK(seen.back() == 0);
}

TEST_CASE("engine: a type that is not the expected one is refused before any row is read") {
  Engine engine({.threads = 1});
  const std::vector<Type> types{Type::integer()};
  bool was_called = false;
  CHECK_THROWS_WITH_AS(
      engine.read("select 1.5::double", types,
                  [&](std::span<const ColumnView>, std::size_t) { was_called = true; }),
      "error: column 1 of a result is DOUBLE, expected BIGINT", Error);
  CHECK_FALSE(was_called);
}

TEST_CASE("engine: an error while rows are being read ends the reading") {
  Engine engine({.threads = 1});
  const std::vector<Type> types{Type::integer()};
  CHECK_THROWS_AS(engine.read("select case when i < 100000 then i else error('broken') end::bigint "
                              "from range(100001) r(i)",
                              types, [](std::span<const ColumnView>, std::size_t) {}),
                  Error);
  CHECK(engine.query("select 1").integer(0, 0) == 1);
}
