#include "connectors/xlsx/stored_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "core/ascii.h"
#include "core/money.h"
#include "core/text.h"
#include "core/time/date.h"

namespace tallymill::xlsx {
namespace {

/// What a double, and so every spreadsheet, keeps of any decimal number.
constexpr std::size_t kKeptDigits = 15;
constexpr int kMostExponent = 400;  ///< beyond that of any double
constexpr int kMostPlainZeros = 40;

constexpr std::int64_t kDayMillis = 86'400'000;
constexpr std::int64_t kLastDay1900 = 2'958'465;  ///< 9999-12-31
constexpr std::int64_t kDayThatIsNone = 60;       ///< 1900-02-29

std::string_view take_digits(std::string_view& text) {
  const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// The exponent at the front of `text`; empty if it is none or of no number there is.
std::optional<int> take_exponent(std::string_view& text) {
  const bool is_negative = text.starts_with('-');
  take(text, "+-");
  const std::string_view digits = take_digits(text);
  int exponent = 0;
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (problem != std::errc() || exponent > kMostExponent) return std::nullopt;
  return is_negative ? -exponent : exponent;
}

std::string two_digits(std::int64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

std::string clock_text(std::int64_t millis) {
  const std::int64_t seconds = millis / 1000;
  std::string text = two_digits(seconds / 3600) + ":" + two_digits(seconds / 60 % 60) + ":" +
                     two_digits(seconds % 60);
  if (millis % 1000 != 0) text += "." + std::to_string(1000 + millis % 1000).substr(1);
  return text;
}

/// Whole milliseconds, half up. Empty if far out of any calendar.
std::optional<std::int64_t> millis_of(const StoredNumber& serial) {
  constexpr std::size_t kMostFraction = 20;
  if (serial.digits.empty()) return 0;
  if (serial.is_negative) return std::nullopt;
  const int point = static_cast<int>(serial.digits.size()) + serial.exponent;
  if (point > 9) return std::nullopt;
  if (point < -static_cast<int>(kMostFraction)) return 0;
  std::string digits = serial.digits;
  if (point < 0) digits.insert(0, static_cast<std::size_t>(-point), '0');
  const std::size_t whole_size = static_cast<std::size_t>(std::max(point, 0));
  if (digits.size() < whole_size) digits.append(whole_size - digits.size(), '0');
  digits.resize(std::min(digits.size(), whole_size + kMostFraction));
  Int128 scaled = 0;
  Int128 unit = 1;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    scaled = scaled * 10 + (digits[i] - '0');
    if (i >= whole_size) unit *= 10;
  }
  return static_cast<std::int64_t>((scaled / unit) * kDayMillis +
                                   ((scaled % unit) * kDayMillis * 2 + unit) / (unit * 2));
}

/// The day a serial number stands for; empty if there is none.
std::optional<Date> day_of(std::int64_t serial, bool is_1904) {
  if (is_1904) {
    constexpr std::int64_t kDaysBetween = 1462;
    if (serial > kLastDay1900 - kDaysBetween) return std::nullopt;
    return Date{Date::from_civil(1904, 1, 1).days + static_cast<std::int32_t>(serial)};
  }
  if (serial < 1 || serial > kLastDay1900 || serial == kDayThatIsNone) return std::nullopt;
  const auto days = static_cast<std::int32_t>(serial < kDayThatIsNone ? serial : serial - 1);
  return Date{Date::from_civil(1899, 12, 31).days + days};
}

/// Plain, of so few digits that it is exact: as nearly all numbers are.
bool is_short_plain(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.size() > kKeptDigits || !is_digit(text.front()) ||
      !is_digit(text.back()))
    return false;
  bool has_point = false;
  for (const char c : text) {
    if (!is_digit(c) && (c != '.' || std::exchange(has_point, true))) return false;
  }
  return text != "0";  // which may have a minus in front
}

}  // namespace

std::optional<StoredNumber> StoredNumber::parse(std::string_view text) {
  StoredNumber number;
  number.is_negative = text.starts_with('-');
  take(text, "+-");
  number.digits = take_digits(text);
  if (take(text, ".")) {
    const std::string_view fraction = take_digits(text);
    number.digits += fraction;
    if (fraction.size() > 10'000) return std::nullopt;
    number.exponent = -static_cast<int>(fraction.size());
  }
  if (number.digits.empty()) return std::nullopt;
  if (take(text, "eE")) {
    const auto exponent = take_exponent(text);
    if (!exponent) return std::nullopt;
    number.exponent += *exponent;
  }
  if (!text.empty()) return std::nullopt;
  const std::size_t last = number.digits.find_last_not_of('0');
  if (last == std::string::npos) return StoredNumber{};
  number.exponent += static_cast<int>(number.digits.size() - last - 1);
  number.digits.erase(last + 1);
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  return number;
}

std::string StoredNumber::plain() const {
  if (digits.empty()) return "0";
  std::string text = digits;
  if (exponent >= 0) {
    text.append(static_cast<std::size_t>(exponent), '0');
  } else {
    const auto fraction = static_cast<std::size_t>(-exponent);
    if (text.size() <= fraction) text.insert(0, fraction + 1 - text.size(), '0');
    text.insert(text.size() - fraction, ".");
  }
  return (is_negative ? "-" : "") + text;
}

std::optional<NumberText> number_text(std::string_view text) {
  if (is_short_plain(text)) return NumberText{std::string(text), false};
  const auto number = StoredNumber::parse(text);
  if (!number) return std::nullopt;
  const bool is_plain = text.find_first_of("eE+") == std::string_view::npos &&
                        text.front() != '.' && !text.starts_with("-.") && text.back() != '.' &&
                        text != "-0";
  const bool is_long = std::abs(number->exponent) > kMostPlainZeros;
  const std::string written = is_plain || is_long ? std::string(text) : number->plain();
  if (number->digits.size() <= kKeptDigits) return NumberText{written, is_long};
  double binary = 0;
  const auto [end, problem] = std::from_chars(text.data() + (text.front() == '+' ? 1 : 0),
                                              text.data() + text.size(), binary);
  if (problem != std::errc()) return NumberText{written, true};
  std::array<char, 64> shortest{};
  const auto done = std::to_chars(shortest.data(), shortest.data() + shortest.size(), binary,
                                  std::chars_format::scientific);
  const auto meant = StoredNumber::parse({shortest.data(), done.ptr});
  if (!meant || meant->digits.size() > kKeptDigits || std::abs(meant->exponent) > kMostPlainZeros)
    return NumberText{written, true};
  return NumberText{meant->plain(), false};
}

std::optional<std::string> date_text(const StoredNumber& serial, DateStyle style, bool is_1904) {
  const auto millis = millis_of(serial);
  if (!millis) return std::nullopt;
  if (style == DateStyle::elapsed || (style == DateStyle::time && *millis < kDayMillis))
    return clock_text(*millis);
  const auto day = day_of(*millis / kDayMillis, is_1904);
  if (!day) return std::nullopt;
  const std::int64_t rest = *millis % kDayMillis;
  // A date format hides the time of day, but the cell has it.
  if (style == DateStyle::date && rest == 0) return day->text();
  return day->text() + "T" + clock_text(rest);
}

DateStyle built_in_date_style(int format_id) {
  switch (format_id) {
    case 22:
      return DateStyle::date_time;
    case 18:
    case 19:
    case 20:
    case 21:
    case 32:
    case 33:
    case 34:
    case 35:
    case 45:
    case 47:
    case 55:
    case 56:
      return DateStyle::time;
    case 46:
      return DateStyle::elapsed;
    default:
      break;
  }
  const auto between = [&](int first, int last) { return format_id >= first && format_id <= last; };
  // From 27 on: dates of East Asian languages.
  return between(14, 17) || between(27, 31) || format_id == 36 || between(50, 54) || between(57, 58)
             ? DateStyle::date
             : DateStyle::none;
}

}  // namespace tallymill::xlsx
