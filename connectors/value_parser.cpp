#include "connectors/value_parser.h"

#include <algorithm>
#include <array>

namespace tallymill {

namespace {

constexpr int kNarrowPrecision = 18;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

constexpr std::array<std::int64_t, 19> kPowersOfTen = [] {
  std::array<std::int64_t, 19> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

unsigned digit(char c) { return static_cast<unsigned char>(c) - static_cast<unsigned>('0'); }

/// -?D+(.D+)? of at most 18 digits that fit without a look at leading zeros. False: not that form,
/// which says nothing about whether it is a number.
bool take_plain_decimal(std::string_view text, int precision, int scale, std::int64_t& value) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool is_negative = at != end && *at == '-';
  if (is_negative) ++at;
  if (end - at > kNarrowPrecision + 1) return false;
  std::uint64_t number = 0;  // 19 digits wrap around before they are counted and refused
  const char* const whole = at;
  for (; at != end && digit(*at) <= 9; ++at) number = number * 10 + digit(*at);
  if (at == whole || at - whole > precision - scale) return false;
  std::ptrdiff_t fraction = 0;
  if (at != end) {
    if (*at++ != '.') return false;
    const char* const point = at;
    for (; at != end && digit(*at) <= 9; ++at) number = number * 10 + digit(*at);
    fraction = at - point;
    if (at != end || fraction == 0 || fraction > scale) return false;
  }
  const auto magnitude =
      static_cast<std::int64_t>(number) * kPowersOfTen[static_cast<std::size_t>(scale - fraction)];
  value = is_negative ? -magnitude : magnitude;
  return true;
}

/// Two digits, or a number over 99 if they are none.
unsigned two_digits(const char* at) {
  const unsigned tens = digit(at[0]);
  const unsigned ones = digit(at[1]);
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/// YYYY-MM-DD of an existing day; false if it is anything else.
bool take_iso_date(const char* at, std::int64_t& days) {
  const unsigned century = two_digits(at);
  const unsigned years = two_digits(at + 2);
  const unsigned month = two_digits(at + 5);
  const unsigned day = two_digits(at + 8);
  if (at[4] != '-' || at[7] != '-' || century > 99 || years > 99 || month - 1 > 11) return false;
  const int year = static_cast<int>(century * 100 + years);
  if (year == 0 || day == 0 || day > days_in_month(year, month)) return false;
  days = Date::from_civil(year, month, day).days;
  return true;
}

/// YYYY-MM-DD HH:MM:SS with a blank or T between; false if it is anything else.
bool take_iso_timestamp(std::string_view text, std::int64_t& micros) {
  constexpr std::size_t kLength = 19;
  if (text.size() != kLength || (text[10] != ' ' && text[10] != 'T')) return false;
  const char* const at = text.data();
  std::int64_t days = 0;
  const unsigned hour = two_digits(at + 11);
  const unsigned minute = two_digits(at + 14);
  const unsigned second = two_digits(at + 17);
  if (at[13] != ':' || at[16] != ':' || hour > 23 || minute > 59 || second > 59) return false;
  if (!take_iso_date(at, days)) return false;
  micros = (days * kSecondsPerDay + hour * 3600 + minute * 60 + second) * kMicrosPerSecond;
  return true;
}

/// true, false (in any case), 1, 0.
ParseProblem parse_boolean(std::string_view text, std::int64_t& value) {
  const auto is_word = [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
      return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
    });
  };
  if (text == "1" || is_word("true")) {
    value = 1;
    return ParseProblem::none;
  }
  if (text == "0" || is_word("false")) {
    value = 0;
    return ParseProblem::none;
  }
  return text.empty() ? ParseProblem::empty : ParseProblem::not_a_boolean;
}

}  // namespace

ValueParser::ValueParser(Type type, std::string_view pattern)
    : type_(std::move(type)), layout_(Layout::number) {
  if (!pattern.empty()) pattern_.emplace(pattern);
  if (type_.kind == TypeKind::text || type_.kind == TypeKind::enumeration) layout_ = Layout::text;
  if (type_.is_decimal() && type_.precision > kNarrowPrecision) layout_ = Layout::wide;
}

ParseProblem ValueParser::parse(std::string_view text, ParsedValue& value) const {
  switch (type_.kind) {
    case TypeKind::text:
      value.text = text;
      return ParseProblem::none;
    case TypeKind::enumeration:
      value.text = text;
      return std::find(type_.values.begin(), type_.values.end(), text) != type_.values.end()
                 ? ParseProblem::none
                 : ParseProblem::not_in_set;
    case TypeKind::integer: {
      if (take_plain_decimal(text, kNarrowPrecision, 0, value.number)) return ParseProblem::none;
      const Parsed<std::int64_t> parsed = parse_integer(text);
      value.number = parsed.value;
      return parsed.problem;
    }
    case TypeKind::money:
    case TypeKind::decimal:
    case TypeKind::ratio:
      return parse_number(text, type_.precision, value);
    case TypeKind::date: {
      constexpr std::size_t kIsoLength = 10;
      if (!pattern_ && text.size() == kIsoLength && take_iso_date(text.data(), value.number))
        return ParseProblem::none;
      const Parsed<Date> parsed = pattern_ ? pattern_->date_of(text) : parse_date(text);
      value.number = parsed.value.days;
      return parsed.problem;
    }
    case TypeKind::timestamp:
      return parse_timestamp_text(text, value);
    case TypeKind::boolean:
      return parse_boolean(text, value.number);
  }
  return ParseProblem::none;
}

ParseProblem ValueParser::parse_number(std::string_view text, int precision,
                                       ParsedValue& value) const {
  if (layout_ == Layout::number && take_plain_decimal(text, precision, type_.scale, value.number))
    return ParseProblem::none;
  const Parsed<Int128> parsed = parse_decimal(text, precision, type_.scale);
  value.number = static_cast<std::int64_t>(parsed.value);
  value.wide = parsed.value;
  return parsed.problem;
}

ParseProblem ValueParser::parse_timestamp_text(std::string_view text, ParsedValue& value) const {
  if (!pattern_ && take_iso_timestamp(text, value.number)) return ParseProblem::none;
  const Parsed<std::int64_t> parsed =
      pattern_ ? pattern_->timestamp_of(text) : parse_timestamp(text);
  value.number = parsed.value;
  return parsed.problem;
}

}  // namespace tallymill
