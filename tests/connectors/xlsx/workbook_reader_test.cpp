#include "connectors/xlsx/workbook_reader.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "connectors/xlsx/sheet_writer.h"
#include "core/error.h"
#include "core/files.h"
#include "tests/connectors/xlsx/memory_parts.h"
#include "tests/folders.h"
#include "tests/temporary_folder.h"

using namespace tallymill;
using namespace tallymill::xlsx;
namespace fs = std::filesystem;

namespace {

std::string letter(CellKind kind) {
  switch (kind) {
    case CellKind::text:
      return "t";
    case CellKind::number:
      return "n";
    case CellKind::date:
      return "d";
    case CellKind::boolean:
      return "b";
    default:
      return "e";
  }
}

/// "A1 t:one|B1 n:2" a row.
std::string all_of(WorkbookReader& reader) {
  std::string text;
  for (Row row; reader.next(row);) {
    for (const Cell& cell : row.cells)
      text += (&cell == &row.cells.front() ? "" : "|") + cell_name(cell.column, row.number) + " " +
              letter(cell.kind) + (cell.is_inexact ? "~:" : ":") + cell.text;
    text += "\n";
  }
  return text;
}

std::string rows_of(std::map<std::string, std::string> parts, const std::string& sheet = {},
                    const Limits& limits = {}) {
  WorkbookReader reader(std::make_unique<MemoryParts>(std::move(parts)), "book.xlsx", sheet,
                        limits);
  return all_of(reader);
}

std::string rows_in(const std::string& data) { return rows_of(small_workbook(data)); }

fs::path fixture(const std::string& name) {
  return fs::path(kSourceFolder) / "tests/data/xlsx" / name;
}

}  // namespace

TEST_CASE("workbook: cells of every kind, sparse rows and columns") {
  CHECK(rows_in("<row r=\"2\"><c r=\"B2\" t=\"s\"><v>1</v></c><c r=\"AA2\"><v>12.30</v></c></row>"
                "<row r=\"7\"><c r=\"A7\" t=\"b\"><v>1</v></c><c r=\"B7\" t=\"e\"><v>#N/A</v></c>"
                "<c r=\"C7\" s=\"1\"><v>46053</v></c><c r=\"D7\" t=\"d\"><v>2026-01-31</v></c>"
                "<c r=\"E7\" t=\"str\"><f>A1</f><v>x</v></c></row>") ==
        "B2 t:two|AA2 n:12.30\nA7 b:true|B7 e:#N/A|C7 d:2026-01-31|D7 d:2026-01-31|E7 t:x\n");
}

TEST_CASE("workbook: without references cells and rows follow one another") {
  CHECK(rows_in("<row><c><v>1</v></c><c/><c><v>3</v></c></row><row/><row><c><v>4</v></c></row>") ==
        "A1 n:1|C1 n:3\nA3 n:4\n");
}

TEST_CASE("workbook: a cell with a style and nothing in it is none, an empty text is one") {
  CHECK(rows_in("<row><c s=\"1\"/><c t=\"inlineStr\"><is><t></t></is></c></row>"
                "<row><c s=\"0\"/></row>") == "B1 t:\n");
}

TEST_CASE("workbook: a formula that nobody computed is an error, not an empty cell") {
  CHECK(rows_in("<row><c><f>1+1</f></c><c><f>1+1</f><v>2</v></c></row>") ==
        "A1 e:#NOT_COMPUTED!|B1 n:2\n");
}

TEST_CASE("workbook: runs of rich text are joined, how they are pronounced is left out") {
  auto parts = small_workbook(
      "<row><c t=\"s\"><v>0</v></c><c t=\"inlineStr\"><is><r><t>in</t></r>"
      "<r><t xml:space=\"preserve\"> line</t></r></is></c></row>");
  parts["xl/sharedStrings.xml"] =
      "<x:sst xmlns:x=\"m\"><x:si><x:r><x:rPr><x:b/></x:rPr><x:t>东</x:t></x:r><x:r><x:t>京"
      "</x:t></x:r><x:rPh sb=\"0\" eb=\"1\"><x:t>トウキョウ</x:t></x:rPh></x:si></x:sst>";
  CHECK(rows_of(parts) == "A1 t:东京|B1 t:in line\n");
}

TEST_CASE("workbook: characters that XML cannot hold are taken back") {
  CHECK(rows_in("<row><c t=\"inlineStr\"><is><t>a_x000D_b_x005F_x000D__xD800__x00_</t></is></c>"
                "</row>") == "A1 t:a\rb_x000D__xD800__x00_\n");
}

TEST_CASE("workbook: dates count from 1904 where the workbook says so") {
  auto parts = small_workbook("<row><c s=\"1\"><v>44591</v></c></row>");
  parts["xl/workbook.xml"].insert(10, "<workbookPr date1904=\"1\"/>");
  CHECK(rows_of(parts) == "A1 d:2026-01-31\n");
}

TEST_CASE("workbook: a day that does not exist is an error cell") {
  CHECK(rows_in("<row><c s=\"1\"><v>60</v></c><c t=\"d\"><v>soon</v></c></row>") ==
        "A1 e:#NO_DAY!|B1 e:#NO_DAY!\n");
}

TEST_CASE("workbook: numbers that no spreadsheet keeps are marked") {
  CHECK(rows_in("<row><c><v>0.30000000000000004</v></c><c><v>1.1000000000000001</v></c></row>") ==
        "A1 n~:0.30000000000000004|B1 n:1.1\n");
}

TEST_CASE("workbook: sheets are found by their names, through the relations") {
  const fs::path file = fixture("openpyxl.xlsx");
  WorkbookReader first(file);
  CHECK(first.sheet() == "Notes");
  CHECK(first.sheets() == std::vector<std::string>{"Notes", "客户", "Hidden"});
  CHECK_THROWS_WITH_AS(WorkbookReader(file, "Hiden"),
                       "error: openpyxl.xlsx has no sheet 'Hiden'; did you mean 'Hidden'?", Error);
  CHECK_THROWS_WITH_AS(WorkbookReader(file, "2026"),
                       "error: openpyxl.xlsx has no sheet '2026'; it has Notes, 客户, Hidden",
                       Error);
}

TEST_CASE("workbook: what openpyxl writes") {
  WorkbookReader reader(fixture("openpyxl.xlsx"), "客户");
  CHECK(all_of(reader) ==
        "A1 t:name|B1 t:amount|C1 t:since|D1 t:seen|E1 t:active|F1 t:code|G1 t:sum\n"
        "A2 t:Anna & <Bo>|B2 n:12.3|C2 d:2026-01-31|D2 d:2026-01-31T08:05:00|E2 b:true|F2 t:00123|"
        "G2 e:#NOT_COMPUTED!\n"
        "A3 t:王小明|B3 n:0.3|C3 d:1900-01-01|D3 d:08:05:00|E3 b:false|"
        "F3 t:line\nbreak\n"
        "A6 t:after a gap|H6 n:1000000000000000000000\n");
}

TEST_CASE("workbook: what XlsxWriter writes, from 1904, with its strings in the cells") {
  WorkbookReader reader(fixture("xlsxwriter_1904.xlsx"));
  CHECK(all_of(reader) ==
        "A1 t:kind|B1 t:value\nA2 t:day|B2 d:2026-01-31\nA3 t:moment|B3 d:2026-01-31T23:59:59\n"
        "A4 t:hours|B4 d:26:30:00\nA5 t:rich|B5 t:a b c\nA6 t:formula|B6 e:#DIV/0!\n"
        "A7 t:text formula|B7 t:xy\nA8 t:true|B8 b:true\nA9 t:number|B9 n:1234567.891\n");
}

TEST_CASE("workbook: what LibreOffice writes, with hidden rows, merged cells and formulas") {
  WorkbookReader reader(fixture("libreoffice.xlsx"));
  CHECK(reader.sheets() == std::vector<std::string>{"Orders", "Notes 二"});
  // What the format shows is not what the cell holds: a share is no percentage, zeros in front of a
  // number are none of its digits. The program counts 1900 without the 29th of February that the
  // file's day 60 is, so that a day that early is no day rather than another one.
  CHECK(all_of(reader) ==
        "A1 t:order_id|B1 t:day|C1 t:at|D1 t:share|E1 t:amount|F1 t:code|G1 t:double\n"
        "A2 t:00042|B2 d:2026-01-31|C2 d:2026-01-31T08:05:00|D2 n:0.125|E2 n:1234.1|F2 n:42|"
        "G2 n:2468.2\n"
        "A3 t:hidden|B3 e:#NO_DAY!|E3 n:-0.01|G3 n:0.29\n"
        "A4 t:merged|E4 n:0.3|F4 n:1|G4 e:#DIV/0!\n"
        "C5 t:two\nlines 北京|E5 t:ab\n");
  WorkbookReader second(fixture("libreoffice.xlsx"), "Notes 二");
  CHECK(all_of(second) == "A1 t:second sheet\n");
}

TEST_CASE("workbook: a document type is refused, whatever it declares") {
  auto parts = small_workbook("<row><c><v>1</v></c></row>");
  parts["xl/sharedStrings.xml"] =
      "<!DOCTYPE sst [<!ENTITY a \"ha\"><!ENTITY b "
      "\"&a;&a;&a;&a;\">]><sst><si><t>&b;</t></si></sst>";
  CHECK_THROWS_WITH_AS(rows_of(parts),
                       "error: book.xlsx, part xl/sharedStrings.xml, declares a document type, "
                       "which no workbook needs and which can hide what it really holds; it is not "
                       "read",
                       Error);
}

TEST_CASE("workbook: what is damaged is named with its sheet and cell") {
  CHECK_THROWS_WITH_AS(rows_in("<row r=\"3\"><c r=\"B3\"><v>1x</v></c></row>"),
                       "error: book.xlsx, Data!B3: '1x' is no number; the file is damaged: open it "
                       "in a spreadsheet and save it",
                       Error);
  CHECK_THROWS_WITH_AS(rows_in("<row><c t=\"s\"><v>2</v></c></row>"),
                       "error: book.xlsx, Data!A1: shared string '2' is not there; the file is "
                       "damaged: open it in a spreadsheet and save it",
                       Error);
  CHECK_THROWS_WITH_AS(rows_in("<row r=\"3\"/><row r=\"2\"/>"),
                       "error: book.xlsx, Data!A2: the row comes after row 3; the file is damaged: "
                       "open it in a spreadsheet and save it",
                       Error);
  CHECK_THROWS_WITH_AS(rows_in("<row><c r=\"B1\"/><c r=\"A1\"/></row>"),
                       "error: book.xlsx, Data!B1: cell A1 comes after it; the file is damaged: "
                       "open it in a spreadsheet and save it",
                       Error);
  CHECK_THROWS_AS(rows_in("<row><c r=\"A2\"/></row>"), Error);
  CHECK_THROWS_AS(rows_in("<row><c t=\"b\"><v>2</v></c></row>"), Error);
  CHECK_THROWS_AS(rows_in("<row><c>"), Error);
}

TEST_CASE("workbook: limits are named where they are met") {
  Limits limits;
  limits.columns = 2;
  limits.cell_bytes = 3;
  CHECK_THROWS_WITH_AS(rows_of(small_workbook("<row><c r=\"C1\"/></row>"), {}, limits),
                       "error: book.xlsx, Data!C1: the sheet has more than 2 columns; delete those "
                       "that are not needed",
                       Error);
  CHECK_THROWS_WITH_AS(rows_of(small_workbook("<row><c><v>12345</v></c></row>"), {}, limits),
                       "error: book.xlsx, Data!A1: the cell holds more than 3 bytes, more than a "
                       "spreadsheet allows; shorten it",
                       Error);
  limits.shared_string_bytes = 10;
  CHECK_THROWS_WITH_AS(rows_of(small_workbook(""), {}, limits),
                       "error: book.xlsx has more than 10 bytes of texts in its part of shared "
                       "strings; split it into smaller workbooks",
                       Error);
  limits = {};
  limits.unzipped_bytes = 100;
  CHECK_THROWS_WITH_AS(
      WorkbookReader(fixture("openpyxl.xlsx"), {}, limits),
      "error: openpyxl.xlsx unpacks to more than 100 bytes in its part _rels/.rels;"
      " split it into smaller workbooks",
      Error);
}

TEST_CASE("workbook: a file that unfolds out of all proportion is refused") {
  const TemporaryFolder folder;
  const std::string blanks(30'000, 'x');
  std::vector<std::vector<OutCell>> rows(2'000, {{blanks}});
  write_sheet(folder / "bomb.xlsx", "Data", {{"a"}}, rows);
  WorkbookReader reader(folder / "bomb.xlsx");
  Row row;
  CHECK_THROWS_WITH_AS(
      while (reader.next(row)){},
      "error: bomb.xlsx unpacks to more than 250 times its size in its part "
      "xl/worksheets/sheet1.xml, as no honest workbook does; open it in a spreadsheet and save it",
      Error);
}

TEST_CASE("workbook: what is no workbook is called by its name") {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& bytes) -> std::string {
    write_file_durably(folder / "a.xlsx", bytes);
    try {
      WorkbookReader reader(folder / "a.xlsx");
    } catch (const Error& error) {
      return error.message();
    }
    return "read";
  };
  CHECK(message("") == "a.xlsx is empty");
  CHECK(message("a,b\n1,2\n") ==
        "a.xlsx is no .xlsx workbook; save it as .xlsx, or read it as what it is");
  CHECK(message("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") ==
        "a.xlsx is an old .xls workbook, or one with a password; save it as .xlsx without a "
        "password");
  CHECK(message("PK\x03\x04") ==
        "a.xlsx ends early or is damaged; fetch it again, or open it in a spreadsheet and save it");
  CHECK_THROWS_WITH_AS(WorkbookReader(folder.path()),
                       doctest::Contains("is no file; name the .xlsx file itself"), Error);
}

TEST_CASE("workbook: cut at any byte, or with any byte changed, it is read or refused") {
  const TemporaryFolder folder(TemporaryFolder::memory());
  const std::string whole = read_file(fixture("xlsxwriter_1904.xlsx"));
  const fs::path file = folder / "cut.xlsx";
  std::size_t refused = 0;
  const auto read = [&](const std::string& bytes) {
    const UniqueFd fd = open_for_appending(file);
    write_all(fd, bytes, file);
    try {
      WorkbookReader reader(file);
      all_of(reader);
    } catch (const Error& error) {
      CHECK(error.error_class() == ErrorClass::data);
      ++refused;
    }
    fs::remove(file);
  };
  for (std::size_t size = 0; size < whole.size(); ++size) read(whole.substr(0, size));
  // The last bytes are the length of a comment that is not there.
  CHECK(refused + 3 >= whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x5A);
    read(changed);
  }
}
