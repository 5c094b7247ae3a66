#include "core/written_number.h"

#include <doctest/doctest.h>

#include <map>

using namespace tallymill;

namespace {

std::string read(const std::string& text, NumberSigns signs = {}) {
  if (signs.currencies.empty()) signs.currencies = {"¥", "￥", "CNY", "元"};
  const Parsed<std::string> plain = plain_number(text, signs);
  return plain ? plain.value : std::string(to_string(plain.problem));
}

}  // namespace

TEST_CASE("written number: moving the point moves digits and drops zeros that say nothing") {
  CHECK(shift_point("12.50", 0) == "12.5");
  CHECK(shift_point("12.50", 4) == "125000");
  CHECK(shift_point("007", -3) == "0.007");
  CHECK(shift_point("0.00", 8) == "0");
  CHECK(shift_point("100", -2) == "1");
  CHECK(shift_point("5", -1) == "0.5");
}

TEST_CASE("written number: separators, signs, currencies and units") {
  const std::map<std::string, std::string> known{{"1234.50", "1234.5"},
                                                 {"1,234.50", "1234.5"},
                                                 {"12,345,678", "12345678"},
                                                 {" 7 ", "7"},
                                                 {"-1,234", "-1234"},
                                                 {"+5", "5"},
                                                 {"\xE2\x88\x92"
                                                  "5",
                                                  "-5"},
                                                 {"(1,234.50)", "-1234.5"},
                                                 {"1,234.50-", "-1234.5"},
                                                 {"¥ 99.90", "99.9"},
                                                 {"-¥5", "-5"},
                                                 {"¥-5", "-5"},
                                                 {"100元", "100"},
                                                 {"100元整", "100"},
                                                 {"(¥100.00)", "-100"},
                                                 {"3.5万", "35000"},
                                                 {"3.5万元", "35000"},
                                                 {"12亿", "1200000000"},
                                                 {"2千万", "20000000"},
                                                 {"1.2 百万", "1200000"},
                                                 {"0.5万亿", "500000000000"},
                                                 {"15k", "15000"},
                                                 {"CNY 1,000", "1000"},
                                                 {"-0.00", "0"},
                                                 {"007", "7"},
                                                 {"壹佰元整", "100"},
                                                 {"一百二十三", "123"},
                                                 {"¥一百", "100"}};
  for (const auto& [text, plain] : known) {
    CAPTURE(text);
    CHECK(read(text) == plain);
  }
}

TEST_CASE("written number: percent and per mille only where they are allowed") {
  const NumberSigns percent{.allows_percent = true};
  CHECK(read("12%", percent) == "0.12");
  CHECK(read("12.5 %", percent) == "0.125");
  CHECK(read("3‰", percent) == "0.003");
  CHECK(read("百分之三", percent) == "0.03");
  CHECK(read("12%") == "not_a_number");
  CHECK(read("百分之三") == "not_a_number");
}

TEST_CASE("written number: the other way of points and thousands") {
  const NumberSigns european{.thousands = '.', .point = ','};
  CHECK(read("1.234,50", european) == "1234.5");
  CHECK(read("1,234.50", european) == "not_a_number");
  CHECK(read("1 234", {.thousands = ' '}) == "1234");
}

TEST_CASE("written number: anything else is none") {
  for (const char* text :
       {"1,23", "1,2345", ",123",  "1234,567", "12,34,567", "1,234,", "1.2.3", "1.",   ".5",
        "1e5",  "0x1F",   "1_000", "$5",       "5 USD",     "--5",    "-5-",   "(-5)", "()",
        "-",    "¥",      "万",    "1 2",      "abc",       "5万万",  "１２",  "NaN",  "5元5角"}) {
    CAPTURE(text);
    CHECK(read(text) == "not_a_number");
  }
  CHECK(read("") == "empty");
  CHECK(read("  ") == "empty");
}

TEST_CASE("written number: what its unit makes too long to be read again is out of range") {
  CHECK(read(std::string(117, '9') + "万亿") == "out_of_range");
  CHECK(read(std::string(116, '9') + "万亿") == std::string(116, '9') + std::string(12, '0'));
}
