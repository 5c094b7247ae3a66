#include "core/money.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <utility>

namespace tallymill {

namespace {

constexpr std::array kProblemNames{
    std::pair{ParseProblem::none, std::string_view("none")},
    std::pair{ParseProblem::empty, std::string_view("empty")},
    std::pair{ParseProblem::not_a_number, std::string_view("not_a_number")},
    std::pair{ParseProblem::surplus_fraction_digits, std::string_view("surplus_fraction_digits")},
    std::pair{ParseProblem::exponent, std::string_view("exponent")},
    std::pair{ParseProblem::out_of_range, std::string_view("out_of_range")},
    std::pair{ParseProblem::not_a_date, std::string_view("not_a_date")},
    std::pair{ParseProblem::not_a_timestamp, std::string_view("not_a_timestamp")},
    std::pair{ParseProblem::not_a_boolean, std::string_view("not_a_boolean")},
    std::pair{ParseProblem::not_in_set, std::string_view("not_in_set")},
    std::pair{ParseProblem::ambiguous, std::string_view("ambiguous")},
    std::pair{ParseProblem::invalid_encoding, std::string_view("invalid_encoding")},
};

/// The parts of a plain decimal, as views into the text.
struct DecimalText {
  bool is_negative = false;
  std::string_view whole;     ///< without leading zeros
  std::string_view fraction;  ///< as written
  ParseProblem problem = ParseProblem::none;
};

std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  return count;
}

bool is_exponent(std::string_view text) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return false;
  text.remove_prefix(1);
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return !text.empty() && count_digits(text) == text.size();
}

DecimalText take_apart(std::string_view text) {
  DecimalText parts;
  if (text.empty()) {
    parts.problem = ParseProblem::empty;
    return parts;
  }
  parts.is_negative = text[0] == '-';
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  parts.whole = text.substr(0, count_digits(text));
  text.remove_prefix(parts.whole.size());
  bool is_plain = !parts.whole.empty();
  if (is_plain && !text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    parts.fraction = text.substr(0, count_digits(text));
    text.remove_prefix(parts.fraction.size());
    is_plain = !parts.fraction.empty();
  }
  if (!is_plain || !text.empty())
    parts.problem =
        is_plain && is_exponent(text) ? ParseProblem::exponent : ParseProblem::not_a_number;
  parts.whole.remove_prefix(std::min(parts.whole.find_first_not_of('0'), parts.whole.size()));
  return parts;
}

/// `whole` and `fraction` as one number of 10^-scale. The caller knows that it fits.
template <class Unsigned>
Unsigned accumulate(std::string_view whole, std::string_view fraction, std::size_t scale) {
  Unsigned value = 0;
  for (char c : whole) value = value * 10 + static_cast<Unsigned>(c - '0');
  for (std::size_t i = 0; i < scale; ++i)
    value = value * 10 + static_cast<Unsigned>(i < fraction.size() ? fraction[i] - '0' : 0);
  return value;
}

/// The digits of |value|, at least `minimum` of them.
std::string magnitude_digits(Int128 value, std::size_t minimum) {
  // Negating the unsigned form is also right for the smallest value.
  auto magnitude = static_cast<UInt128>(value);
  if (value < 0) magnitude = UInt128{0} - magnitude;
  std::string digits;
  while (magnitude > 0 || digits.size() < minimum) {
    digits += static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  }
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace

std::string_view to_string(ParseProblem problem) {
  for (const auto& [value, name] : kProblemNames)
    if (value == problem) return name;
  return "none";
}

Parsed<Int128> parse_decimal(std::string_view text, int precision, int scale, bool trailing_zeros) {
  assert(precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision);
  DecimalText parts = take_apart(text);
  if (parts.problem != ParseProblem::none) return {0, parts.problem};
  const auto fraction_digits = static_cast<std::size_t>(scale);
  if (parts.fraction.size() > fraction_digits) {
    const std::string_view surplus = parts.fraction.substr(fraction_digits);
    if (!trailing_zeros || surplus.find_first_not_of('0') != std::string_view::npos)
      return {0, ParseProblem::surplus_fraction_digits};
    parts.fraction = parts.fraction.substr(0, fraction_digits);
  }
  const std::size_t digits = parts.whole.size() + fraction_digits;
  if (parts.whole.size() > static_cast<std::size_t>(precision - scale))
    return {0, ParseProblem::out_of_range};
  const Int128 value =
      digits <= 18
          ? static_cast<Int128>(
                accumulate<std::uint64_t>(parts.whole, parts.fraction, fraction_digits))
          : static_cast<Int128>(accumulate<UInt128>(parts.whole, parts.fraction, fraction_digits));
  return {parts.is_negative ? -value : value, ParseProblem::none};
}

Parsed<std::int64_t> parse_money(std::string_view text, int scale) {
  const Parsed<Int128> parsed = parse_decimal(text, 18, scale);
  return {static_cast<std::int64_t>(parsed.value), parsed.problem};
}

Parsed<std::int64_t> parse_integer(std::string_view text) {
  const Parsed<Int128> parsed = parse_decimal(text, 19, 0);
  if (!parsed) return {0, parsed.problem};
  if (parsed.value < std::numeric_limits<std::int64_t>::min() ||
      parsed.value > std::numeric_limits<std::int64_t>::max())
    return {0, ParseProblem::out_of_range};
  return {static_cast<std::int64_t>(parsed.value), ParseProblem::none};
}

std::string format_decimal(Int128 value, int scale) {
  assert(scale >= 0);
  const auto fraction_digits = static_cast<std::size_t>(scale);
  std::string digits = magnitude_digits(value, fraction_digits + 1);
  if (scale > 0) digits.insert(digits.size() - fraction_digits, 1, '.');
  return value < 0 ? "-" + digits : digits;
}

std::string format_amount(Int128 value, int scale) {
  std::string text = format_decimal(value, scale);
  const std::size_t first = value < 0 ? 1 : 0;
  const std::size_t point = std::min(text.find('.'), text.size());
  for (std::size_t i = point; i > first + 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

std::optional<std::int64_t> checked_multiply(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

}  // namespace tallymill
