#include "core/text.h"

#include <doctest/doctest.h>

#include "core/utf8.h"

using namespace tallymill;
using namespace std::chrono_literals;

TEST_CASE("text: the nearest name is the likely misspelling, and only that") {
  const std::vector<std::string> names{"column", "columns", "max_ratio", "of", "on_fail", "pool"};
  CHECK(nearest_name("colum", names) == "column");
  CHECK(nearest_name("clumn", names) == "column");
  CHECK(nearest_name("coulmn", names) == "column");  // neighbours swapped
  CHECK(nearest_name("Max-Ratio", names) == "max_ratio");
  CHECK(nearest_name("onfail", names) == "on_fail");
  CHECK(nearest_name("pol", names) == "pool");
  CHECK(nearest_name("receivers", names) == std::nullopt);
  CHECK(nearest_name("by", names) == std::nullopt);
  CHECK(nearest_name("x", {}) == std::nullopt);
  CHECK(did_you_mean("colum", names) == "did you mean 'column'?");
  CHECK(did_you_mean("zzz", names) == "");
}

TEST_CASE("text: among equally near names the smaller one is named") {
  CHECK(nearest_name("job_x", std::vector<std::string>{"job_b", "job_a"}) == "job_a");
}

TEST_CASE("text: identifiers") {
  for (const char* yes : {"a", "_", "A9_z"}) CHECK_MESSAGE(is_identifier(yes), yes);
  for (const char* no : {"", "9a", "a-b", "a.b", "名", " a"}) CHECK_MESSAGE(!is_identifier(no), no);
}

TEST_CASE("text: UTF-8 is judged strictly") {
  for (const char* yes : {"", "abc", "中文", "é", "\xF0\x9F\x98\x80", "abcdefgh中ijklmnop"})
    CHECK_MESSAGE(is_valid_utf8(yes), yes);
  for (const char* no : {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                         "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "abcdefgh\xFF", "\xD6\xD0"})
    CHECK_MESSAGE(!is_valid_utf8(no), no);
  CHECK(find_invalid_utf8("12345678\xE4\xB8\xAD\xFFz") == 11);
  CHECK(find_invalid_utf8("12345") == 5);
}

TEST_CASE("text: wide characters take two columns, combining marks and controls none") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("客户A") == 5);
  CHECK(display_width("１２，") == 6);
  CHECK(display_width("한국") == 4);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("\xF0\x9F\x98\x80") == 2);
  CHECK(display_width("a\x1B[") == 2);
  CHECK(display_width("\xFF") == 1);
  CHECK(count_characters("客户A\xFF") == 4);
}

TEST_CASE("text: join, split and trim") {
  CHECK(join(std::vector<std::string>{"a", "b", "c"}, ", ") == "a, b, c");
  CHECK(join({}, ", ") == "");
  CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string>{""});
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim(" \n") == "");
}

TEST_CASE("text: percent encoding makes any value one path component, and only one value each") {
  CHECK(percent_encode("gz-01_a.b") == "gz-01_a.b");
  CHECK(percent_encode("..") == "%2E.");
  CHECK(percent_encode(".hidden") == "%2Ehidden");
  CHECK(percent_encode("a/b") == "a%2Fb");
  CHECK(percent_encode("100%") == "100%25");
  CHECK(percent_encode("广") == "%E5%B9%BF");
}

TEST_CASE("text: SQL quoting doubles the quotes") {
  CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
  CHECK(quote_literal("it's") == "'it''s'");
}

TEST_CASE("text: durations have one number and one unit") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("30s") == 30s);
  CHECK(parse_duration("10m") == 10min);
  CHECK(parse_duration("2h") == 2h);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("0s") == 0s);
  for (const char* no : {"", "s", "10", "-1s", "+1s", "1.5h", "1h30m", "1 h", "1w", "1S",
                         "9223372036854775807d", "99999999999999999999s"})
    CHECK_MESSAGE(!parse_duration(no), no);
}

TEST_CASE("text: a formatted duration is the shortest that reads back as the same") {
  CHECK(format_duration(0ms) == "0s");
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(120s) == "2m");
  CHECK(format_duration(48h) == "2d");
  CHECK(format_duration(1500ms) == "1500ms");
  for (std::int64_t ms = 1; ms < 100'000'000'000; ms = ms * 3 + 1)
    CHECK(parse_duration(format_duration(std::chrono::milliseconds(ms))) ==
          std::chrono::milliseconds(ms));
}

TEST_CASE("text: digits are grouped by three") {
  CHECK(group_digits(0) == "0");
  CHECK(group_digits(999) == "999");
  CHECK(group_digits(1000) == "1,000");
  CHECK(group_digits(-123456) == "-123,456");
  CHECK(group_digits(1234567) == "1,234,567");
  CHECK(group_digits(INT64_MIN) == "-9,223,372,036,854,775,808");
}
