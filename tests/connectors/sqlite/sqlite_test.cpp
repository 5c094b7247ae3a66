#include <doctest/doctest.h>

#include <filesystem>

#include "connectors/sqlite/database.h"
#include "tests/connectors/source_fixture.h"

using namespace tallymill;

namespace fs = std::filesystem;

namespace {

using Texts = std::vector<std::string>;

ConnectorFixture sqlite() { return ConnectorFixture("sqlite", "file: data.db"); }

void run(const ConnectorFixture& fixture, const std::vector<std::string>& statements) {
  SqliteDatabase database(fixture.folder() / "data.db", SqliteAccess::write);
  for (const std::string& statement : statements) database.execute(statement);
}

/// All cells of a query, rows joined by ';'.
std::string query(const ConnectorFixture& fixture, const std::string& sql, int columns) {
  SqliteDatabase database(fixture.folder() / "data.db", SqliteAccess::read);
  SqliteStatement statement(database, sql);
  std::string text;
  while (statement.step()) {
    for (int i = 0; i < columns; ++i)
      text += std::string(i == 0 ? "" : "|") +
              (statement.kind(i) == SqliteKind::null ? "null" : std::string(statement.text(i)));
    text += ";";
  }
  return text;
}

const std::vector<Column> kColumns{{.name = "name", .type = Type::text()},
                                   {.name = "amount", .type = Type::money(2)},
                                   {.name = "count", .type = Type::integer()},
                                   {.name = "good", .type = Type::boolean()}};

WriteReceipt write(ConnectorFixture& fixture, const std::string& to,
                   const std::vector<Fields>& rows, const Publication& right) {
  const auto writer = fixture.open_writer(to, kColumns, {"name"}, right);
  for (const Fields& row : rows) writer->write(row.fields());
  return publish(*writer);
}

}  // namespace

TEST_CASE("sqlite: values come by their kind, exact, whatever their column says") {
  auto fixture = sqlite();
  run(fixture, {"create table t (i integer, n numeric(10,2), s text, b blob)",
                "insert into t values (9007199254740993, 12.3, '012.30', null)",
                "insert into t values (-1, '7', 'x', 'text in a blob column')"});
  CHECK(fixture.read("table: t", {"i", "n", "s", "b"}).records ==
        Texts{"c/t:1 9007199254740993|~12.3|012.30|null", "c/t:2 -1|7|x|text in a blob column"});
}

TEST_CASE("sqlite: blobs and broken text are rejects") {
  auto fixture = sqlite();
  run(fixture,
      {"create table t (id integer, s)", "insert into t values (1, x'00FF')",
       "insert into t values (2, cast(x'41FF' as text))", "insert into t values (3, 'fine')"});
  const Delivered found = fixture.read("table: t", {"id", "s"});
  CHECK(found.records == Texts{"c/t:3 3|fine"});
  CHECK(found.malformed == Texts{"c/t:1 blob", "c/t:2 invalid_encoding"});
  CHECK(found.originals == Texts{"1,\\x00\\xFF", "2,A\\xFF"});
}

TEST_CASE("sqlite: parameters are bound, the condition is compiled where it was written") {
  auto fixture = sqlite();
  run(fixture, {"create table t (period text, n integer)", "insert into t values ('2026-01', 1)",
                "insert into t values ('2026-02', 2)", "insert into t values ('x'';--', 3)"});
  const std::vector<SourceParameter> parameters{{"period", {"text", "2026-01"}},
                                                {"param_n", {"integer", "2"}},
                                                {"param_x", {"text", "x';--"}}};
  CHECK(fixture.read("{table: t, where: 'period = :period'}", {"n"}, parameters).records ==
        Texts{"c/t:1 1"});
  CHECK(fixture.read("{table: t, where: 'n >= :param_n -- from two on'}", {"n"}, parameters)
            .records == Texts{"c/t:1 2", "c/t:2 3"});
  CHECK(fixture.read("{table: t, where: 'period = :param_x'}", {"n"}, parameters).records ==
        Texts{"c/t:1 3"});
  CHECK(fixture.failure("{table: t, where: 'period = :periode'}", {"n"}, parameters) ==
        "'where' is no condition on table 't': unknown parameter ':periode'; known are :period, "
        ":param_n, :param_x");
  CHECK(fixture.failure("{table: t, where: '1; drop table t'}", {"n"}, parameters) ==
        "'where' holds a ';'; it must be one condition");
  CHECK(fixture.failure("{table: t, where: 'perio = 1'}", {"n"}, parameters)
            .starts_with("'where' is no condition on table 't': no such column: perio"));
}

TEST_CASE("sqlite: rows are numbered alike in every run") {
  auto fixture = sqlite();
  run(fixture, {"create table t (rowid text, n integer)", "insert into t values ('z', 2)",
                "insert into t values ('a', 1)", "create index by_n on t (n)",
                "create table w (k text primary key, n integer) without rowid",
                "insert into w values ('b', 1)", "insert into w values ('a', 2)",
                "create view v as select n from t order by n desc"});
  CHECK(fixture.read("{table: t, where: 'n > 0'}", {"n"}).records == Texts{"c/t:1 2", "c/t:2 1"});
  CHECK(fixture.read("table: w", {"k"}).records == Texts{"c/w:1 a", "c/w:2 b"});
  CHECK(fixture.read("table: v", {"n"}).records == Texts{"c/v:1 1", "c/v:2 2"});
}

TEST_CASE("sqlite: what is not there is named, and nothing is created") {
  auto fixture = sqlite();
  const std::string file = (fixture.folder() / "data.db").string();
  CHECK(fixture.failure("table: t") ==
        "no such database: " + file + "; reading never creates a database");
  CHECK_FALSE(fs::exists(file));
  fixture.write("data.dbx", "");
  CHECK(fixture.failure("table: t").find("did you mean 'data.dbx'?") != std::string::npos);
  run(fixture, {"create table cost_ledger (voucher text, amount text)"});
  CHECK(fixture.failure("table: cost_leger") ==
        "no table 'cost_leger' in database " + file + "; did you mean 'cost_ledger'?");
  CHECK(fixture.failure("table: cost_ledger", {"amout"}) ==
        "table 'cost_ledger' has no column 'amout'; did you mean 'amount'?");
  fixture.write("data.db", "this is no database, but long enough to be looked at as one.......");
  CHECK(fixture.failure("table: t").starts_with("file is not a database [sqlite3 26]"));
}

TEST_CASE("sqlite: the missing database's error stands at the connector's file option") {
  ConnectorFixture fixture("sqlite", "{type: sqlite, file: no.db}");
  try {
    fixture.open("table: t");
    FAIL("expected an Error");
  } catch (const Error& error) {
    CHECK(error.where().file == "t.yaml");
    CHECK(error.where().column == 22);
  }
}

TEST_CASE("sqlite: a reader sees one moment, whatever others write meanwhile") {
  auto fixture = sqlite();
  run(fixture, {"pragma journal_mode = wal", "create table t (n integer)"});
  SqliteDatabase writer(fixture.folder() / "data.db", SqliteAccess::write);
  for (int i = 0; i < 10; ++i) writer.execute("insert into t values (" + std::to_string(i) + ")");
  const auto reader = fixture.open("table: t", {"n"});
  CollectingSink sink(*reader, 3);
  const auto cursor = reader->open_cursor();
  REQUIRE(cursor->read(sink));
  writer.execute("insert into t values (100)");
  writer.execute("delete from t where n = 5");
  do sink.empty();
  while (cursor->read(sink));
  reader->finish();
  CHECK(sink.delivered.records.size() == 10);
  CHECK(reader->records_read() == 10);
}

TEST_CASE("sqlite: state is the content of the file and its log") {
  auto fixture = sqlite();
  run(fixture, {"pragma journal_mode = wal", "create table t (n integer)"});
  SqliteDatabase writer(fixture.folder() / "data.db", SqliteAccess::write);
  writer.execute("insert into t values (1)");
  auto reader = fixture.open("table: t", {"n"});
  read_all(*reader);
  const SourceState state = reader->state();
  reader.reset();
  CHECK(fixture.open("table: t", {"n"})->is_unchanged(state));
  writer.execute("insert into t values (2)");
  CHECK_FALSE(fixture.open("table: t", {"n"})->is_unchanged(state));
}

TEST_CASE("sqlite: a second cursor of a reader finds nothing left") {
  auto fixture = sqlite();
  run(fixture, {"create table t (n integer)", "insert into t values (1)"});
  const auto reader = fixture.open("table: t", {"n"});
  CollectingSink sink(*reader);
  const auto first = reader->open_cursor();
  const auto second = reader->open_cursor();
  CHECK_FALSE(second->read(sink));
  CHECK_FALSE(first->read(sink));
  CHECK(sink.delivered.records.size() == 1);
}

TEST_CASE("sqlite: an export makes its table, exact to the last digit, with its marker") {
  auto fixture = sqlite();
  const WriteReceipt receipt = write(
      fixture, "table: t",
      {Fields({"a", "12.30", "1", "true"}), Fields({"b", "null", "-2", "null"})}, publication(1));
  CHECK(receipt.rows == 2);
  CHECK(receipt.where == "c/t");
  CHECK(receipt.amounts.at("amount") == 1230);
  CHECK(receipt.amounts.at("count") == -1);
  CHECK(query(fixture, "select name, amount, typeof(amount), count, good from t", 5) ==
        "a|12.30|text|1|1;b|null|null|-2|null;");
  CHECK(query(fixture, "select target, graph, job, period, epoch from tallymill_publication", 5) ==
        "t|g|j|2026-01|1;");
  write(fixture, "table: t", {Fields({"c", "1.00", "1", "true"})}, publication(2, "2026-02"));
  CHECK(query(fixture, "select name from t", 1) == "c;");
  CHECK(query(fixture, "select period, epoch from tallymill_publication", 2) == "2026-02|2;");
}

TEST_CASE("sqlite: replace touches the rows of its period only") {
  auto fixture = sqlite();
  const std::string to = "{table: t, replace: month}";
  write(fixture, to, {Fields({"a", "1.00", "1", "true"})}, publication(1));
  write(fixture, to, {Fields({"a", "2.00", "1", "true"})}, publication(2, "2026-02"));
  const WriteReceipt again =
      write(fixture, to, {Fields({"b", "3.00", "1", "true"})}, publication(3));
  CHECK(again.amounts.at("amount") == 300);
  CHECK(query(fixture, "select month, name, amount from t order by month", 3) ==
        "2026-01|b|3.00;2026-02|a|2.00;");
}

TEST_CASE("sqlite: replace works on a table somebody else made, and checks the period") {
  auto fixture = sqlite();
  run(fixture, {"create table t (name text, amount text, count integer, good integer, extra text)",
                "insert into t values ('2026-01', '9.00', 1, 1, 'x')",
                "insert into t values ('2025-12', '8.00', 1, 1, 'y')"});
  const std::string to = "{table: t, replace: name}";
  write(fixture, to, {Fields({"2026-01", "1.00", "1", "true"})}, publication(1));
  CHECK(query(fixture, "select name, amount, extra from t order by name", 3) ==
        "2025-12|8.00|y;2026-01|1.00|null;");
  CHECK_THROWS_WITH_AS(
      write(fixture, to, {Fields({"2026-02", "1.00", "1", "true"})}, publication(2)),
      "error: column 'name' holds '2026-02', but only rows of period 2026-01 are replaced", Error);
  CHECK(query(fixture, "select count(*) from t", 1) == "2;");
}

TEST_CASE("sqlite: a table no export made is never dropped") {
  auto fixture = sqlite();
  run(fixture, {"create table t (precious text)", "insert into t values ('x')"});
  CHECK_THROWS_WITH_AS(
      write(fixture, "table: t", {}, publication(1)),
      doctest::Contains("table 'c/t' exists and no export made it; say replace: COLUMN"), Error);
  CHECK(query(fixture, "select precious from t", 1) == "x;");
}

TEST_CASE("sqlite: a column that makes floating-point numbers of money fails the export") {
  auto fixture = sqlite();
  run(fixture, {"create table t (name text, amount numeric, count integer, good integer)"});
  CHECK_THROWS_WITH_AS(
      write(fixture, "{table: t, replace: name}", {Fields({"2026-01", "12.30", "1", "true"})},
            publication(1)),
      doctest::Contains("does not keep column 'amount' as it was written: it holds '12.3'"), Error);
  CHECK(query(fixture, "select count(*) from t", 1) == "0;");
}

TEST_CASE("sqlite: without commit nothing changes, also if the file is new") {
  auto fixture = sqlite();
  {
    const auto writer = fixture.open_writer("table: t", kColumns, {"name"}, publication(1));
    writer->write(Fields({"a", "1.00", "1", "true"}).fields());
  }
  CHECK_FALSE(fs::exists(fixture.folder() / "data.db"));
  write(fixture, "table: t", {Fields({"a", "1.00", "1", "true"})}, publication(1));
  {
    const auto writer = fixture.open_writer("table: t", kColumns, {"name"}, publication(2));
    writer->write(Fields({"b", "1.00", "1", "true"}).fields());
  }
  CHECK(query(fixture, "select name from t", 1) == "a;");
}

TEST_CASE("sqlite: an attempt that lost its right writes nothing") {
  auto fixture = sqlite();
  write(fixture, "table: t", {Fields({"new", "1.00", "1", "true"})}, publication(9));
  CHECK_THROWS_WITH_AS(
      write(fixture, "table: t", {Fields({"old", "1.00", "1", "true"})}, publication(8, "2025-12")),
      doctest::Contains("already holds what a newer attempt published (epoch 9, this one is 8)"),
      Error);
  CHECK(query(fixture, "select name from t", 1) == "new;");
}
