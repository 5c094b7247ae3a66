#include "connectors/csv/record_scanner.h"

#include <doctest/doctest.h>

#include <random>

#include "tests/connectors/csv/plain_csv.h"

using namespace tallymill::csv;

namespace {

Scan scan(std::string_view text, bool is_last = false) { return scan_records(text, is_last, {}); }

/// Random text of the characters that mean something, long stretches of plain ones between.
std::string random_text(std::mt19937& random, std::size_t size) {
  constexpr std::string_view kSpecial = "\"\"\"\",,\n\n\r |\tx";
  std::string text;
  const std::size_t density = 1 + random() % 12;
  while (text.size() < size)
    text += random() % density == 0 ? kSpecial[random() % kSpecial.size()]
                                    : static_cast<char>('a' + random() % 3);
  return text;
}

void require_agreement(const std::string& text, const Syntax& syntax, std::size_t window) {
  const std::vector<PlainRecord> expected = PlainCsv(text, syntax).read();
  std::size_t record_ends = 0;
  const std::vector<PlainRecord> found = read_in_blocks(text, window, syntax, record_ends);
  REQUIRE(record_ends == expected.size());
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    CAPTURE(expected[i].original);
    REQUIRE(found[i] == expected[i]);
  }
}

}  // namespace

TEST_CASE("scan: takes whole records and counts their lines") {
  const Scan found = scan("a,b\n1,\"x\ny\"\n2,", false);
  CHECK(found.bytes == 12);
  CHECK(found.records == 2);
  CHECK(found.lines == 3);
}

TEST_CASE("scan: an unfinished record waits for more bytes, unless none follow") {
  CHECK(scan("a,b").bytes == 0);
  CHECK(scan("a,\"b\n").bytes == 0);
  CHECK(scan("a,b", true).bytes == 3);
  CHECK(scan("a,b", true).records == 1);
}

TEST_CASE("scan: a quote at the very end of the bytes may be the first of two") {
  CHECK(scan("\"a\"").bytes == 0);
  CHECK(scan("\"a\"", true).bytes == 3);
}

TEST_CASE("scan: a quote within an unquoted cell is a character like others") {
  CHECK(scan("5\" pipe\nb\n").records == 2);
  CHECK(scan("a \"b\nc\n").records == 2);
}

TEST_CASE("scan: an open quote at the end of the file costs its own line only") {
  const Scan found = scan("a\n\"b\nc\nd\n", true);
  CHECK(found.records == 4);
  CHECK(found.lines == 4);
}

TEST_CASE("scan: a quoted cell may span 100 lines, not 101") {
  const auto spanning = [](int lines) {
    std::string text = "\"";
    for (int i = 1; i < lines; ++i) text += "\n";
    return text + "\"\nnext\n";
  };
  CHECK(scan(spanning(100)).records == 2);
  CHECK(scan(spanning(101), true).records == 102);
}

TEST_CASE("scan: a quote must close within 64 KiB of its record's start") {
  const auto closing_at = [](std::size_t offset) {
    return "\"" + std::string(offset - 1, 'x') + "\"\nnext\n";
  };
  const std::size_t limit = kMaxQuotedBytes;
  CHECK(find_record_end(closing_at(limit - 1), 0, false, {}).kind == RecordEnd::Kind::complete);
  CHECK(find_record_end(closing_at(limit), 0, false, {}).kind == RecordEnd::Kind::unclosed);
  for (const std::size_t offset : {limit - 64, limit - 1, limit, limit + 64}) {
    CAPTURE(offset);
    for (const std::size_t window : {std::size_t{64}, std::size_t{100'000}, std::size_t{1} << 20})
      require_agreement("a\n" + closing_at(offset), {}, window);
  }
}

TEST_CASE("scan: records found do not depend on where the blocks are cut") {
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = random_text(random, random() % 400);
    Syntax syntax;
    syntax.is_padded = random() % 3 == 0;
    if (random() % 3 == 0) syntax.max_quoted_bytes = random() % 2 == 0 ? 40 : 1 << 20;
    if (random() % 3 == 0) syntax.max_quoted_lines = random() % 2 == 0 ? 3 : 1 << 20;
    if (random() % 5 == 0) syntax.delimiter = "|\t;"[random() % 3];
    if (random() % 8 == 0) syntax.quote = '\0';
    if (random() % 8 == 0) syntax.newline = '\r';
    CAPTURE(i);
    CAPTURE(text);
    require_agreement(text, syntax, 1 + random() % 300);
  }
}

TEST_CASE("scan: long records and many lost quotes are taken apart alike") {
  std::mt19937 random(11);
  for (int i = 0; i < 20; ++i) {
    std::string text;
    while (text.size() < 150'000) {
      text += random() % 40 == 0 ? "\"" : "";
      text += std::string(random() % 2000, 'x');
      text += random() % 3 == 0 ? "\n" : ",";
    }
    require_agreement(text, {}, 1 + random() % 50'000);
  }
}
