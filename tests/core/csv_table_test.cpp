#include "core/csv_table.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

std::string problem(const std::string& text) {
  Diagnostics diagnostics;
  (void)read_csv_table("tables/t.csv", text, diagnostics);
  return diagnostics.render();
}

}  // namespace

TEST_CASE("csv table: quotes, line ends and the byte order mark are understood") {
  Diagnostics diagnostics;
  const CsvTable table = read_csv_table("tables/t.csv",
                                        "\xEF\xBB\xBF"
                                        "a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n\n,\n\"\",2",
                                        diagnostics);
  CHECK(diagnostics.empty());
  CHECK(table.columns == std::vector<std::string>{"a", "b"});
  CHECK(table.rows ==
        std::vector<std::vector<std::string>>{{"1", "x, \"y\"\nz"}, {"", ""}, {"", "2"}});
}

TEST_CASE("csv table: what is wrong is said with its line") {
  CHECK(problem("a,b\n1\n2,3\n4,5,6\n") ==
        "tables/t.csv:2:1: error: expected 2 cells, found 1\n"
        "tables/t.csv:4:1: error: expected 2 cells, found 3\n");
  CHECK(problem("a,a\n1,2\n") == "tables/t.csv:1:1: error: column 'a' is named twice\n");
  CHECK(problem("a,\n1,2\n") ==
        "tables/t.csv:1:1: error: column 2 has no name; the first line names the columns\n");
  CHECK(problem("a\n\"x\n") == "tables/t.csv:2:1: error: a quote is never closed\n");
  CHECK(problem("a\n\"x\"y\n") ==
        "tables/t.csv:2:1: error: text after a closing quote; put the whole cell in quotes\n");
  CHECK(problem("a\nx\"y\n") ==
        "tables/t.csv:2:1: error: a quote inside a cell that does not start with one; put the "
        "whole cell in quotes and double the inner ones\n");
  CHECK(problem("") ==
        "tables/t.csv:1:1: error: the file is empty; the first line names the columns\n");
  CHECK(problem("\xFF\n") == "tables/t.csv:1:1: error: the file is not UTF-8; save it as UTF-8\n");
}
