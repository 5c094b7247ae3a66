#include "datasets/row_sieve.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "tests/temporary_folder.h"

using namespace tallymill;

namespace {

const std::vector<Column> kColumns{{.name = "i", .type = Type::integer()},
                                   {.name = "\"an \"\"odd\"\" name\"", .type = Type::text()},
                                   {.name = "narrow", .type = Type::money(2)},
                                   {.name = "wide", .type = Type::decimal(38, 2)},
                                   {.name = "day", .type = Type::date()},
                                   {.name = "\"at\"", .type = Type::timestamp()},
                                   {.name = "is_odd", .type = Type::boolean()}};

/// 10,000 rows; of each column but the first some are null, texts are empty, short and long.
const std::string kRows =
    "FROM (SELECT i, CASE WHEN i % 5 = 0 THEN NULL WHEN i % 7 = 0 THEN '' ELSE "
    "repeat('\xE5\xBC\xA0', (i % 9)::BIGINT) || i END AS \"an \"\"odd\"\" name\", CASE WHEN i % 4 "
    "> 0 "
    "THEN (i - 5000)::DECIMAL(18,2) END AS narrow, CASE WHEN i % 3 > 0 THEN (i * "
    "1000000000000000000000::HUGEINT)::DECIMAL(38,2) END AS wide, CASE WHEN i % 11 > 0 THEN DATE "
    "'1969-06-01' + (i % 1000)::INTEGER END AS day, CASE WHEN i % 13 > 0 THEN TIMESTAMP "
    "'2026-01-01 00:00:00' + to_seconds(i) END AS \"at\", CASE WHEN i % 17 > 0 THEN i % 2 = 1 END "
    "AS "
    "is_odd FROM range(10000) t(i))";

/// What there is of the rows for which `condition` is true, by all columns.
std::string sum_of(Engine& engine, const std::string& from, const std::string& condition) {
  return engine
      .query(
          "SELECT count(*) || ' ' || sum(hash(i, \"an \"\"odd\"\" name\", narrow, wide, day, "
          "\"at\", "
          "is_odd)::HUGEINT) " +
          from + " WHERE " + condition)
      .text(0, 0);
}

}  // namespace

TEST_CASE("row sieve: rows pass or are kept as they were, in memory or in a file") {
  for (const std::int64_t memory : {std::int64_t{1} << 20, std::int64_t{20'000}, std::int64_t{0}}) {
    CAPTURE(memory);
    const TemporaryFolder folder;
    Engine engine({.threads = 2, .writable = {folder.path()}});
    const RowSieve sieve(engine, "kept", kColumns, memory, folder.path());
    const std::string passed =
        sum_of(engine, "FROM (SELECT * " + sieve.passing(kRows, "i % 3 = 0") + ")", "true");
    CHECK(passed == sum_of(engine, kRows, "i % 3 <> 0"));
    CHECK(sum_of(engine, "FROM kept", "true") == sum_of(engine, kRows, "i % 3 = 0"));
    CHECK(sieve.seen() == 10'000);
    // Any number of times, also twice at once, and a few columns only.
    const Rows rows = engine.query(
        "SELECT count(*), count(DISTINCT a.\"tm:at\"), sum(a.i - b.i) FROM kept a JOIN kept b ON "
        "a.\"tm:at\" = b.\"tm:at\"");
    CHECK(rows.integer(0, 0) == 3334);
    CHECK(rows.integer(0, 1) == 3334);
    CHECK(rows.integer(0, 2) == 0);
    CHECK(engine.query("SELECT count(*) FROM kept").integer(0, 0) == 3334);
    engine.execute(sieve.drop());
    CHECK_THROWS_AS(engine.query("SELECT * FROM kept"), Error);
  }
}

TEST_CASE("row sieve: a condition on what passes hides no row from it") {
  const TemporaryFolder folder;
  Engine engine({.threads = 2, .writable = {folder.path()}});
  const RowSieve sieve(engine, "kept", kColumns, 1 << 20, folder.path());
  const Rows rows = engine.query("SELECT count(*) FROM (SELECT *, i + 1 AS next " +
                                 sieve.passing(kRows, "i >= 9990") + ") WHERE next <= 100");
  CHECK(rows.integer(0, 0) == 100);
  CHECK(sieve.seen() == 10'000);
  CHECK(engine.query("SELECT min(i) FROM kept").integer(0, 0) == 9990);
}

TEST_CASE("row sieve: all rows are kept, or none") {
  const TemporaryFolder folder;
  Engine engine({.threads = 2, .writable = {folder.path()}});
  const RowSieve all(engine, "kept_all", kColumns, 1 << 20, folder.path());
  CHECK(engine.query("SELECT count(*) " + all.passing(kRows, "true")).integer(0, 0) == 0);
  CHECK(sum_of(engine, "FROM kept_all", "true") == sum_of(engine, kRows, "true"));
  const RowSieve none(engine, "kept_none", kColumns, 1 << 20, folder.path());
  CHECK(engine.query("SELECT count(*) " + none.passing(kRows, "false")).integer(0, 0) == 10'000);
  CHECK(engine.query("SELECT count(*) FROM kept_none").integer(0, 0) == 0);
}
