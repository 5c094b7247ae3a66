#include "core/money.h"

#include <doctest/doctest.h>

#include <random>

using namespace tallymill;

namespace {

std::string problem_of(std::string_view text, int precision = 18, int scale = 2,
                       bool trailing_zeros = false) {
  return std::string(to_string(parse_decimal(text, precision, scale, trailing_zeros).problem));
}

Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

}  // namespace

TEST_CASE("money: plain decimals become whole minor units") {
  CHECK(parse_money("12.30", 2).value == 1230);
  CHECK(parse_money("-12.3", 2).value == -1230);
  CHECK(parse_money("+5", 2).value == 500);
  CHECK(parse_money("0012.30", 2).value == 1230);
  CHECK(parse_money("-0.00", 2).value == 0);
  CHECK(parse_money("7", 0).value == 7);
  CHECK(parse_money("0.001", 3).value == 1);
  CHECK(parse_money("9999999999999999.99", 2).value == 999999999999999999);
}

TEST_CASE("money: what is no plain decimal is refused with the precise reason") {
  CHECK(problem_of("") == "empty");
  for (const char* text : {" 1",  "1 ",  "1,000", "1_000", ".5",  "5.", "0x10", "abc", "-",
                           "+",   ".",   "1.2.3", "--1",   "+-1", "1e", "e5",   "1e+", "5.e3",
                           "nan", "inf", "１２",  "¥5",    "(5)", "5-", "1e5x"})
    CHECK_MESSAGE(problem_of(text) == "not_a_number", text);
  for (const char* text : {"1e5", "1E5", "1.5e-3", "-2E+10"})
    CHECK_MESSAGE(problem_of(text) == "exponent", text);
}

TEST_CASE("money: surplus fraction digits are never rounded") {
  CHECK(problem_of("12.345") == "surplus_fraction_digits");
  CHECK(problem_of("12.300") == "surplus_fraction_digits");
  CHECK(problem_of("12.300", 18, 2, true) == "none");
  CHECK(parse_decimal("12.300", 18, 2, true).value == 1230);
  CHECK(problem_of("12.301", 18, 2, true) == "surplus_fraction_digits");
  CHECK(problem_of("5.0", 18, 0) == "surplus_fraction_digits");
  CHECK(problem_of("99999999999999999999.123") == "surplus_fraction_digits");
}

TEST_CASE("money: the range is that of the declared precision") {
  CHECK(problem_of("9999999999999999.99") == "none");
  CHECK(problem_of("10000000000000000.00") == "out_of_range");
  CHECK(problem_of("-10000000000000000") == "out_of_range");
  CHECK(problem_of("00000000000000000000000001.00") == "none");
  CHECK(problem_of(std::string(1000, '9')) == "out_of_range");
  CHECK(problem_of("9.9", 2, 1) == "none");
  CHECK(problem_of("10", 2, 1) == "out_of_range");
  CHECK(problem_of("0.5", 1, 1) == "none");
  CHECK(problem_of("1.5", 1, 1) == "out_of_range");
  const std::string largest = std::string(38, '9');
  CHECK(parse_decimal(largest, 38, 0).value == power_of_ten(38) - 1);
  CHECK(parse_decimal("-" + largest, 38, 0).value == -(power_of_ten(38) - 1));
  CHECK(problem_of("1" + std::string(38, '0'), 38, 0) == "out_of_range");
}

TEST_CASE("money: integers reach exactly as far as 64 bits") {
  CHECK(parse_integer("9223372036854775807").value == INT64_MAX);
  CHECK(parse_integer("-9223372036854775808").value == INT64_MIN);
  CHECK(parse_integer("9223372036854775808").problem == ParseProblem::out_of_range);
  CHECK(parse_integer("-9223372036854775809").problem == ParseProblem::out_of_range);
  CHECK(parse_integer("99999999999999999999").problem == ParseProblem::out_of_range);
  CHECK(parse_integer("010").value == 10);
  CHECK(parse_integer("3.7").problem == ParseProblem::surplus_fraction_digits);
  CHECK(parse_integer("1e3").problem == ParseProblem::exponent);
  CHECK(parse_integer("").problem == ParseProblem::empty);
}

TEST_CASE("money: amounts are printed with all their digits") {
  CHECK(format_decimal(1230, 2) == "12.30");
  CHECK(format_decimal(-5, 2) == "-0.05");
  CHECK(format_decimal(0, 2) == "0.00");
  CHECK(format_decimal(7, 0) == "7");
  CHECK(format_decimal(INT64_MIN, 2) == "-92233720368547758.08");
  constexpr Int128 kSmallest = static_cast<Int128>(UInt128{1} << 127);
  CHECK(format_decimal(kSmallest, 0) == "-170141183460469231731687303715884105728");
  CHECK(format_decimal(kSmallest, 38) == "-1.70141183460469231731687303715884105728");
  CHECK(format_amount(123450, 2) == "1,234.50");
  CHECK(format_amount(-99999, 2) == "-999.99");
  CHECK(format_amount(-100000, 2) == "-1,000.00");
  CHECK(format_amount(1234567, 0) == "1,234,567");
}

TEST_CASE("money: law: parsing what was printed gives the same amount at every scale") {
  std::mt19937_64 random(20260131);
  for (int scale = 0; scale <= 38; ++scale) {
    for (int i = 0; i < 500; ++i) {
      const Int128 wide = static_cast<Int128>((static_cast<UInt128>(random()) << 64) | random());
      const Int128 value = wide % power_of_ten(1 + i % 38);
      const std::string text = format_decimal(value, scale);
      CAPTURE(text);
      const Parsed<Int128> parsed = parse_decimal(text, 38, scale);
      REQUIRE(parsed);
      CHECK(parsed.value == value);
      CHECK(format_decimal(parsed.value, scale) == text);
    }
  }
}

TEST_CASE("money: law: no text parses to anything but itself in canonical form") {
  // Every text of up to five characters over the alphabet a number can hold.
  constexpr std::string_view kAlphabet = "+-.0159e ";
  std::size_t accepted = 0;
  for (int length = 1; length <= 5; ++length) {
    std::vector<std::size_t> digits(static_cast<std::size_t>(length), 0);
    while (true) {
      std::string text;
      for (std::size_t digit : digits) text += kAlphabet[digit];
      if (const auto parsed = parse_decimal(text, 5, 2)) {
        ++accepted;
        // The canonical text differs by an explicit plus, leading zeros and padding zeros only.
        std::string canonical = format_decimal(parsed.value, 2);
        std::string_view digits_only = text;
        const bool is_negative = digits_only[0] == '-';
        if (is_negative || digits_only[0] == '+') digits_only.remove_prefix(1);
        while (digits_only.size() > 1 && digits_only[0] == '0' && digits_only[1] != '.')
          digits_only.remove_prefix(1);
        std::string padded(digits_only);
        if (padded.find('.') == std::string::npos) padded += '.';
        while (padded.size() - padded.find('.') < 3) padded += '0';
        if (is_negative && parsed.value != 0) padded.insert(0, 1, '-');
        CHECK(canonical == padded);
      }
      std::size_t i = 0;
      while (i < digits.size() && ++digits[i] == kAlphabet.size()) digits[i++] = 0;
      if (i == digits.size()) break;
    }
  }
  // By hand: without a sign 4 + 16 + 80 + 192 + 576 texts of one to five characters, with each of
  // the two signs those of one to four.
  CHECK(accepted == 868 + 2 * 292);
}

TEST_CASE("money: arithmetic says when it overflows") {
  CHECK(checked_add(1, 2) == 3);
  CHECK(checked_add(INT64_MAX, 1) == std::nullopt);
  CHECK(checked_add(INT64_MIN, -1) == std::nullopt);
  CHECK(checked_multiply(-3, 4) == -12);
  CHECK(checked_multiply(INT64_MIN, -1) == std::nullopt);
}
