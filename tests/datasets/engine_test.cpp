#include "datasets/engine.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "core/error.h"

using namespace tallymill;

namespace {

Engine open(int threads = 2) { return Engine({.threads = threads}); }

std::string message_of(Engine& engine, const std::string& sql) {
  try {
    engine.execute(sql);
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

/// Numbers 0 .. rows-1, handed out in chunks to whichever thread asks.
class Counter final : public TableSource {
 public:
  Counter(std::int64_t rows, std::size_t threads) : rows_(rows), threads_(threads) {}
  std::unique_ptr<Cursor> open_cursor() override {
    ++cursors;
    return std::make_unique<Part>(*this);
  }
  std::size_t max_threads() const override { return threads_; }

  std::atomic<int> cursors{0};
  std::atomic<bool> fails{false};

 private:
  class Part final : public Cursor {
   public:
    explicit Part(Counter& counter) : counter_(counter) {}
    std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) override {
      if (counter_.fails) throw Error(ErrorClass::transient, "the line went dead");
      const auto first = counter_.next_.fetch_add(static_cast<std::int64_t>(capacity));
      std::size_t row = 0;
      for (; row < capacity && first + static_cast<std::int64_t>(row) < counter_.rows_; ++row) {
        const auto number = first + static_cast<std::int64_t>(row);
        columns[0].as<std::int64_t>()[row] = number;
        if (number % 10 == 0)
          columns[1].set_null(row);
        else
          columns[1].set_text(row, "row number " + std::to_string(number));
      }
      return row;
    }

   private:
    Counter& counter_;
  };

  std::int64_t rows_;
  std::size_t threads_;
  std::atomic<std::int64_t> next_{0};
};

std::vector<Column> counter_columns() {
  return {{.name = "n", .type = Type::integer()}, {.name = "label", .type = Type::text()}};
}

}  // namespace

TEST_CASE("engine: every kind of cell comes back as DuckDB prints it") {
  Engine engine = open();
  const Rows rows = engine.query(
      "select 1::tinyint a, -12.30::decimal(18,2) b, 99999999999999999999.5::decimal(38,1) c, "
      "date '2026-01-31' d, timestamp '2026-01-31 08:05:00.25' e, true f, 'a long enough text' g, "
      "null h, [1, 2] i, {'x': 1} j, 170141183460469231731687303715884105727::hugeint k, "
      "'b'::enum('a', 'b') l");
  const std::vector<std::string> expected{"1",
                                          "-12.30",
                                          "99999999999999999999.5",
                                          "2026-01-31",
                                          "2026-01-31 08:05:00.25",
                                          "true",
                                          "a long enough text"};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(rows.text(0, i) == expected[i]);
  CHECK_FALSE(rows.cells[0][7]);
  CHECK(rows.text(0, 8) == "[1, 2]");
  CHECK(rows.text(0, 9) == "{'x': 1}");
  CHECK(rows.text(0, 10) == "170141183460469231731687303715884105727");
  CHECK(rows.text(0, 11) == "b");
  CHECK(rows.types[2] == "DECIMAL(38,1)");
}

TEST_CASE("engine: parameters are bound, not pasted") {
  Engine engine = open();
  const std::vector<SqlValue> values{std::string("it's"), std::int64_t{7}, true, std::monostate{}};
  const Rows rows = engine.query("select $1, $2, $3, $4", values);
  CHECK(rows.text(0, 0) == "it's");
  CHECK(rows.integer(0, 1) == 7);
  CHECK(rows.text(0, 2) == "true");
  CHECK_FALSE(rows.cells[0][3]);
}

TEST_CASE("engine: describe gives the types of a select without running it") {
  Engine engine = open();
  engine.execute("create table t (amount decimal(18,2))");
  const auto columns = engine.describe("select sum(amount) s, avg(amount) a from t");
  REQUIRE(columns.size() == 2);
  CHECK(columns[0].name == "s");
  CHECK(columns[0].sql_type == "DECIMAL(38,2)");
  CHECK(columns[1].sql_type == "DOUBLE");
}

TEST_CASE("engine: a failed statement says why and which") {
  Engine engine = open();
  try {
    engine.execute("select nope from (select 1 as x)");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::config);
    CHECK(error.message().find("Referenced column \"nope\" not found") == 0);
    CHECK(error.context().at(0) == "running SQL: select nope from (select 1 as x)");
  }
}

TEST_CASE("engine: an overflow is a matter of the data") {
  Engine engine = open();
  engine.execute("create table t as select 9e17::bigint as x from range(100)");
  try {
    engine.execute("create table u as select x * x as y from t");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::data);
  }
}

TEST_CASE("engine: too little memory is class memory") {
  Engine engine({.threads = 1, .memory_bytes = 20 << 20});
  try {
    engine.execute("create table t as select hash(i) a, hash(i + 1) b from range(20000000) r(i)");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::memory);
  }
}

TEST_CASE("engine: a full disk is transient and says so") {
  Engine engine({.threads = 1, .writable = {"/dev"}});
  try {
    engine.execute(
        "copy (select hash(i) h from range(1000000) r(i)) to '/dev/full' (format parquet, "
        "use_tmp_file false)");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::transient);
    CHECK(error.message().starts_with(
        "cannot write '/dev/full': the disk mounted at '/dev' is full ("));
    CHECK(error.message().ends_with("; make room, then run again"));
  }
}

TEST_CASE("engine: only the files of its settings can be read or written") {
  const auto folder = std::filesystem::temp_directory_path() / "tallymill_engine_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "in");
  std::filesystem::create_directories(folder / "out");
  Engine maker({.writable = {folder / "in"}});
  maker.execute("copy (select 1 as x) to '" + (folder / "in/part-0.parquet").string() +
                "' (format parquet)");
  maker.execute("copy (select 1 as x) to '" + (folder / "in/other.parquet").string() +
                "' (format parquet)");

  Engine engine({.readable = {folder / "in"}, .writable = {folder / "out"}});
  const std::vector<std::filesystem::path> folders{folder / "in"};
  CHECK(engine.query("select x from " + parquet_relation(folders)).text(0, 0) == "1");
  CHECK_NOTHROW(engine.execute("copy (select 1) to '" + (folder / "out/a.csv").string() + "'"));
  CHECK(message_of(engine, "select * from read_csv('/etc/passwd')").find("disabled") !=
        std::string::npos);
  CHECK(message_of(engine, "copy (select 1) to '" + (folder / "b.csv").string() + "'")
            .find("disabled") != std::string::npos);
  CHECK(message_of(engine, "set enable_external_access = true").find("locked") !=
        std::string::npos);
  CHECK(message_of(engine, "install httpfs") != "");
  CHECK(message_of(engine, "attach '" + (folder / "x.db").string() + "'") != "");
  std::filesystem::remove_all(folder);
}

TEST_CASE("engine: the machine's own time zone shows nowhere") {
  const char* own = std::getenv("TZ");
  const std::string before = own == nullptr ? "" : own;
  setenv("TZ", "Asia/Shanghai", 1);
  tzset();
  Engine engine = open();
  CHECK(engine.query("select to_timestamp(0)::varchar").text(0, 0) == "1970-01-01 00:00:00+00");
  CHECK(engine.query("select strftime(date_trunc('day', make_timestamptz(0)), '%H')").text(0, 0) ==
        "00");
  if (own == nullptr)
    unsetenv("TZ");
  else
    setenv("TZ", before.c_str(), 1);
  tzset();
}

TEST_CASE("engine: exactly one SELECT passes") {
  Engine engine = open();
  CHECK_NOTHROW(engine.require_single_select("with a as (select 1) select * from a"));
  for (const char* sql :
       {"select 1; select 2", "insert into t values (1)", "drop table t", "copy (select 1) to 'x'",
        "", "selec 1", "explain select 1", "pragma version", "attach 'x.db'"}) {
    CAPTURE(sql);
    CHECK_THROWS_AS(engine.require_single_select(sql), Error);
  }
}

TEST_CASE("engine: a function gives structs, sees nulls and runs over chunks") {
  Engine engine = open();
  std::atomic<std::int64_t> seen{0};
  engine.add_function({.name = "twice",
                       .parameters = {Type::money(2), Type::text(), Type::decimal(30, 4)},
                       .result = {{.name = "amount", .type = Type::money(2)},
                                  {.name = "note", .type = Type::text()},
                                  {.name = "wide", .type = Type::decimal(30, 4)}},
                       .result_is_struct = true,
                       .evaluate = [&](std::span<const ColumnView> arguments, std::size_t rows,
                                       ColumnWriter& result) {
                         ColumnWriter amount = result.field(0);
                         ColumnWriter note = result.field(1);
                         ColumnWriter wide = result.field(2);
                         for (std::size_t i = 0; i < rows; ++i) {
                           if (arguments[0].is_null(i))
                             amount.set_null(i);
                           else
                             amount.as<std::int64_t>()[i] = arguments[0].as<std::int64_t>()[i] * 2;
                           note.set_text(i, std::string(arguments[1].as<StringRef>()[i].view()) +
                                                " and a tail");
                           wide.as<Int128>()[i] = arguments[2].as<Int128>()[i] * 2;
                         }
                         seen += static_cast<std::int64_t>(rows);
                       }});
  engine.execute(
      "create table t as select case when i % 5 = 0 then null else i * 1.25 end::decimal(18,2) a, "
      "'n' || i b, i::decimal(30,4) c from range(50000) r(i)");
  const Rows rows = engine.query(
      "select sum(f.amount), count(f.amount), sum(length(f.note)), sum(f.wide), sum(a) from "
      "(select twice(a, b, c) f, a from t)");
  CHECK(seen == 50000);
  CHECK(rows.text(0, 1) == "40000");
  CHECK(rows.text(0, 0) == engine.query("select 2 * sum(a) from t").text(0, 0));
  CHECK(rows.text(0, 3) == "2499950000.0000");
}

TEST_CASE("engine: texts of every length come out of a function as they went in") {
  Engine engine = open();
  engine.add_function({.name = "same",
                       .parameters = {Type::text()},
                       .result = {{.name = "r", .type = Type::text()}},
                       .evaluate = [](std::span<const ColumnView> arguments, std::size_t rows,
                                      ColumnWriter& result) {
                         for (std::size_t i = 0; i < rows; ++i)
                           result.set_text(i, arguments[0].as<StringRef>()[i].view());
                       }});
  engine.execute(
      "create table t as select left(x || i::varchar || repeat(x, 40), n::bigint) as s from "
      "range(3) r(i), range(40) l(n), (values ('a'), ('é'), ('费'), ('a费'), (chr(0)), ('😀')) "
      "v(x)");
  const Rows rows = engine.query(
      "select count(*), count(distinct s), count(*) filter (where same(s) <> s), "
      "count(*) filter (where hash(same(s)) <> hash(s) or length(same(s)) <> length(s)) from t");
  CHECK(rows.text(0, 0) == "720");
  CHECK(rows.integer(0, 1) > 600);
  CHECK(rows.text(0, 2) == "0");
  CHECK(rows.text(0, 3) == "0");
  // What compares equal need not be grouped: the padding of short texts counts there.
  CHECK(engine.query("select count(*) from (select same(s) g from t group by all)").text(0, 0) ==
        rows.text(0, 1));
}

TEST_CASE("engine: an Error thrown in a function ends the statement as it is") {
  Engine engine = open();
  engine.add_function({.name = "refuse",
                       .parameters = {Type::integer()},
                       .result = {{.name = "r", .type = Type::integer()}},
                       .evaluate = [](std::span<const ColumnView>, std::size_t, ColumnWriter&) {
                         throw Error(ErrorClass::outcome_unknown, "who knows");
                       }});
  try {
    engine.execute("create table t as select refuse(i) x from range(10000) r(i)");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::outcome_unknown);
    CHECK(error.message() == "who knows");
  }
  CHECK(engine.query("select 1").text(0, 0) == "1");
}

TEST_CASE("engine: a source is read once, by several threads") {
  Engine engine = open(2);
  auto counter = std::make_shared<Counter>(1'000'000, 2);
  engine.add_source("numbers", counter_columns(), counter);
  const Rows rows =
      engine.query("select count(*), sum(n), count(label), max(length(label)) from numbers()");
  CHECK(rows.text(0, 0) == "1000000");
  CHECK(rows.text(0, 1) == "499999500000");
  CHECK(rows.text(0, 2) == "900000");
  CHECK(rows.text(0, 3) == "17");
  CHECK(counter->cursors == 2);
}

TEST_CASE("engine: a source that fails ends the statement with its own error") {
  Engine engine = open(2);
  auto counter = std::make_shared<Counter>(1'000'000, 2);
  counter->fails = true;
  engine.add_source("numbers", counter_columns(), counter);
  try {
    engine.execute("create table t as select * from numbers()");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::transient);
    CHECK(error.message() == "the line went dead");
  }
}
