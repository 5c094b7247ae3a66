// Stores of every schema that was ever released are brought up to date, and stay what they were.
#include <doctest/doctest.h>

#include "scheduler/store/migrations.h"
#include "tests/folders.h"
#include "tests/scheduler/store_backends.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = fs::path(kSourceFolder) / "tests/scheduler/store/fixtures";

}  // namespace

TEST_CASE("migrations: a store of every schema opens, and its events make the same tables") {
  int seen = 0;
  for (const auto& fixture : fs::directory_iterator(kFixtures)) {
    CAPTURE(fixture.path());
    const TemporaryFolder scratch;
    const fs::path file = scratch / "store.db";
    const std::string load = "sqlite3 '" + file.string() + "' < '" + fixture.path().string() + "'";
    REQUIRE(std::system(load.c_str()) == 0);
    {
      Database before(file, Database::Mode::read);
      CHECK(fixture.path().stem() == "schema_" + std::to_string(schema_of(before)));
    }
    Store store(file, "tester");
    Database& database = store.view().database();
    CHECK(schema_of(database) == latest_schema());
    CHECK(verify_chain(database).problem == "");
    CHECK(replay_difference(database, scratch / "copy.db") == "");
    CHECK_FALSE(store.view().runs("", 10).empty());
    CHECK_FALSE(store.view().versions("").empty());
    ++seen;
  }
  CHECK(seen >= 1);
}

TEST_CASE_TEMPLATE("migrations: they are numbered without gaps and applied once", Backend,
                   SqliteBackend, PostgresqlBackend) {
  const Backend backend;
  Database database(backend.address(), Database::Mode::write);
  CHECK(schema_of(database) == 0);
  migrate(database);
  CHECK(schema_of(database) == latest_schema());
  migrate(database);
  CHECK(schema_of(database) == latest_schema());
}
