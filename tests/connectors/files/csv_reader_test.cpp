#include "connectors/files/csv_reader.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <thread>

#include "connectors/encoding/gb18030.h"
#include "tests/connectors/source_fixture.h"

using namespace tallymill;

namespace {

using Texts = std::vector<std::string>;

ConnectorFixture files() { return ConnectorFixture("files", "root: in"); }

std::string gzip(const std::string& bytes) {
  z_stream zlib{};
  REQUIRE(deflateInit2(&zlib, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(compressBound(bytes.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib.avail_in = static_cast<uInt>(bytes.size());
  zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
  zlib.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&zlib, Z_FINISH) == Z_STREAM_END);
  packed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return packed;
}

}  // namespace

TEST_CASE("csv reader: columns come in the asked order, the others are named as ignored") {
  auto fixture = files();
  fixture.write("in/a.csv", "x,y,z\n1,2,3\n");
  const auto reader = fixture.open("path: a.csv", {"z", "x"});
  CHECK(reader->columns() == Texts{"z", "x"});
  REQUIRE(reader->ignored_columns().size() == 1);
  CHECK(reader->ignored_columns()[0] == std::pair<std::string, std::string>{"a.csv", "y"});
  CHECK(read_all(*reader).records == Texts{"a.csv:2 3|1"});
}

TEST_CASE("csv reader: files of a glob are read in the order of their names, columns by name") {
  auto fixture = files();
  fixture.write("in/d/b.csv", "y,x\n2,1\n");
  fixture.write("in/d/a.csv", "x,y\n3,4\n");
  fixture.write("in/d/.hidden.csv", "x,y\n9,9\n");
  fixture.write("in/d/c.txt", "not a match");
  CHECK(fixture.read("path: d/*.csv", {"x", "y"}).records ==
        Texts{"d/a.csv:2 3|4", "d/b.csv:2 1|2"});
}

TEST_CASE("csv reader: line numbers are physical, counted from the top of the file") {
  auto fixture = files();
  fixture.write("in/a.csv", "made by x\n\nh1,h2\n\"a\nb\",1\n\nc,2\n");
  const Delivered found = fixture.read("{path: a.csv, header_starts_with: h1}", {"h1", "h2"});
  CHECK(found.records == Texts{"a.csv:4 a\nb|1", "a.csv:7 c|2"});
}

TEST_CASE("csv reader: a preamble in GB18030 and padded cells") {
  auto fixture = files();
  fixture.write("in/bill.csv", encode_gb18030("导出信息：\n姓名：xx\n"
                                              "交易时间   ,金额  ,备注\t,\n"
                                              "2023-01-18 ,28.50   ,\t,\n"));
  CHECK(fixture
            .read("{path: bill.csv, header_starts_with: 交易时间, trim: true}",
                  {"金额", "交易时间", "备注"})
            .records == Texts{"bill.csv:4 28.50|2023-01-18|null"});
}

TEST_CASE("csv reader: ASCII first, then the encoding is found where it shows") {
  auto fixture = files();
  std::string ascii = "id,city\n";
  for (int i = 0; i < 100'000; ++i) ascii += std::to_string(i) + ",Beijing and so on\n";
  fixture.write("in/a.csv", ascii + encode_gb18030("100000,上海\n"));
  fixture.write("in/b.csv", ascii + "100000,上海\n");
  CHECK(fixture.read("path: a.csv", {"city"}).records.back() == "a.csv:100002 上海");
  CHECK(fixture.read("path: b.csv", {"city"}).records.back() == "b.csv:100002 上海");
}

TEST_CASE("csv reader: a byte order mark is no part of the first column's name") {
  auto fixture = files();
  fixture.write("in/a.csv", "\xEF\xBB\xBFid,x\n1,2\n");
  CHECK(fixture.read("path: a.csv", {"id"}).records == Texts{"a.csv:2 1"});
  CHECK(fixture.read("{path: a.csv, encoding: gb18030}", {"id"}).records == Texts{"a.csv:2 1"});
}

TEST_CASE("csv reader: bytes of no character cost their record only, and stay visible") {
  auto fixture = files();
  fixture.write("in/a.csv", "id,name\n1,小王小王小王\n2,\xFF\xC3(\n3,李\n");
  const Delivered found = fixture.read("path: a.csv", {"id", "name"});
  CHECK(found.records == Texts{"a.csv:2 1|小王小王小王", "a.csv:4 3|李"});
  CHECK(found.malformed == Texts{"a.csv:3 invalid_encoding"});
  CHECK(found.originals == Texts{"2,\\xFF\\xC3("});

  fixture.write("in/b.csv", encode_gb18030("id,name\n1,小王小王小王\n2,") + "\xFF" +
                                encode_gb18030("\n3,李\n"));
  const Delivered chinese = fixture.read("{path: b.csv, encoding: gbk}", {"id", "name"});
  CHECK(chinese.records.size() == 2);
  CHECK(chinese.originals == Texts{"2,\\xFF"});
}

TEST_CASE("csv reader: a NUL far into a file is a reject, not a binary file") {
  auto fixture = files();
  std::string text = "id,name\n";
  while (text.size() < 100'000) text += "1,plain\n";
  fixture.write("in/a.csv", text + "2,n" + '\0' + "l\n3,x\n");
  const Delivered found = fixture.read("path: a.csv", {"id", "name"});
  REQUIRE(found.malformed.size() == 1);
  CHECK(found.originals == Texts{"2,n\\x00l"});
  CHECK(found.records.back().ends_with("3|x"));
}

TEST_CASE("csv reader: too few and too many cells are rejects that say so") {
  auto fixture = files();
  fixture.write("in/a.csv", "a,b\n1\n1,2,3\n1,2,\n");
  const Delivered found = fixture.read("path: a.csv", {"a", "b"});
  CHECK(found.records.empty());
  CHECK(found.malformed ==
        Texts{"a.csv:2 too_few_fields", "a.csv:3 too_many_fields", "a.csv:4 too_many_fields"});
  CHECK(found.messages[0] == "1 cell where the file has 2 columns");
  CHECK(found.originals == Texts{"1", "1,2,3", "1,2,"});

  const Delivered lenient =
      fixture.read("{path: a.csv, ragged: pad, extra_empty: ignore}", {"a", "b"});
  CHECK(lenient.records == Texts{"a.csv:2 1|null", "a.csv:4 1|2"});
  CHECK(lenient.malformed == Texts{"a.csv:3 too_many_fields"});
}

TEST_CASE("csv reader: an empty cell is null, in quotes it is text, unless null_values say else") {
  auto fixture = files();
  fixture.write("in/a.csv", "a,b\n,\"\"\n-,NULL\n");
  CHECK(fixture.read("path: a.csv", {"a", "b"}).records ==
        Texts{"a.csv:2 null|", "a.csv:3 -|NULL"});
  CHECK(fixture.read("{path: a.csv, null_values: ['', '-']}", {"a", "b"}).records ==
        Texts{"a.csv:2 null|null", "a.csv:3 null|NULL"});
}

TEST_CASE("csv reader: broken quotes are rejects and the lines behind them are read") {
  auto fixture = files();
  fixture.write("in/a.csv", "a,b\n\"x\"y,1\n2,\"z\n3,4\n");
  const Delivered found = fixture.read("path: a.csv", {"a", "b"});
  CHECK(found.records == Texts{"a.csv:4 3|4"});
  CHECK(found.malformed == Texts{"a.csv:2 text_after_quote", "a.csv:3 unclosed_quote"});
  CHECK(found.originals == Texts{"\"x\"y,1", "2,\"z"});
}

TEST_CASE("csv reader: a reject says how far a quote that was forgotten has reached") {
  auto fixture = files();
  fixture.write("in/a.csv", "a,b\n1,\"x\n2,y\n3,\"z\"\n");
  const Delivered found = fixture.read("path: a.csv", {"a", "b"});
  CHECK(found.malformed == Texts{"a.csv:2 text_after_quote"});
  CHECK(found.messages ==
        Texts{"text follows a closing quote; a quote within quotes must be doubled; a quote of "
              "this line closes in line 4: where it was meant to close before, the lines up to "
              "there are records of their own"});
}

TEST_CASE("csv reader: files without header, with declared names, with other characters") {
  auto fixture = files();
  fixture.write("in/a.csv", "1;'x;y'\n2;z\n");
  CHECK(fixture.read("{path: a.csv, header: false, delimiter: ';', quote: \"'\"}", {"column2"})
            .records == Texts{"a.csv:1 x;y", "a.csv:2 z"});
  CHECK(
      fixture.read("{path: a.csv, header: [id, name], delimiter: ';', quote: none}", {"name", "id"})
          .malformed == Texts{"a.csv:1 too_many_fields"});
  fixture.write("in/t.csv", "top\nid\tname\n1\tx\n");
  CHECK(fixture.read("{path: t.csv, delimiter: tab, skip_lines: 1}", {"name"}).records ==
        Texts{"t.csv:3 x"});
}

TEST_CASE("csv reader: gzip is told by its bytes, several members are one file") {
  auto fixture = files();
  fixture.write("in/a.csv", gzip("id,x\n1,a\n") + gzip("2,b\n"));
  CHECK(fixture.read("path: a.csv", {"x"}).records == Texts{"a.csv:2 a", "a.csv:3 b"});
  fixture.write("in/b.csv.gz", gzip(encode_gb18030("编号,名\n1,甲\n")));
  CHECK(fixture.read("path: b.csv.gz", {"名"}).records == Texts{"b.csv.gz:2 甲"});
  const std::string packed = gzip("id,x\n1,a\n2,bbbbbbbbbbbb\n");
  fixture.write("in/c.gz", packed.substr(0, packed.size() - 9));
  CHECK(fixture.failure("path: c.gz", {"x"}) ==
        "gzip file c.gz ends early; was its transfer complete?");
  std::string damaged = packed;
  damaged[packed.size() / 2] ^= 0x55;
  fixture.write("in/d.gz", damaged);
  CHECK(fixture.failure("path: d.gz", {"x"}).starts_with("gzip file d.gz is damaged: "));
}

TEST_CASE("csv reader: a missing file, column, folder is named with what is there") {
  auto fixture = files();
  fixture.write("in/orders.csv", "order_id,amount\n");
  const std::string root = std::filesystem::canonical(fixture.folder() / "in").string();
  CHECK(fixture.failure("path: order.csv") ==
        "no such file: '" + root + "/order.csv'; did you mean 'orders.csv'?");
  CHECK(fixture.failure("path: zzzzzzzz.csv") ==
        "no such file: '" + root + "/zzzzzzzz.csv'; there: orders.csv");
  CHECK(fixture.failure("path: 2026-*.csv") ==
        "no file below '" + (fixture.folder() / "in").string() +
            "' matches '2026-*.csv'; if there may be none, say optional: true");
  CHECK(fixture.failure("path: orders.csv", {"order_idd"}) ==
        "file 'orders.csv' has no column 'order_idd'; did you mean 'order_id'?");
  CHECK(fixture.failure("path: orders.csv", {"zz"}) ==
        "file 'orders.csv' has no column 'zz'; its columns are 'order_id', 'amount'");
  fixture.write("in/semicolons.csv", "a;b\n");
  CHECK(fixture.failure("path: semicolons.csv", {"b"}) ==
        "file 'semicolons.csv' has no column 'b'; its columns are 'a;b'; if ';' separates its "
        "cells, say delimiter: \";\"");
  CHECK(fixture.read("{path: '2026-*.csv', optional: true}", {"x"}).records.empty());
  CHECK(fixture.read("{path: none.csv, optional: true}", {"x"}).records.empty());
}

TEST_CASE("csv reader: the missing column's error stands where the graph asks for it") {
  auto fixture = files();
  fixture.write("in/a.csv", "x\n");
  try {
    fixture.open("path: a.csv", {"y"});
    FAIL("expected an Error");
  } catch (const Error& error) {
    CHECK(error.where() == SourcePosition{"t.yaml", 9, 5});
    CHECK(error.error_class() == ErrorClass::data);
  }
}

TEST_CASE("csv reader: nothing outside of the root is read") {
  auto fixture = files();
  fixture.write("in/a.csv", "x\n1\n");
  fixture.write("secret.csv", "x\n2\n");
  std::filesystem::create_symlink("../secret.csv", fixture.folder() / "in/link.csv");
  std::filesystem::create_symlink("a.csv", fixture.folder() / "in/fine.csv");
  CHECK(fixture.failure("path: ../secret.csv").find("leads out of") != std::string::npos);
  CHECK(fixture.failure("path: /etc/passwd").find("is absolute") != std::string::npos);
  CHECK(fixture.failure("path: link.csv").find("outside of the connector's root") !=
        std::string::npos);
  CHECK(fixture.failure("path: '*.csv'").find("'link.csv' is a link to") != std::string::npos);
  CHECK(fixture.read("path: fine.csv", {"x"}).records == Texts{"fine.csv:2 1"});
}

TEST_CASE("csv reader: a root that is not there is named where it is declared") {
  ConnectorFixture fixture("files", "root: nowhere");
  try {
    fixture.open("path: a.csv");
    FAIL("expected an Error");
  } catch (const Error& error) {
    CHECK(error.message() ==
          "the connector's root '" + (fixture.folder() / "nowhere").string() + "' is no folder");
    CHECK(error.where().line == 1);
  }
}

TEST_CASE("csv reader: what is no CSV text is refused by name") {
  auto fixture = files();
  fixture.write("in/a.csv", std::string("PK\x03\x04\x14\0\x06\0", 8));
  CHECK(fixture.failure("path: a.csv") ==
        "a.csv is no CSV text: it looks like a ZIP archive or an XLSX workbook");
  fixture.write("in/b.csv", encode_gb18030("编号,姓名\n1,张三李四王五\n2,赵六钱七孙八\n"));
  CHECK(fixture.failure("{path: b.csv, encoding: utf-8}") ==
        "b.csv is not utf-8: it looks like gb18030");
  fixture.write("in/c.csv", "编号,姓名\n1,张三李四王五\n");
  CHECK(fixture.failure("{path: c.csv, encoding: gb18030}") ==
        "c.csv is not gb18030: it looks like utf-8");
  fixture.write("in/d.csv", std::string(5000, '\xFF'));
  CHECK(fixture.failure("path: d.csv") == "d.csv is not utf-8: it looks like binary data");
  fixture.write("in/e.csv", "");
  CHECK(fixture.failure("path: e.csv") == "e.csv is empty; expected a header with column names");
  fixture.write("in/f.csv", "a\nb\n");
  CHECK(fixture.failure("{path: f.csv, header_starts_with: id}") ==
        "f.csv: none of its first 2 lines starts with 'id' (header_starts_with), so its header is "
        "not found");
  fixture.write("in/g.csv", "a,b,a\n");
  CHECK(fixture.failure("path: g.csv", {"a"}) == "file 'g.csv' has several columns named 'a'");
  fixture.write("in/h.csv", "a\n" + std::string(17 << 20, 'x'));
  CHECK(fixture.failure("path: h.csv", {"a"}) ==
        "h.csv:2: the line is over 16 MiB long; this is no CSV file");
}

TEST_CASE("csv reader: several cursors share the records, each comes once") {
  auto fixture = files();
  std::string text = "id,pad\n";
  for (int i = 0; i < 60'000; ++i)
    text += std::to_string(i) + ",\"" + std::string(60, 'x') + (i % 9 == 0 ? "\n" : "") + "\"\n";
  fixture.write("in/a.csv", text);
  fixture.write("in/b.csv", text);
  const auto reader = fixture.open("path: '*.csv'", {"id"});
  CHECK(reader->max_threads() > 4);
  std::vector<std::string> records;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      CollectingSink sink(*reader, 1000);
      const auto cursor = reader->open_cursor();
      while (cursor->read(sink)) sink.empty();
      const std::lock_guard guard(mutex);
      records.insert(records.end(), sink.delivered.records.begin(), sink.delivered.records.end());
    });
  for (std::thread& thread : threads) thread.join();
  reader->finish();
  CHECK(reader->records_read() == 120'000);
  std::sort(records.begin(), records.end());
  CHECK(records.size() == 120'000);
  CHECK(std::adjacent_find(records.begin(), records.end()) == records.end());
}

TEST_CASE("csv reader: content decides whether a source is unchanged, times only spare the look") {
  auto fixture = files();
  fixture.write("in/a.csv", "x\n1\n");
  auto reader = fixture.open("path: '*.csv'", {"x"});
  read_all(*reader);
  const SourceState state = reader->state();
  CHECK(fixture.open("path: '*.csv'", {"x"})->is_unchanged(state));
  fixture.write("in/a.csv", "x\n1\n");  // new times, same bytes
  CHECK(fixture.open("path: '*.csv'", {"x"})->is_unchanged(state));
  fixture.write("in/a.csv", "x\n2\n");  // same size, other bytes
  CHECK_FALSE(fixture.open("path: '*.csv'", {"x"})->is_unchanged(state));
  fixture.write("in/a.csv", "x\n1\n");
  fixture.write("in/b.csv", "x\n1\n");
  CHECK_FALSE(fixture.open("path: '*.csv'", {"x"})->is_unchanged(state));
  CHECK_FALSE(fixture.open("path: '*.csv'", {"x"})->is_unchanged(json::value()));
}

TEST_CASE("csv reader: a file that changes while it is read fails the reading") {
  auto fixture = files();
  fixture.write("in/a.csv", "x\n1\n");
  const auto reader = fixture.open("path: a.csv", {"x"});
  CollectingSink sink(*reader);
  const auto cursor = reader->open_cursor();
  while (cursor->read(sink)) {
  }
  fixture.write("in/a.csv", "x\n1\n2\n");
  CHECK_THROWS_AS(reader->finish(), Error);
}

TEST_CASE("csv dialect: contradictions are reported where they stand") {
  const auto problems = [](const std::string& yaml) {
    const YamlOptions options(yaml);
    Diagnostics diagnostics;
    csv::check_dialect(options.options(), diagnostics);
    std::string text;
    for (const Diagnostic& problem : diagnostics.sorted()) text += problem.message + "\n";
    return text;
  };
  CHECK(problems("delimiter: '||'") ==
        "option 'delimiter' must be one ASCII character that is no letter or digit, got '||'\n");
  CHECK(problems("delimiter: '\"'") == "delimiter and quote are the same character\n");
  CHECK(problems("{header: false, header_starts_with: x}") ==
        "option 'header_starts_with' needs a header in the file\n");
  CHECK(problems("{skip_lines: -1}") == "option 'skip_lines' must not be negative\n");
  CHECK(problems("{delimiter: tab, quote: none, header: [a, b]}").empty());
}
