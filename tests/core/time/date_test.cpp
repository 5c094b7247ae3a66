#include "core/time/date.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "core/error.h"

using namespace tallymill;

namespace {

std::string problem_of_timestamp(std::string_view text, std::string_view pattern = {}) {
  return std::string(to_string(parse_timestamp(text, pattern).problem));
}

/// The timestamp as canonical text, to keep the tests readable.
std::string read_timestamp(std::string_view text, std::string_view pattern = {}) {
  const auto parsed = parse_timestamp(text, pattern);
  return parsed ? format_timestamp(parsed.value) : std::string(to_string(parsed.problem));
}

}  // namespace

TEST_CASE("date: days are counted from 1970") {
  CHECK(Date::from_civil(1970, 1, 1).days == 0);
  CHECK(Date::from_civil(2026, 1, 31).days == 20484);
  CHECK(Date::from_civil(1969, 12, 31).days == -1);
  CHECK(Date::from_civil(2026, 1, 31).iso_weekday() == 6);
  CHECK(Date::from_civil(2026, 2, 1).iso_weekday() == 7);
}

TEST_CASE("date: law: every day of four centuries reads back, and the next one is larger") {
  Date date = Date::from_civil(1800, 1, 1);
  const Date end = Date::from_civil(2200, 1, 1);
  for (; date < end; ++date.days) {
    const Parsed<Date> parsed = parse_date(date.text());
    REQUIRE(parsed);
    REQUIRE(parsed.value == date);
    REQUIRE(Date::from_civil(date.year(), date.month(), date.day()) == date);
  }
}

TEST_CASE("date: leap years") {
  CHECK(days_in_month(2024, 2) == 29);
  CHECK(days_in_month(2026, 2) == 28);
  CHECK(days_in_month(1900, 2) == 28);
  CHECK(days_in_month(2000, 2) == 29);
  CHECK(parse_date("2024-02-29"));
  CHECK_FALSE(parse_date("2026-02-29"));
  CHECK_FALSE(parse_date("1900-02-29"));
}

TEST_CASE("date: only YYYY-MM-DD is a date") {
  CHECK(parse_date("").problem == ParseProblem::empty);
  for (const char* text : {"2026-1-31", "2026/01/31", "20260131", "2026-01-32", "2026-00-10",
                           "2026-13-01", "0000-01-01", "2026-01-31 ", " 2026-01-31", "2026-01-31T",
                           "-026-01-31", "10000-01-01", "2026-01"})
    CHECK_MESSAGE(parse_date(text).problem == ParseProblem::not_a_date, text);
}

TEST_CASE("date: days that do not exist cannot be made") {
  CHECK_THROWS_WITH_AS(Date::from_civil(2026, 2, 29),
                       "error: there is no day 2026-2-29; dates reach from year 1 to 9999", Error);
  CHECK_THROWS_AS(Date::from_civil(0, 1, 1), Error);
  CHECK_THROWS_AS(Date::from_civil(2026, 0, 1), Error);
}

TEST_CASE("date: adding months keeps the day or takes the last of the month") {
  CHECK(add_months(Date::from_civil(2026, 1, 31), 1).text() == "2026-02-28");
  CHECK(add_months(Date::from_civil(2024, 1, 31), 1).text() == "2024-02-29");
  CHECK(add_months(Date::from_civil(2026, 1, 31), -1).text() == "2025-12-31");
  CHECK(add_months(Date::from_civil(2026, 3, 30), -13).text() == "2025-02-28");
  CHECK(add_months(Date::from_civil(2026, 11, 15), 14).text() == "2028-01-15");
  CHECK(add_months(Date::from_civil(2026, 5, 31), 0).text() == "2026-05-31");
  CHECK(add_months(Date::from_civil(2026, 1, 1), -12 * 2025).text() == "0001-01-01");
  CHECK_THROWS_WITH_AS(add_months(Date::from_civil(2026, 1, 1), -12 * 2025 - 1),
                       "error: -24301 months from 2026-01-01 leave the years 1 to 9999", Error);
  CHECK_THROWS_AS(add_months(Date::from_civil(2026, 1, 1), INT32_MAX), Error);
  CHECK_THROWS_AS(add_months(Date::from_civil(2026, 1, 1), INT32_MIN), Error);
}

TEST_CASE("date: ISO timestamps, with fraction and zone") {
  CHECK(parse_timestamp("1970-01-01T00:00:01").value == 1'000'000);
  CHECK(read_timestamp("2026-01-31 08:05:00") == "2026-01-31T08:05:00Z");
  CHECK(read_timestamp("2026-01-31T08:05:00Z") == "2026-01-31T08:05:00Z");
  CHECK(read_timestamp("2026-01-31T08:05:00+08:00") == "2026-01-31T00:05:00Z");
  CHECK(read_timestamp("2026-01-31T20:05:00-05:30") == "2026-02-01T01:35:00Z");
  CHECK(read_timestamp("2026-01-31T08:05:00.5") == "2026-01-31T08:05:00.5Z");
  CHECK(read_timestamp("2026-01-31T08:05:00.000001+08:00") == "2026-01-31T00:05:00.000001Z");
  CHECK(read_timestamp("1969-12-31T23:59:59.999999") == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("date: what is no timestamp is refused") {
  CHECK(problem_of_timestamp("") == "empty");
  for (const char* text :
       {"2026-01-31", "2026-01-31T08:05", "2026-01-31T24:00:00", "2026-01-31T08:60:00",
        "2026-01-31T08:05:60", "2026-01-31T08:05:00.", "2026-01-31T08:05:00 Z",
        "2026-01-31T08:05:00+8:00", "2026-01-31T08:05:00+24:00", "2026-01-31T08:05:00+0800",
        "2026-02-30T08:05:00", "2026-01-31  08:05:00", "2026-01-31T08:05:00.1234567", "0"})
    CHECK_MESSAGE(problem_of_timestamp(text) == "not_a_timestamp", text);
}

TEST_CASE("date: patterns read the forms that files have") {
  CHECK(read_timestamp("12/1/2010 8:26", "%m/%d/%Y %H:%M") == "2010-12-01T08:26:00Z");
  CHECK(read_timestamp("20260131080500", "%Y%m%d%H%M%S") == "2026-01-31T08:05:00Z");
  CHECK(read_timestamp("2026年1月31日", "%Y年%m月%d日") == "2026-01-31T00:00:00Z");
  CHECK(parse_date("31.01.2026", "%d.%m.%Y").value.text() == "2026-01-31");
  CHECK(parse_date("100% 2026-01-31", "100%% %Y-%m-%d").value.text() == "2026-01-31");
  CHECK(parse_date("2026-01-31 08:05:00", "%Y-%m-%d %H:%M:%S").value.text() == "2026-01-31");
  CHECK(parse_date("2026-01-31", "").value.text() == "2026-01-31");
}

TEST_CASE("date: a pattern must match to the last character") {
  CHECK(parse_date("31.01.2026x", "%d.%m.%Y").problem == ParseProblem::not_a_date);
  CHECK(parse_date("31.02.2026", "%d.%m.%Y").problem == ParseProblem::not_a_date);
  CHECK(parse_date("31.01.26", "%d.%m.%Y").problem == ParseProblem::not_a_date);
  CHECK(parse_date("", "%d.%m.%Y").problem == ParseProblem::empty);
  // Beside another directive two digits are needed: 2026121 could be two days.
  CHECK(parse_date("2026121", "%Y%m%d").problem == ParseProblem::not_a_date);
  CHECK(parse_date("001.01.2026", "%d.%m.%Y").problem == ParseProblem::not_a_date);
  CHECK(problem_of_timestamp("2026-01-31 25:00", "%Y-%m-%d %H:%M") == "not_a_timestamp");
}

TEST_CASE("date: a pattern taken apart once reads what it reads text by text") {
  const TimestampPattern minutes("%Y-%m-%d %H:%M");
  CHECK(minutes.date_of("2026-01-31 8:05").value.text() == "2026-01-31");
  CHECK(format_timestamp(minutes.timestamp_of("2026-01-31 8:05").value) == "2026-01-31T08:05:00Z");
  for (const char* text : {"2026-01-31 8:05:00", "2026-01-31", "2026-01-31 24:00", "26-01-31 8:05"})
    CHECK_MESSAGE(minutes.timestamp_of(text).problem == ParseProblem::not_a_timestamp, text);
  CHECK(minutes.date_of("").problem == ParseProblem::empty);
  CHECK(TimestampPattern("%d%%%m%%%Y").date_of("31%01%2026").value.text() == "2026-01-31");
}

TEST_CASE("date: a wrong pattern is explained to its author before the first row") {
  CHECK(timestamp_pattern_problem("%Y-%m-%d %H:%M:%S") == "");
  CHECK(timestamp_pattern_problem("%Y-%m-%d %I") ==
        "unknown directive '%I' in pattern; known are %Y %m %d %H %M %S and %%");
  CHECK(timestamp_pattern_problem("%Y-%m") ==
        "the pattern has no '%d'; a date needs %Y, %m and %d");
  CHECK(timestamp_pattern_problem("%Y-%m-%d %") ==
        "the pattern ends in a lone '%'; write '%%' for the sign");
  CHECK(timestamp_pattern_problem("%Y-%m-%d %m") == "directive '%m' stands twice in the pattern");
  CHECK_THROWS_AS(parse_date("x", "%q"), std::logic_error);
  CHECK_THROWS_AS(TimestampPattern("%Y%"), std::logic_error);
}
