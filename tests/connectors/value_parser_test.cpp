#include "connectors/value_parser.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "core/time/date.h"

using namespace tallymill;

namespace {

ParseProblem problem(const Type& type, std::string_view text, const std::string& pattern = {}) {
  ParsedValue value;
  return ValueParser(type, pattern).parse(text, value);
}

std::int64_t number(const Type& type, std::string_view text, const std::string& pattern = {}) {
  ParsedValue value;
  REQUIRE(ValueParser(type, pattern).parse(text, value) == ParseProblem::none);
  return value.number;
}

}  // namespace

TEST_CASE("value parser: money is exact minor units and never rounded") {
  CHECK(number(Type::money(2), "12.3") == 1230);
  CHECK(number(Type::money(2), "-0.05") == -5);
  CHECK(number(Type::money(2), "9999999999999999.99") == 999'999'999'999'999'999);
  CHECK(problem(Type::money(2), "12.345") == ParseProblem::surplus_fraction_digits);
  CHECK(problem(Type::money(2), "12.300") == ParseProblem::surplus_fraction_digits);
  CHECK(problem(Type::money(2), "1e3") == ParseProblem::exponent);
  CHECK(problem(Type::money(2), "1,000.00") == ParseProblem::not_a_number);
  CHECK(problem(Type::money(2), " 1.00") == ParseProblem::not_a_number);
  CHECK(problem(Type::money(2), "10000000000000000.00") == ParseProblem::out_of_range);
  CHECK(problem(Type::money(2), "") == ParseProblem::empty);
}

TEST_CASE("value parser: the declared precision of a decimal counts, leading zeros do not") {
  CHECK(number(Type::decimal(4, 2), "12.34") == 1234);
  CHECK(number(Type::decimal(4, 2), "0012.34") == 1234);
  CHECK(problem(Type::decimal(4, 2), "123.45") == ParseProblem::out_of_range);
}

TEST_CASE("value parser: wide decimals keep all their digits") {
  ParsedValue value;
  const ValueParser parser(Type::decimal(38, 4));
  REQUIRE(parser.layout() == ValueParser::Layout::wide);
  REQUIRE(parser.parse("1234567890123456789012345678901234.5678", value) == ParseProblem::none);
  CHECK(format_decimal(exact_number(parser, value), 4) ==
        "1234567890123456789012345678901234.5678");
}

TEST_CASE("value parser: dates exist or are refused") {
  CHECK(number(Type::date(), "2024-02-29") == Date::from_civil(2024, 2, 29).days);
  for (const char* text : {"2023-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "0000-01-01",
                           "20240101", "2024-01-01 ", "2024/01/01"}) {
    CAPTURE(text);
    CHECK(problem(Type::date(), text) == ParseProblem::not_a_date);
  }
  CHECK(number(Type::date(), "20240229", "%Y%m%d") == Date::from_civil(2024, 2, 29).days);
  CHECK(problem(Type::date(), "2024-02-29", "%Y%m%d") == ParseProblem::not_a_date);
}

TEST_CASE("value parser: booleans are true, false, 1 or 0") {
  CHECK(number(Type::boolean(), "TRUE") == 1);
  CHECK(number(Type::boolean(), "0") == 0);
  CHECK(problem(Type::boolean(), "yes") == ParseProblem::not_a_boolean);
  CHECK(problem(Type::boolean(), "tru") == ParseProblem::not_a_boolean);
}

TEST_CASE("value parser: an enumeration takes its values only") {
  const Type type{TypeKind::enumeration, 0, 0, {"a", "支出"}};
  CHECK(problem(type, "支出") == ParseProblem::none);
  CHECK(problem(type, "A") == ParseProblem::not_in_set);
}

// The short paths exist for speed alone: they may never decide otherwise than core's parsers.
TEST_CASE("value parser: short paths agree with the parsers of core on near-numbers") {
  std::mt19937 random(3);
  constexpr std::string_view kNumeric = "0123456789.-+e ,";
  constexpr std::string_view kTimes = "0123456789-: T";
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    const std::size_t size = random() % 22;
    while (text.size() < size) text += kNumeric[random() % (random() % 3 == 0 ? 16 : 11)];
    CAPTURE(text);
    ParsedValue value;
    const auto integer = parse_integer(text);
    REQUIRE(ValueParser(Type::integer()).parse(text, value) == integer.problem);
    if (integer) REQUIRE(value.number == integer.value);
    const int scale = static_cast<int>(random() % 5);
    const auto money = parse_money(text, scale);
    REQUIRE(ValueParser(Type::money(scale)).parse(text, value) == money.problem);
    if (money) REQUIRE(value.number == money.value);
  }
  for (int i = 0; i < 200'000; ++i) {
    std::string text = "2024-02-29 23:59:59";
    for (int k = static_cast<int>(random() % 4); k > 0; --k)
      text[random() % text.size()] = kTimes[random() % kTimes.size()];
    if (random() % 5 == 0) text.resize(random() % text.size());
    CAPTURE(text);
    ParsedValue value;
    const auto timestamp = parse_timestamp(text);
    REQUIRE(ValueParser(Type::timestamp()).parse(text, value) == timestamp.problem);
    if (timestamp) REQUIRE(value.number == timestamp.value);
    text.resize(std::min<std::size_t>(text.size(), 10));
    const auto date = parse_date(text);
    REQUIRE(ValueParser(Type::date()).parse(text, value) == date.problem);
    if (date) REQUIRE(value.number == date.value.days);
  }
}
