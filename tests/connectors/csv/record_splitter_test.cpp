#include "connectors/csv/record_splitter.h"

#include <doctest/doctest.h>

#include "tests/connectors/csv/plain_csv.h"

using namespace tallymill::csv;

namespace {

std::vector<PlainRecord> split(std::string_view text, const Syntax& syntax = {}) {
  std::size_t record_ends = 0;
  return read_in_blocks(text, std::size_t{1} << 20, syntax, record_ends);
}

using Cells = std::vector<std::string>;
using Kind = Record::Kind;

}  // namespace

TEST_CASE("splitter: quotes go, doubled ones are halved, delimiters and line ends within stay") {
  const auto records = split("a,\"b,\"\"c\"\"\nd\",\r\ne,f,g\r\n");
  REQUIRE(records.size() == 2);
  CHECK(records[0].cells == Cells{"a", "b,\"c\"\nd", ""});
  CHECK(records[0].line == 1);
  CHECK(records[0].original == "a,\"b,\"\"c\"\"\nd\",");
  CHECK(records[1].cells == Cells{"e", "f", "g"});
  CHECK(records[1].line == 3);
}

TEST_CASE("splitter: an empty cell in quotes is told from one without") {
  RecordSplitter splitter;
  Record record;
  splitter.start("\"\",\n", 1, {});
  REQUIRE(splitter.next(record));
  CHECK(record.cells[0].is_quoted);
  CHECK_FALSE(record.cells[1].is_quoted);
}

TEST_CASE("splitter: empty lines are blank, a lone pair of quotes is a record") {
  const auto records = split("\n\r\na\n\"\"\n");
  REQUIRE(records.size() == 4);
  CHECK(records[0].kind == Kind::blank);
  CHECK(records[1].kind == Kind::blank);
  CHECK(records[2].kind == Kind::record);
  CHECK(records[3].kind == Kind::record);
  CHECK(records[3].cells == Cells{""});
}

TEST_CASE("splitter: padding goes from cells and from around their quotes") {
  Syntax syntax;
  syntax.is_padded = true;
  const auto records = split("  a\t, \"b \" ,\t\" c\"x\n", syntax);
  REQUIRE(records.size() == 1);
  CHECK(records[0].cells == Cells{"a", "b", "c"});
  CHECK(records[0].kind == Kind::text_after_quote);
}

TEST_CASE("splitter: a tab that separates cells is no padding") {
  Syntax syntax;
  syntax.is_padded = true;
  syntax.delimiter = '\t';
  const auto records = split(" a \t\t b\n", syntax);
  REQUIRE(records.size() == 1);
  CHECK(records[0].cells == Cells{"a", "", "b"});
}

TEST_CASE("splitter: text behind a closing quote spoils its record, not the next one") {
  const auto records = split("\"a\"b,c\nd,e\n");
  REQUIRE(records.size() == 2);
  CHECK(records[0].kind == Kind::text_after_quote);
  CHECK(records[1].cells == Cells{"d", "e"});
}

TEST_CASE("splitter: a lost quote costs one line and line numbers stay right") {
  const auto records = split("a\n\"b,c\nd,e\nf\n");
  REQUIRE(records.size() == 4);
  CHECK(records[1].kind == Kind::unclosed_quote);
  CHECK(records[1].original == "\"b,c");
  CHECK(records[1].cells.empty());
  CHECK(records[2].cells == Cells{"d", "e"});
  CHECK(records[2].line == 3);
  CHECK(records[3].line == 4);
}

TEST_CASE("splitter: more cells than usual are no problem") {
  std::string line;
  for (int i = 0; i < 1000; ++i) line += std::to_string(i) + ",";
  const auto records = split(line + "\n");
  REQUIRE(records.size() == 1);
  CHECK(records[0].cells.size() == 1001);
  CHECK(records[0].cells[999] == "999");
}

TEST_CASE("splitter: old files end lines with CR alone") {
  Syntax syntax;
  syntax.newline = '\r';
  const auto records = split("a,b\r1,\"x\ry\"\r", syntax);
  REQUIRE(records.size() == 2);
  CHECK(records[1].cells == Cells{"1", "x\ry"});
}
