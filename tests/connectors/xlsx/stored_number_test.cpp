#include "connectors/xlsx/stored_number.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

using namespace tallymill;
using namespace tallymill::xlsx;

namespace {

std::string shown(std::string_view stored) {
  const auto number = number_text(stored);
  if (!number) return "none";
  return number->text + (number->is_inexact ? " inexact" : "");
}

std::string date(std::string_view serial, DateStyle style = DateStyle::date, bool is_1904 = false) {
  return date_text(*StoredNumber::parse(serial), style, is_1904).value_or("none");
}

}  // namespace

TEST_CASE("stored number: up to 15 digits are taken as they are written") {
  CHECK(shown("12.30") == "12.30");
  CHECK(shown("-0.005") == "-0.005");
  CHECK(shown("999999999999999") == "999999999999999");
  CHECK(shown("9999999999999.99") == "9999999999999.99");
  CHECK(shown("0") == "0");
  CHECK(shown("-0") == "0");
}

TEST_CASE("stored number: other ways to write one become plain decimals") {
  CHECK(shown("1E-3") == "0.001");
  CHECK(shown("1.25e+3") == "1250");
  CHECK(shown(".5") == "0.5");
  CHECK(shown("5.") == "5");
  CHECK(shown("+7") == "7");
  CHECK(shown("1E+21") == "1000000000000000000000");
}

TEST_CASE("stored number: a binary fraction is the one short decimal that it stands for") {
  CHECK(shown("1.1000000000000001") == "1.1");
  CHECK(shown("12.300000000000001") == "12.3");
  CHECK(shown("9.949999999999999") == "9.95");
  CHECK(shown("8.4100000000000001") == "8.41");
}

TEST_CASE("stored number: what arithmetic left, or no spreadsheet keeps, is inexact") {
  CHECK(shown("0.30000000000000004") == "0.30000000000000004 inexact");
  CHECK(shown("100000000000000.01") == "100000000000000.01 inexact");
  CHECK(shown("123456789012345678") == "123456789012345678 inexact");
  CHECK(shown("1E+300") == "1E+300 inexact");
}

TEST_CASE("stored number: every amount to the cent comes back from 17 digits") {
  for (long long cents = -200'000; cents <= 200'000; cents += 7) {
    char stored[64];
    std::snprintf(stored, sizeof stored, "%.17g", static_cast<double>(cents) / 100);
    const auto number = StoredNumber::parse(number_text(stored)->text);
    CAPTURE(cents);
    CAPTURE(stored);
    REQUIRE(number);
    CHECK(!number_text(stored)->is_inexact);
    const std::string text = number->plain();
    const auto expected = StoredNumber::parse(std::to_string(cents) + "E-2");
    CHECK(text == expected->plain());
  }
}

TEST_CASE("stored number: what is none is refused") {
  for (const char* text : {"", "-", ".", "1,5", "0x10", "1e", "1e999", "nan", "12.30.1", " 1"})
    CHECK(shown(text) == "none");
}

TEST_CASE("stored date: serial numbers become days of the calendar they are of") {
  CHECK(date("46053") == "2026-01-31");
  CHECK(date("1") == "1900-01-01");
  CHECK(date("59") == "1900-02-28");
  CHECK(date("61") == "1900-03-01");
  CHECK(date("2958465") == "9999-12-31");
  CHECK(date("0", DateStyle::date, true) == "1904-01-01");
  CHECK(date("44591", DateStyle::date, true) == "2026-01-31");
}

TEST_CASE("stored date: a day that does not exist has no text") {
  CHECK(date("60") == "none");
  CHECK(date("0") == "none");
  CHECK(date("-1") == "none");
  CHECK(date("2958466") == "none");
  CHECK(date("1E+20") == "none");
}

TEST_CASE("stored date: times of day are exact to the millisecond, never a minute off") {
  CHECK(date("46053.336805555555", DateStyle::date_time) == "2026-01-31T08:05:00");
  CHECK(date("46053.99998842593", DateStyle::date_time) == "2026-01-31T23:59:59");
  CHECK(date("46053.999999999", DateStyle::date_time) == "2026-02-01T00:00:00");
  CHECK(date("46053", DateStyle::date_time) == "2026-01-31T00:00:00");
  CHECK(date("46053.25", DateStyle::date) == "2026-01-31T06:00:00");
  CHECK(date("0.336805555555556", DateStyle::time) == "08:05:00");
  CHECK(date("0.5000028935185185", DateStyle::time) == "12:00:00.250");
  CHECK(date("46053.5", DateStyle::time) == "2026-01-31T12:00:00");
  CHECK(date("1.1041666666666667", DateStyle::elapsed) == "26:30:00");
}

TEST_CASE("stored date: every minute of a day comes back from its serial number") {
  for (int minute = 0; minute < 1440; ++minute) {
    char serial[64];
    std::snprintf(serial, sizeof serial, "%.17g", 46053 + minute / 1440.0);
    char expected[64];
    std::snprintf(expected, sizeof expected, "2026-01-31T%02d:%02d:00", minute / 60, minute % 60);
    CHECK(date(serial, DateStyle::date_time) == expected);
  }
}

TEST_CASE("date format: which codes show a date") {
  const auto style = [](std::string_view code) { return static_cast<int>(date_style_of(code)); };
  const auto is = [](DateStyle wanted) { return static_cast<int>(wanted); };
  for (const char* code : {"yyyy-mm-dd", "d/m/yy", "mmm yyyy", "[$-804]yyyy\"年\"m\"月\"", "m\\/d",
                           "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy"})
    CHECK_MESSAGE(style(code) == is(DateStyle::date), code);
  for (const char* code : {"h:mm", "mm:ss.0", "h:mm AM/PM", "上午/下午h\"时\"mm\"分\""})
    CHECK_MESSAGE(style(code) == is(DateStyle::time), code);
  for (const char* code : {"yyyy-mm-dd hh:mm:ss", "d.m.yyyy h:mm"})
    CHECK_MESSAGE(style(code) == is(DateStyle::date_time), code);
  for (const char* code : {"[h]:mm", "[mm]:ss"})
    CHECK_MESSAGE(style(code) == is(DateStyle::elapsed), code);
  for (const char* code :
       {"General", "GENERAL", "0.00", "#,##0.00_);[Red](#,##0.00)", "0.00E+00", "@", "0%",
        "\"day\" 0", "[Red]0", "0.0 m", "_-* #,##0.00\\ \"kr\"_-", "# ?/?", "", "\"", "[", "\\"})
    CHECK_MESSAGE(style(code) == is(DateStyle::none), code);
}
