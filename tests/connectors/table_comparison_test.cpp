// Both ways to see a table through hashes: a PostgreSQL server computes them, a SQLite file is
// read.
#include "connectors/table_comparison.h"

#include <doctest/doctest.h>

#include "connectors/sqlite/database.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/text.h"
#include "tests/connectors/source_fixture.h"
#include "tests/lines.h"
#include "tests/servers/postgresql.h"

using namespace tallymill;

namespace {

constexpr const char* kSalt = "salt";

/// A table `bill` (id, amount, day, paid_at, note) of either database.
struct Compared {
  TemporaryFolder folder;
  Registry<ConnectorType> types;
  std::unique_ptr<YamlOptions> table = std::make_unique<YamlOptions>("table: bill");
  std::unique_ptr<Connector> connector;

  Compared(const std::string& type, const std::string& rows) {
    register_all_connectors(types);
    const std::string create =
        "create table bill (id bigint, amount numeric(18,2), day date, paid_at timestamp, note "
        "text);";
    if (type == "postgresql") {
      PostgresqlServer::instance().execute("drop table if exists bill; " + create +
                                           (rows.empty() ? "" : "insert into bill values " + rows));
      declare("{ type: postgresql, connect: \"" + PostgresqlServer::instance().connect() + "\" }",
              type);
      return;
    }
    SqliteDatabase database(folder / "b.db", SqliteAccess::write);
    database.execute("create table bill (id, amount text, day, paid_at, note)");
    if (!rows.empty()) database.execute("insert into bill values " + rows);
    declare("{ type: sqlite, file: b.db }", type);
  }
  void declare(const std::string& yaml, const std::string& type) {
    declared_ = std::make_unique<YamlOptions>(yaml);
    connector = types.find(type)->make(declared_->options(), {"c", folder.path(), folder.path()});
  }
  void from(const std::string& yaml) { table = std::make_unique<YamlOptions>(yaml); }

  CompareRequest request() const {
    CompareRequest request{.table = table->options()};
    request.key = {{"id", Type::integer(), {}}};
    request.columns = {{"amount", Type::money(2), {}},
                       {"day", Type::date(), {}},
                       {"paid_at", Type::timestamp(), {}},
                       {"note", Type::text(), {}}};
    request.salt = kSalt;
    request.parameters = {{"period", {"text", "2026-01"}}};
    return request;
  }
  std::unique_ptr<ComparedTable> open() const {
    return connector->can(Capability::compare) ? connector->open_comparison(request())
                                               : compare_by_reading(*connector, request());
  }
  std::vector<SegmentSum> whole() const { return open()->segments(0); }

 private:
  std::unique_ptr<YamlOptions> declared_;
};

std::string hash(const std::string& text) { return sha256_hex(kSalt + text).substr(0, 32); }

}  // namespace

TEST_CASE("table comparison: a row's hash is that of its typed, length-prefixed fields") {
  for (const char* type : {"postgresql", "sqlite"}) {
    CAPTURE(type);
    const Compared bills(type,
                         "(1, '12.30', '2026-01-31', '2026-01-31 08:05:00', '北京'), (2, '-5.00', "
                         "null, null, '')");
    Lines hashes;
    bills.open()->hashes(0, std::vector<std::int64_t>{0},
                         [&](std::string_view key, std::string_view row) {
                           hashes.push_back(std::string(key) + " " + std::string(row));
                         });
    std::sort(hashes.begin(), hashes.end());
    const std::string one = "n1:1|n4:12.3d10:2026-01-31s26:2026-01-31T08:05:00.000000t6:北京";
    Lines expected{hash("n1:1") + " " + hash(one), hash("n1:2") + " " + hash("n1:2|n2:-5--t0:")};
    std::sort(expected.begin(), expected.end());
    CHECK(hashes == expected);
    Lines rows;
    bills.open()->rows(std::vector<std::string>{hash("n1:1")},
                       [&](std::string_view, std::span<const std::optional<std::string>> fields) {
                         for (const auto& field : fields) rows.push_back(field.value_or("-"));
                       });
    CHECK(rows == Lines{"1", "12.3", "2026-01-31", "2026-01-31T08:05:00.000000", "北京"});
  }
}

TEST_CASE("table comparison: both ways come to the same sums, in any number of segments") {
  std::string rows;
  for (int i = 0; i < 300; ++i)
    rows += (i == 0 ? "(" : ", (") + std::to_string(i) + ", '" + std::to_string(i * 7 - 300) +
            ".50', '2026-01-" + (i % 28 < 9 ? "0" : "") + std::to_string(i % 28 + 1) +
            "', null, 'n" + std::to_string(i % 5) + "')";
  const Compared server("postgresql", rows);
  const Compared file("sqlite", rows);
  for (const int bits : {0, 1, 5, 16}) {
    const auto ours = server.open()->segments(bits);
    CHECK(ours == file.open()->segments(bits));
    CHECK(ours.size() <= std::size_t{1} << bits);
    std::int64_t all = 0;
    for (const SegmentSum& sum : ours) all += sum.rows;
    CHECK(all == 300);
  }
}

TEST_CASE("table comparison: even numbers of equal changes and pairs of duplicates are seen") {
  // Where sums of CRCs by XOR see nothing: the same change to four rows, a row that is there twice
  // more.
  for (const char* type : {"postgresql", "sqlite"}) {
    CAPTURE(type);
    const auto rows = [](const std::string& hour, const std::string& more = {}) {
      std::string values;
      for (int i = 1; i <= 4; ++i)
        values += (i == 1 ? "(" : ", (") + std::to_string(i) +
                  ", '1.00', '2026-01-31', '2026-01-31 " + hour + ":00:00', 'x')";
      return values + more;
    };
    const auto before = Compared(type, rows("01")).whole();
    const auto shifted = Compared(type, rows("08")).whole();
    CHECK(before[0].rows == shifted[0].rows);
    CHECK(before[0].sums != shifted[0].sums);
    const std::string pair = ", (5, '1.00', null, null, 'y'), (5, '1.00', null, null, 'y')";
    const auto twice = Compared(type, rows("01", pair)).whole();
    CHECK(twice[0].sums != before[0].sums);
    // Two rows that swap a value.
    const auto swapped =
        Compared(type, "(1, '2.00', null, null, 'x'), (2, '1.00', null, null, 'x')").whole();
    const auto straight =
        Compared(type, "(1, '1.00', null, null, 'x'), (2, '2.00', null, null, 'x')").whole();
    CHECK(swapped[0].sums != straight[0].sums);
  }
}

TEST_CASE("table comparison: where fields end is part of what is hashed") {
  for (const char* type : {"postgresql", "sqlite"}) {
    CAPTURE(type);
    const auto a = Compared(type, "(1, '11.00', null, null, '')").whole();
    const auto b = Compared(type, "(11, '1.00', null, null, '')").whole();
    const auto empty = Compared(type, "(1, '11.00', null, null, null)").whole();
    CHECK(a != b);
    CHECK(a != empty);
    CHECK(Compared(type, "").whole().empty());
  }
}

TEST_CASE("table comparison: a condition binds its parameters") {
  for (const char* type : {"postgresql", "sqlite"}) {
    CAPTURE(type);
    Compared bills(type, "(1, '1.00', null, null, '2026-01'), (2, '1.00', null, null, '2026-02')");
    bills.from("table: bill\nwhere: note = :period");
    CHECK(bills.whole()[0].rows == 1);
  }
}

TEST_CASE("table comparison: what is not there, or cannot be exact, is told at its place") {
  const auto problem = [](const Compared& bills, CompareRequest request) {
    try {
      bills.connector->open_comparison(request)->segments(0);
    } catch (const Error& error) {
      return error.message();
    }
    return std::string();
  };
  Compared bills("postgresql", "(1, '1.00', null, null, 'x')");
  CompareRequest request = bills.request();
  request.columns[0].name = "amuont";
  CHECK(problem(bills, request) == "table 'bill' has no column 'amuont'; did you mean 'amount'?");
  bills.from("table: bil");
  CHECK(problem(bills, bills.request()) == "no table 'bil'; did you mean 'bill'?");
  bills.from("table: bill\nwhere: note = 1; drop table bill");
  CHECK(problem(bills, bills.request()) == "'where' holds a ';'; it must be one condition");
  bills.from("table: bill\nwhere: note = :perod");
  CHECK(problem(bills, bills.request()) == "unknown parameter ':perod'; known are :period");
  bills.from("table: bill\nwhere: nothing = 1");
  CHECK(problem(bills, bills.request()) == "column \"nothing\" does not exist [postgresql 42703]");
  PostgresqlServer::instance().execute("alter table bill alter amount type double precision");
  bills.from("table: bill");
  CHECK(problem(bills, bills.request()) ==
        "column 'amount' of table 'bill' is double precision, which has no exact value to compare "
        "with money");
  bills.declare("{ type: postgresql, connect: \"host=/nowhere password=hidden\" }", "postgresql");
  const std::string lost = problem(bills, bills.request());
  CHECK(lost.starts_with("no connection to PostgreSQL: "));
  CHECK(lost.find("hidden") == std::string::npos);
  bills.declare("{ type: postgresql, connect: \"pasword=hidden\" }", "postgresql");
  CHECK(problem(bills, bills.request()) ==
        "'connect' is not one that PostgreSQL understands; write e.g. host=db.example.org "
        "dbname=books user=tallymill");
}
