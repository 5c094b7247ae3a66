#include "connectors/xlsx/sheet_writer.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "connectors/xlsx/workbook_reader.h"
#include "connectors/xlsx/zip_parts.h"
#include "core/error.h"
#include "core/files.h"
#include "tests/temporary_folder.h"

using namespace tallymill;
using namespace tallymill::xlsx;
namespace fs = std::filesystem;

namespace {

using Kind = OutColumn::Kind;

std::vector<Row> rows_of(const fs::path& file) {
  WorkbookReader reader(file);
  std::vector<Row> rows;
  for (Row row; reader.next(row);) rows.push_back(row);
  return rows;
}

std::string part_of(const fs::path& file, const std::string& part) {
  ZipParts parts(file, "a.xlsx", {});
  const auto bytes = parts.open(part);
  REQUIRE(bytes != nullptr);
  std::string text(1 << 20, '\0');
  std::size_t size = 0;
  while (const std::size_t more = bytes->read(text.data() + size, text.size() - size)) size += more;
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("sheet writer: every text comes back as it was, as text") {
  const TemporaryFolder folder;
  const std::vector<std::string> texts{
      "plain",    "=1+1",         "+1",      "-1",       "@SUM(A1)", "\t=1",
      " spaces ", "a\r\nb",       "a\rb",    "\x01\x1F", "_x000D_",  "<&>\"'",
      "王小明",   "\U0001F600",   "00123",   "1E5",      "{=1}",     "http://a.example/",
      "'quoted",  "\xEF\xBF\xBE", "_x005F_", "__x0041_x"};
  std::vector<std::vector<OutCell>> rows;
  for (const std::string& text : texts) rows.push_back({{text}});
  write_sheet(folder / "a.xlsx", "Data", {{"text"}}, rows);
  const auto found = rows_of(folder / "a.xlsx");
  REQUIRE(found.size() == texts.size() + 1);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CHECK(found[i + 1].cells[0].text == texts[i]);
    CHECK(found[i + 1].cells[0].kind == CellKind::text);
  }
  CHECK(part_of(folder / "a.xlsx", "xl/worksheets/sheet1.xml").find("<f>") == std::string::npos);
}

TEST_CASE("sheet writer: numbers are number cells where a spreadsheet keeps them, else text") {
  const TemporaryFolder folder;
  const std::vector<std::string> numbers{"12.30", "-0.05", "0", "999999999999999",
                                         "9999999999999.95"};
  const std::vector<std::string> texts{"1234567890123456",
                                       "99999999999999.95",
                                       "007",
                                       "1E5",
                                       "1,5",
                                       "-0",
                                       "-0.00",
                                       "abc",
                                       "1.",
                                       ".5",
                                       "0x1F",
                                       "+1"};
  std::vector<std::vector<OutCell>> rows;
  for (const std::string& text : numbers) rows.push_back({{text}});
  for (const std::string& text : texts) rows.push_back({{text}});
  write_sheet(folder / "a.xlsx", "Data", {{"amount", Kind::number}}, rows);
  const auto found = rows_of(folder / "a.xlsx");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Cell& cell = found.at(i + 1).cells.at(0);
    CAPTURE(std::string(rows[i][0].text));
    CHECK((cell.kind == CellKind::number) == (i < numbers.size()));
    CHECK(!cell.is_inexact);
    if (i >= numbers.size()) CHECK(cell.text == rows[i][0].text);
  }
  CHECK(found[1].cells[0].text == "12.3");
  CHECK(found[2].cells[0].text == "-0.05");
  CHECK(found[4].cells[0].text == "999999999999999");
  CHECK(found[5].cells[0].text == "9999999999999.95");
  CHECK(part_of(folder / "a.xlsx", "xl/styles.xml").find("formatCode=\"0.00\"") !=
        std::string::npos);
}

TEST_CASE("sheet writer: every amount to the cent is a number that comes back exactly") {
  const TemporaryFolder folder;
  std::vector<std::string> amounts;
  for (int cents = 0; cents < 30'000; cents += 7)
    amounts.push_back(std::to_string(cents / 100) + "." +
                      std::to_string(100 + cents % 100).substr(1));
  SheetWriter writer(folder / "a.xlsx", "Data", {{"amount", Kind::number}});
  for (const std::string& amount : amounts) writer.write(std::vector<OutCell>{{amount}});
  writer.close();
  WorkbookReader reader(folder / "a.xlsx");
  Row row;
  REQUIRE(reader.next(row));
  for (const std::string& amount : amounts) {
    REQUIRE(reader.next(row));
    std::string expected = amount;
    expected.erase(expected.find_last_not_of('0') + 1);
    if (expected.back() == '.') expected.pop_back();
    CHECK(row.cells[0].text == expected);
    CHECK(!row.cells[0].is_inexact);
  }
}

TEST_CASE("sheet writer: the header is bold and stays in sight, marked cells are red") {
  const TemporaryFolder folder;
  write_sheet(folder / "a.xlsx", "Corrections", {{"key"}, {"amount", Kind::number, 24}},
              {{{"a"}, {.text = "1", .is_marked = true}}, {{"b"}, {.text = "", .is_null = true}}});
  const std::string sheet = part_of(folder / "a.xlsx", "xl/worksheets/sheet1.xml");
  CHECK(sheet.find("<pane ySplit=\"1\"") != std::string::npos);
  CHECK(sheet.find("width=\"24.") != std::string::npos);
  const std::string styles = part_of(folder / "a.xlsx", "xl/styles.xml");
  CHECK(styles.find("<b/>") != std::string::npos);
  CHECK(styles.find("FFFFC7CE") != std::string::npos);
  const auto rows = rows_of(folder / "a.xlsx");
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].at(1)->text == "1");
  CHECK(rows[2].at(1) == nullptr);
}

TEST_CASE("sheet writer: the same cells give the same bytes") {
  const TemporaryFolder folder;
  for (const char* name : {"a.xlsx", "b.xlsx"})
    write_sheet(folder / name, "Data", {{"名称"}, {"n", Kind::number}}, {{{"x"}, {"1.50"}}});
  CHECK(read_file(folder / "a.xlsx") == read_file(folder / "b.xlsx"));
}

TEST_CASE("sheet writer: without close nothing is left, and what was there stays") {
  const TemporaryFolder folder;
  write_file_durably(folder / "a.xlsx", "old");
  {
    SheetWriter writer(folder / "a.xlsx", "Data", {{"a"}});
    writer.write(std::vector<OutCell>{{"x"}});
  }
  CHECK(read_file(folder / "a.xlsx") == "old");
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("sheet writer: what is cut short, wherever, is not taken for whole") {
  const TemporaryFolder folder(TemporaryFolder::memory());
  // As on a disk that is full, writes fail from some size on.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  std::size_t failed = 0;
  for (rlim_t size = 500; size < 60'000; size += 1'500) {
    const rlimit limit{size, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::string message;
    try {
      SheetWriter writer(folder / "a.xlsx", "Data", {{"a"}, {"b"}});
      for (int i = 0; i < 300; ++i) {
        const std::string text = "value " + std::to_string(i * 7919);
        writer.write(std::vector<OutCell>{{text}, {text}});
      }
      writer.close();
    } catch (const Error& error) {
      message = error.message();
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    CAPTURE(size);
    failed += message.empty() ? 0 : 1;
    CHECK(fs::exists(folder / "a.xlsx") == message.empty());
    if (message.empty()) CHECK(rows_of(folder / "a.xlsx").size() == 301);
    fs::remove(folder / "a.xlsx");
    CHECK(fs::is_empty(folder.path()));
  }
  std::signal(SIGXFSZ, handler);
  CHECK(failed > 10);
  CHECK(failed < 39);
}

TEST_CASE("sheet writer: what no sheet can hold is refused, with the cell's name") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& text) {
    write_sheet(folder / "a.xlsx", "Data", {{"a"}, {"b"}}, {{{"x"}, {text}}});
  };
  CHECK_THROWS_WITH_AS(write(std::string(32'768, 'x')),
                       "error: a.xlsx, Data!B2: the text has more than 32,767 characters, which no "
                       "spreadsheet holds; write a CSV file",
                       Error);
  CHECK_THROWS_AS(write(std::string(5'000, '\r')), Error);  // each is written as _x000D_
  CHECK_THROWS_WITH_AS(write(std::string("a\0b", 3)),
                       "error: a.xlsx, Data!B2: the text holds bytes of no character, which no "
                       "spreadsheet holds; write a CSV file",
                       Error);
  CHECK_THROWS_WITH_AS(write_sheet(folder / "a.xlsx", "a/b", {{"a"}}, {}),
                       "error: 'a/b' is no name of a sheet: at most 31 characters, none of "
                       "[ ] : * ? / \\ and no ' at either end",
                       Error);
  CHECK_THROWS_AS(write_sheet(folder / "none" / "a.xlsx", "a", {{"a"}}, {}), Error);
  CHECK(!fs::exists(folder / "a.xlsx"));
  write(std::string(32'767, 'x'));
  CHECK(rows_of(folder / "a.xlsx")[1].cells[1].text.size() == 32'767);
}

TEST_CASE("sheet writer: a workbook has several sheets, each with columns of its own") {
  const TemporaryFolder folder;
  SheetWriter writer(folder / "a.xlsx", "breaks", {{"id"}, {"amount", Kind::number}});
  writer.write(std::vector<OutCell>{{"b1"}, {"1.50"}});
  writer.begin_sheet("statement", {{"line"}});
  writer.write(std::vector<OutCell>{{"opening"}});
  writer.write(std::vector<OutCell>{{"closing"}});
  writer.close();
  WorkbookReader first(folder / "a.xlsx");
  CHECK(first.sheets() == std::vector<std::string>{"breaks", "statement"});
  CHECK(rows_of(folder / "a.xlsx").size() == 2);
  WorkbookReader second(folder / "a.xlsx", "statement");
  Row row;
  for (const char* text : {"line", "opening", "closing"}) {
    REQUIRE(second.next(row));
    CHECK(row.cells[0].text == text);
  }
  CHECK_FALSE(second.next(row));
}
