#include "jobs/change_tally.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

/// Each row by place i; flag `third` where i is divisible by three.
std::string rows(int count) {
  return " FROM (SELECT i, i % 3 = 0 AS third, i < 0 AS never FROM range(" + std::to_string(count) +
         ") t(i))";
}

}  // namespace

TEST_CASE("change tally: each row that is written is counted once, by every thread") {
  for (const int threads : {1, 4}) {
    Engine engine({.threads = threads});
    const ChangeTally tally(engine, {"third", "never"});
    engine.execute("CREATE TABLE made AS SELECT " + tally.counting("i") + " AS i" + rows(300'000) +
                   " WHERE i % 2 = 0");
    CHECK(engine.query("SELECT sum(i) FROM made").text(0, 0) == "22499850000");
    CHECK(tally.rows() == 150'000);
    CHECK(tally.changed() == std::vector<std::int64_t>{50'000, 0});
  }
}

TEST_CASE("change tally: a flag that is the same in all rows counts all of them") {
  Engine engine({.threads = 1});
  const ChangeTally tally(engine, {"true", "false"});
  engine.execute("CREATE TABLE made AS SELECT " + tally.counting("'x'") + " AS x" + rows(5'000));
  CHECK(tally.rows() == 5'000);
  CHECK(tally.changed() == std::vector<std::int64_t>{5'000, 0});
}

TEST_CASE("change tally: nothing is counted where no row is") {
  Engine engine({.threads = 1});
  const ChangeTally tally(engine, {"third"});
  engine.execute("CREATE TABLE made AS SELECT " + tally.counting("i") + " AS i" + rows(0));
  CHECK(tally.rows() == 0);
  CHECK(tally.changed() == std::vector<std::int64_t>{0});
}
