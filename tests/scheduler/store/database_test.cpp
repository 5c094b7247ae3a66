#include "scheduler/store/database.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "tests/scheduler/fixtures.h"

using namespace tallymill;

TEST_CASE("database: 64-bit integers and texts come back exactly") {
  const TemporaryFolder scratch;
  Database database(scratch / "a b.db", Database::Mode::write);
  database.execute("create table t (n bigint not null, s text not null)");
  const std::string text("a\0b; '汉字' :p0", 18);
  for (const std::int64_t n : {INT64_MIN, INT64_MAX, std::int64_t{9007199254740993}})
    database.execute("insert into t values (:p0, :p1)", {n, text});
  const auto rows = database.select("select n, s from t order by n", "it");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].integer(0) == INT64_MIN);
  CHECK(rows[1].integer(0) == 9007199254740993);
  CHECK(rows[2].integer(0) == INT64_MAX);
  CHECK(rows[0].text(1) == text);
}

TEST_CASE("database: a statement is told how many rows it changed, also the second time") {
  const TemporaryFolder scratch;
  Database database(scratch / "s.db", Database::Mode::write);
  database.execute("create table t (n bigint not null)");
  for (std::int64_t n = 0; n < 3; ++n) database.execute("insert into t values (:p0)", {n});
  CHECK(database.execute("update t set n = n where n >= :p0", {std::int64_t{1}}) == 2);
  CHECK(database.execute("update t set n = n where n >= :p0", {std::int64_t{5}}) == 0);
}

TEST_CASE("database: a failed statement can be tried again with other values") {
  const TemporaryFolder scratch;
  Database database(scratch / "s.db", Database::Mode::write);
  database.execute("create table t (n bigint primary key)");
  const auto insert = [&](std::int64_t n) { database.execute("insert into t values (:p0)", {n}); };
  insert(1);
  CHECK_THROWS_AS(insert(1), Error);
  insert(2);
  CHECK(database.select("select count(*) from t", "i")[0].integer(0) == 2);
}

TEST_CASE("database: a reader sees commits only, and cannot write") {
  const TemporaryFolder scratch;
  Database writer(scratch / "s.db", Database::Mode::write);
  writer.execute("create table t (n bigint not null)");
  Database reader(scratch / "s.db", Database::Mode::read);
  const auto count = [&] { return reader.select("select count(*) from t", "i")[0].integer(0); };
  writer.begin();
  writer.execute("insert into t values (1)");
  CHECK(count() == 0);
  writer.commit();
  CHECK(count() == 1);
  CHECK_THROWS_AS(reader.execute("insert into t values (2)"), Error);
}

TEST_CASE("database: a rolled back transaction leaves nothing") {
  const TemporaryFolder scratch;
  Database database(scratch / "s.db", Database::Mode::write);
  database.execute("create table t (n bigint not null)");
  database.begin();
  database.execute("insert into t values (1)");
  database.rollback();
  CHECK(database.select("select n from t", "i").empty());
}

TEST_CASE("database: a file that is no database is refused with its name") {
  const TemporaryFolder scratch;
  write_file_durably(scratch / "s.db", std::string(8192, 'x'));
  try {
    Database database(scratch / "s.db", Database::Mode::write);
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.message().find("s.db' failed: ") != std::string::npos);
    CHECK(error.message().find("restore the state folder from a backup") != std::string::npos);
  }
}
