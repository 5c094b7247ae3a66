#include "connectors/files/csv_writer.h"

#include <doctest/doctest.h>

#include "core/files.h"
#include "tests/connectors/source_fixture.h"

using namespace tallymill;

namespace fs = std::filesystem;

namespace {

const std::vector<Column> kColumns{{.name = "name", .type = Type::text()},
                                   {.name = "amount", .type = Type::money(2)}};

ConnectorFixture files() { return ConnectorFixture("files", "root: out"); }

/// Writes rows to out/r.csv and returns the receipt.
WriteReceipt write(ConnectorFixture& fixture, const std::vector<Fields>& rows,
                   const std::string& to = "path: r.csv", std::int64_t epoch = 1) {
  const auto writer = fixture.open_writer(to, kColumns, {"name"}, publication(epoch));
  for (const Fields& row : rows) writer->write(row.fields());
  return publish(*writer);
}

std::string written(const ConnectorFixture& fixture) {
  return read_file(fixture.folder() / "out/r.csv");
}

std::string failure(ConnectorFixture& fixture, std::int64_t epoch) {
  try {
    write(fixture, {Fields({"x", "1.00"})}, "path: r.csv", epoch);
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

}  // namespace

TEST_CASE("csv writer: what is written reads back, null apart from empty, sums exact") {
  auto fixture = files();
  const WriteReceipt receipt = write(
      fixture, {Fields({"a,\"b\"\nc", "-0.05"}), Fields({"", "null"}), Fields({"null", "10.00"})});
  CHECK(written(fixture) == "name,amount\n\"a,\"\"b\"\"\nc\",-0.05\n\"\",\n,10.00\n");
  CHECK(receipt.rows == 3);
  CHECK(receipt.amounts.at("amount") == 995);
  CHECK(receipt.where == "r.csv");
}

TEST_CASE("csv writer: a cell too long for a foreign file is ours to write, and reads back") {
  auto fixture = files();
  std::string lines;
  for (int i = 0; i < 150; ++i) lines += "line\n";
  const std::string quotes(70'000, '"');
  const std::string list = "a," + std::string(2'000'000, 'x');
  const WriteReceipt receipt =
      write(fixture, {Fields({lines, "1.00"}), Fields({quotes, "2.00"}), Fields({list, "3.00"})});
  CHECK(receipt.rows == 3);
  CHECK(receipt.amounts.at("amount") == 600);
}

TEST_CASE("csv writer: the same rows make the same bytes") {
  auto fixture = files();
  write(fixture, {Fields({"a", "1.00"})});
  const std::string first = written(fixture);
  write(fixture, {Fields({"a", "1.00"})}, "path: r.csv", 2);
  CHECK(written(fixture) == first);
}

TEST_CASE("csv writer: a column of nulls alone still has its rows") {
  auto fixture = files();
  const auto writer = fixture.open_writer("path: r.csv", {{.name = "x", .type = Type::integer()}},
                                          {}, publication(1));
  writer->write(Fields({"null"}).fields());
  writer->write(Fields({"7"}).fields());
  CHECK(publish(*writer).rows == 2);
  CHECK(written(fixture) == "x\n\"\"\n7\n");
}

TEST_CASE("csv writer: encodings, delimiter and header are the target's choice") {
  auto fixture = files();
  write(fixture, {Fields({"中", "1.00"})}, "{path: r.csv, encoding: utf-8-bom, delimiter: ';'}");
  CHECK(written(fixture) == "\xEF\xBB\xBFname;amount\n中;1.00\n");
  write(fixture, {Fields({"中", "1.00"})}, "{path: r.csv, encoding: gb18030, header: false}");
  CHECK(written(fixture) == "\xD6\xD0,1.00\n");
}

TEST_CASE("csv writer: texts a spreadsheet would run are guarded if asked, amounts never are") {
  auto fixture = files();
  const std::vector<Fields> rows{Fields({"=1+1", "-1.00"}), Fields({"@x,y", "2.00"})};
  CHECK(write(fixture, rows, "{path: r.csv, formula_guard: true}").amounts.at("amount") == 100);
  CHECK(written(fixture) == "name,amount\n'=1+1,-1.00\n\"'@x,y\",2.00\n");
  write(fixture, rows);
  CHECK(written(fixture) == "name,amount\n=1+1,-1.00\n\"@x,y\",2.00\n");
}

TEST_CASE("csv writer: without commit nothing appears and the old file stays") {
  auto fixture = files();
  write(fixture, {Fields({"old", "1.00"})});
  {
    const auto writer = fixture.open_writer("path: r.csv", kColumns, {"name"}, publication(2));
    writer->write(Fields({"new", "1.00"}).fields());
  }
  CHECK(written(fixture) == "name,amount\nold,1.00\n");
  std::size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(fixture.folder() / "out"))
    ++entries;
  CHECK(entries == 2);  // the file and its marker
}

TEST_CASE("csv writer: an attempt that lost its right cannot overwrite its successor") {
  auto fixture = files();
  write(fixture, {Fields({"new", "1.00"})}, "path: r.csv", 9);
  const std::string target = fs::canonical(fixture.folder() / "out").string() + "/r.csv";
  CHECK(failure(fixture, 8) == "file " + target +
                                   " already holds what a newer attempt published (epoch 9, this "
                                   "one is 8); nothing was written");
  CHECK(written(fixture) == "name,amount\nnew,1.00\n");
  CHECK(failure(fixture, 9).empty());
  CHECK(failure(fixture, 10).empty());
}

TEST_CASE("csv writer: a target of another job or another store is not taken over silently") {
  auto fixture = files();
  write(fixture, {Fields({"x", "1.00"})});
  Publication other = publication(5);
  other.job += 'k';
  CHECK_THROWS_WITH_AS(
      publish(*fixture.open_writer("path: r.csv", kColumns, {}, other)),
      doctest::Contains("is written by job 'j' of graph 'g'; to hand the target over to this job, "
                        "remove "),
      Error);
  other = publication(5);
  other.epoch.store_id = std::string(32, '3');
  CHECK_THROWS_WITH_AS(publish(*fixture.open_writer("path: r.csv", kColumns, {}, other)),
                       doctest::Contains("was last written from another state folder"), Error);
}

TEST_CASE("csv writer: targets stay below the root, folders are made") {
  auto fixture = files();
  const auto open = [&](const std::string& to) {
    return fixture.open_writer(to, kColumns, {}, publication(1));
  };
  CHECK_NOTHROW(publish(*open("path: 2026/01/r.csv")));
  CHECK(fs::exists(fixture.folder() / "out/2026/01/r.csv"));
  CHECK_THROWS_WITH_AS(open("path: ../r.csv"), doctest::Contains("leads out of"), Error);
  CHECK_THROWS_WITH_AS(open("path: 2026"), doctest::Contains("is a folder"), Error);
  fs::create_directories(fixture.folder() / "elsewhere");
  fs::create_symlink("../elsewhere", fixture.folder() / "out/link");
  CHECK_THROWS_WITH_AS(open("path: link/r.csv"),
                       doctest::Contains("outside of the connector's root"), Error);
}
