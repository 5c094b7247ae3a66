#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

TEST_CASE("profile: a dataset's columns in one table, sensitive values nowhere") {
  const ProgramEnd end = finished_books().run({"profile", "customers"});
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "customers of 2026-01: 3 rows, 4 columns\n"));
  CHECK(contains(end.out, "  name         type   nulls  blank  distinct  min        median  max"));
  CHECK(
      contains(end.out, "  owed         money      0                3  -2.50      7.25    10.00"));
  CHECK(contains(
      end.out,
      "  phone        text       1      0         2                            integer   incr"));
  CHECK_FALSE(contains(end.out, "1380000"));
}

TEST_CASE("profile: a file before anybody has said what its columns are") {
  Books books;
  books.write("sources/broken.csv", "id,day\n1,2026-01-02\n2,\"open\n3,2026-01-03\n");
  const ProgramEnd end = books.run({"profile", "sources/customers-2026-01.csv"});
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "sources/customers-2026-01.csv: 5 rows, 4 columns\n"));
  CHECK(contains(end.out, "13800000001  13800000004") == false);
  const ProgramEnd broken = books.run({"profile", "sources/broken.csv"});
  CHECK(broken.exit == 0);
  CHECK(contains(broken.out,
                 "records that are none\n  reason          records\n  unclosed_quote        1"));
}

TEST_CASE("profile: --html writes a page that needs nothing else, --json is for programs") {
  Books books;
  books.run_month();
  const ProgramEnd end = books.run({"profile", "customers", "--html", "page.html", "--json"});
  CHECK(end.exit == 0);
  CHECK(end.err == "written to page.html\n");
  const json::value answer = parse_json(end.out, "profile --json");
  CHECK(answer.at("rows").as_int64() == 3);
  const std::string page = read_file(books.root() / "page.html");
  CHECK(contains(page, "<title>profile</title>"));
  CHECK(contains(page, "<td>Lee, &quot;Bo&quot;</td>"));
  CHECK_FALSE(contains(page, "<script"));
}

TEST_CASE("profile: a name that is neither a dataset nor a file is told with the nearest") {
  const ProgramEnd end = finished_books().run({"profile", "custmers"});
  CHECK(end.exit == 2);
  CHECK(contains(end.err, "dataset 'custmers' has no visible version; did you mean 'customers'?"));
}

TEST_CASE("profile: columns that SQL takes for one are told as the file has them") {
  ProgramFixture workspace;
  workspace.write("tallymill.yaml", "workspace: calls\n");
  const auto problem = [&](const std::string& header) {
    workspace.write("calls.csv", header + "\n1,2\n");
    const ProgramEnd end = workspace.run({"profile", "calls.csv"});
    CHECK(end.exit == 2);
    return end.err;
  };
  CHECK(contains(problem("n,n"),
                 "error: 'calls.csv' has several columns named 'n'; rename one in its header\n"));
  CHECK(contains(problem("id,ID"), "has columns 'id' and 'ID', which differ only in case;"));
  CHECK(contains(problem("a,_line"), "has a column '_line', as Tallymill calls one of its own;"));
}

TEST_CASE("profile: a file in another encoding is read when told, and refused when not text") {
  Books books;
  books.write("sources/gb.csv", "name\n\xD5\xC5\xC8\xFD\n");
  CHECK(contains(books.run({"profile", "sources/gb.csv", "--encoding", "gb18030"}).out, "张三"));
  CHECK(contains(books.run({"profile", "sources/gb.csv", "--encoding", "utf-8"}).err,
                 "gb.csv is not utf-8: it looks like gb18030"));
  const ProgramEnd end = books.run({"profile", "sources/gb.csv", "--encoding", "latin"});
  CHECK(end.exit == 2);
}

TEST_CASE("profile: every column of a wide file is told with its own order") {
  constexpr int kColumns = 70;  // more than are looked at together
  Books books;
  std::string text;
  for (int row = 0; row < 4; ++row)
    for (int column = 0; column < kColumns; ++column) {
      const std::string cell = row == 0          ? "c" + std::to_string(column)
                               : column % 2 == 0 ? "up" + std::to_string(row)
                                                 : "down" + std::to_string(9 - row);
      text += cell + (column + 1 < kColumns ? "," : "\n");
    }
  books.write("sources/wide.csv", text);
  const ProgramEnd end = books.run({"profile", "sources/wide.csv", "--json"});
  REQUIRE_MESSAGE(end.exit == 0, end.err);
  const json::value answer = parse_json(end.out, "profile --json");
  for (int column = 0; column < kColumns; ++column) {
    CAPTURE(column);
    const json::value& order =
        answer.at("columns").at(static_cast<std::size_t>(column)).at("order");
    CHECK(order.at("up").as_int64() == (column % 2 == 0 ? 2 : 0));
    CHECK(order.at("down").as_int64() == (column % 2 == 0 ? 0 : 2));
  }
}

TEST_CASE("profile: a wide file tells of each column what a file of that column alone tells") {
  // Eleven kinds in turn, so that each stands at other places of what is looked at together; the
  // last six of seventy are what remains.
  constexpr std::size_t kKinds = 11;
  constexpr std::size_t kColumns = 70;
  constexpr std::size_t kRows = 40;
  const auto cell = [](std::size_t kind, std::size_t row) -> std::string {
    const std::string number = std::to_string(row * 7 % 13);
    switch (kind) {
      case 0:
        return std::to_string(row);
      case 1:
        return "city " + number;
      case 2:
        return "2026-01-" + std::to_string(10 + row % 20);
      case 3:
        return number + ".50";
      case 4:
        return row % 3 == 0 ? "" : "N/A";
      case 5:
        return "a" + number + "@example.org";
      case 6:
        return " " + number;
      case 7:
        return "00" + number;
      case 8:
        return row % 2 == 0 ? "true" : "no";
      case 9:
        return row == 17 ? "张三" : "李四";
      default:
        return "";
    }
  };
  Books books;
  const auto profile = [&](std::size_t first, std::size_t columns) {
    std::string text;
    for (std::size_t row = 0; row <= kRows; ++row)
      for (std::size_t i = first; i < first + columns; ++i)
        text += (row == 0 ? "c" + std::to_string(i) : "\"" + cell(i % kKinds, row) + "\"") +
                (i + 1 < first + columns ? "," : "\n");
    books.write("sources/some.csv", text);
    const ProgramEnd end = books.run({"profile", "sources/some.csv", "--json"});
    REQUIRE_MESSAGE(end.exit == 0, end.err);
    return parse_json(end.out, "profile --json").at("columns").as_array();
  };
  json::array alone;
  for (std::size_t kind = 0; kind < kKinds; ++kind) alone.push_back(profile(kind, 1).at(0));
  const json::array wide = profile(0, kColumns);
  REQUIRE(wide.size() == kColumns);
  for (std::size_t i = 0; i < kColumns; ++i) {
    json::object expected = alone[i % kKinds].as_object();
    expected["name"] = "c" + std::to_string(i);
    CHECK(json::serialize(wide[i]) == json::serialize(expected));
  }
}
