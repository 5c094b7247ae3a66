#include "core/time/date.h"

#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "core/error.h"

namespace tallymill {

namespace {

constexpr int kFirstYear = 1;
constexpr int kLastYear = 9999;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

std::chrono::year_month_day civil(Date date) {
  return std::chrono::sys_days(std::chrono::days(date.days));
}

bool exists(int year, unsigned month, unsigned day) {
  return year >= kFirstYear && year <= kLastYear && month >= 1 && month <= 12 && day >= 1 &&
         day <= days_in_month(year, month);
}

Date unchecked(int year, unsigned month, unsigned day) {
  const std::chrono::sys_days days{std::chrono::year(year) / std::chrono::month(month) /
                                   std::chrono::day(day)};
  return {static_cast<std::int32_t>(days.time_since_epoch().count())};
}

/// Fields of a date and time as read, not yet known to exist.
struct Fields {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t micros = 0;
  int offset_seconds = 0;

  /// No leap seconds, no 24:00: neither has a place on our time axis.
  bool exist() const {
    return month >= 0 && day >= 0 &&
           exists(year, static_cast<unsigned>(month), static_cast<unsigned>(day)) && hour <= 23 &&
           minute <= 59 && second <= 59;
  }
  std::int64_t since_epoch() const {
    const Date date = unchecked(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    const int of_day = (hour * 60 + minute) * 60 + second - offset_seconds;
    const std::int64_t seconds = date.days * kSecondsPerDay + of_day;
    return seconds * kMicrosPerSecond + micros;
  }
};

/// Takes text apart from the front; every step says whether it was there.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool is_done() const { return rest_.empty(); }
  bool literal(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool number(std::size_t at_least, std::size_t at_most, int& value) {
    std::size_t digits = 0;
    value = 0;
    while (digits < at_most && digits < rest_.size() && rest_[digits] >= '0' &&
           rest_[digits] <= '9')
      value = value * 10 + (rest_[digits++] - '0');
    if (digits < at_least) return false;
    last_digits_ = digits;
    rest_.remove_prefix(digits);
    return true;
  }
  std::size_t last_digits() const { return last_digits_; }

 private:
  std::string_view rest_;
  std::size_t last_digits_ = 0;
};

bool read_civil(Reader& reader, Fields& fields) {
  return reader.number(4, 4, fields.year) && reader.literal('-') &&
         reader.number(2, 2, fields.month) && reader.literal('-') &&
         reader.number(2, 2, fields.day);
}

bool read_fraction(Reader& reader, Fields& fields) {
  int fraction = 0;
  if (!reader.literal('.')) return true;
  if (!reader.number(1, 6, fraction)) return false;
  fields.micros = fraction;
  for (std::size_t i = reader.last_digits(); i < 6; ++i) fields.micros *= 10;
  return true;
}

bool read_zone(Reader& reader, Fields& fields) {
  if (reader.is_done() || reader.literal('Z')) return true;
  const bool is_east = reader.literal('+');
  int hours = 0;
  int minutes = 0;
  if (!is_east && !reader.literal('-')) return false;
  if (!reader.number(2, 2, hours) || !reader.literal(':') || !reader.number(2, 2, minutes) ||
      hours > 23 || minutes > 59)
    return false;
  fields.offset_seconds = (hours * 3600 + minutes * 60) * (is_east ? 1 : -1);
  return true;
}

bool read_iso(Reader& reader, Fields& fields) {
  return read_civil(reader, fields) && (reader.literal('T') || reader.literal(' ')) &&
         reader.number(2, 2, fields.hour) && reader.literal(':') &&
         reader.number(2, 2, fields.minute) && reader.literal(':') &&
         reader.number(2, 2, fields.second) && read_fraction(reader, fields) &&
         read_zone(reader, fields);
}

int* field_of(Fields& fields, char directive) {
  switch (directive) {
    case 'Y':
      return &fields.year;
    case 'm':
      return &fields.month;
    case 'd':
      return &fields.day;
    case 'H':
      return &fields.hour;
    case 'M':
      return &fields.minute;
    case 'S':
      return &fields.second;
    default:
      return nullptr;
  }
}

/// Patterns are looked at when they are loaded, and not once for each text.
[[noreturn]] void refuse(std::string_view pattern) {
  throw std::logic_error(timestamp_pattern_problem(pattern));
}

bool is_directive(std::string_view pattern, std::size_t i) {
  return i + 1 < pattern.size() && pattern[i] == '%' && pattern[i + 1] != '%';
}

Date day_of(const Fields& fields) {
  return unchecked(fields.year, static_cast<unsigned>(fields.month),
                   static_cast<unsigned>(fields.day));
}

/// Puts a number before place `end` of a text that has zeros there. snprintf takes ten times as
/// long, and every event has its instant.
void put_number(std::int64_t number, std::string& text, std::size_t end) {
  for (; number > 0; number /= 10) text[--end] = static_cast<char>('0' + number % 10);
}

}  // namespace

/// What a pattern reads of a text; false where the text is not of that pattern or no moment.
struct PatternReading {
  static bool read(const TimestampPattern& pattern, std::string_view text, Fields& fields) {
    if (text.size() < pattern.least_ || text.size() > pattern.most_) return false;
    Reader reader(text);
    for (const TimestampPattern::Part& part : pattern.parts_) {
      const bool is_there = part.directive == 0 ? reader.literal(part.literal)
                                                : reader.number(part.least, part.most,
                                                                *field_of(fields, part.directive));
      if (!is_there) return false;
    }
    return reader.is_done() && fields.exist();
  }
};

Date Date::from_civil(int year, unsigned month, unsigned day) {
  if (!exists(year, month, day))
    throw Error(ErrorClass::config, "there is no day " + std::to_string(year) + "-" +
                                        std::to_string(month) + "-" + std::to_string(day) +
                                        "; dates reach from year 1 to 9999");
  return unchecked(year, month, day);
}

int Date::year() const { return static_cast<int>(civil(*this).year()); }
unsigned Date::month() const { return static_cast<unsigned>(civil(*this).month()); }
unsigned Date::day() const { return static_cast<unsigned>(civil(*this).day()); }

unsigned Date::iso_weekday() const {
  return std::chrono::weekday(std::chrono::sys_days(std::chrono::days(days))).iso_encoding();
}

std::string Date::text() const {
  const auto ymd = civil(*this);
  if (const int year = static_cast<int>(ymd.year()); year >= 0 && year <= 9999) {
    std::string text = "0000-00-00";
    put_number(year, text, 4);
    put_number(static_cast<unsigned>(ymd.month()), text, 7);
    put_number(static_cast<unsigned>(ymd.day()), text, 10);
    return text;
  }
  char buffer[32];
  const int size =
      std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u", static_cast<int>(ymd.year()),
                    static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
  return {buffer, static_cast<std::size_t>(size)};
}

unsigned days_in_month(int year, unsigned month) {
  const std::chrono::year_month_day_last last{
      std::chrono::year(year), std::chrono::month_day_last(std::chrono::month(month))};
  return static_cast<unsigned>(last.day());
}

Date add_months(Date date, int months) {
  const std::int64_t month_number =
      std::int64_t{date.year()} * 12 + (date.month() - 1) + std::int64_t{months};
  const std::int64_t year = month_number / 12;
  if (month_number < std::int64_t{12} * kFirstYear || year > kLastYear)
    throw Error(ErrorClass::config, std::to_string(months) + " months from " + date.text() +
                                        " leave the years 1 to 9999");
  const auto month = static_cast<unsigned>(month_number % 12) + 1;
  const unsigned last = days_in_month(static_cast<int>(year), month);
  return unchecked(static_cast<int>(year), month, std::min(date.day(), last));
}

Parsed<Date> parse_date(std::string_view text) {
  if (text.empty()) return {{}, ParseProblem::empty};
  Reader reader(text);
  Fields fields;
  if (!read_civil(reader, fields) || !reader.is_done() || !fields.exist())
    return {{}, ParseProblem::not_a_date};
  return {day_of(fields), ParseProblem::none};
}

Parsed<Date> parse_date(std::string_view text, std::string_view pattern) {
  return pattern.empty() ? parse_date(text) : TimestampPattern(pattern).date_of(text);
}

Parsed<std::int64_t> parse_timestamp(std::string_view text, std::string_view pattern) {
  if (!pattern.empty()) return TimestampPattern(pattern).timestamp_of(text);
  if (text.empty()) return {0, ParseProblem::empty};
  Reader reader(text);
  Fields fields;
  if (!read_iso(reader, fields) || !reader.is_done() || !fields.exist())
    return {0, ParseProblem::not_a_timestamp};
  return {fields.since_epoch(), ParseProblem::none};
}

TimestampPattern::TimestampPattern(std::string_view pattern) {
  Fields fields;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    Part part;
    if (is_directive(pattern, i)) {
      part.directive = pattern[i + 1];
      if (field_of(fields, part.directive) == nullptr) refuse(pattern);
      const bool is_year = part.directive == 'Y';
      const bool follows = !parts_.empty() && parts_.back().directive != 0;
      const bool stands_alone = !follows && !is_directive(pattern, i + 2);
      part.least = is_year ? 4 : stands_alone ? 1 : 2;
      part.most = is_year ? 4 : 2;
      ++i;
    } else {
      if (pattern[i] == '%' && ++i == pattern.size()) refuse(pattern);  // else "%%"
      part.literal = pattern[i];
    }
    least_ += part.least;
    most_ += part.most;
    parts_.push_back(part);
  }
}

Parsed<Date> TimestampPattern::date_of(std::string_view text) const {
  if (text.empty()) return {{}, ParseProblem::empty};
  Fields fields;
  if (!PatternReading::read(*this, text, fields)) return {{}, ParseProblem::not_a_date};
  return {day_of(fields), ParseProblem::none};
}

Parsed<std::int64_t> TimestampPattern::timestamp_of(std::string_view text) const {
  if (text.empty()) return {0, ParseProblem::empty};
  Fields fields;
  if (!PatternReading::read(*this, text, fields)) return {0, ParseProblem::not_a_timestamp};
  return {fields.since_epoch(), ParseProblem::none};
}

std::string timestamp_pattern_problem(std::string_view pattern) {
  std::string seen;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    if (i + 1 == pattern.size()) return "the pattern ends in a lone '%'; write '%%' for the sign";
    const char directive = pattern[++i];
    if (directive == '%') continue;
    Fields fields;
    if (field_of(fields, directive) == nullptr)
      return "unknown directive '%" + std::string(1, directive) +
             "' in pattern; known are %Y %m %d %H %M %S and %%";
    if (seen.find(directive) != std::string::npos)
      return "directive '%" + std::string(1, directive) + "' stands twice in the pattern";
    seen += directive;
  }
  for (char needed : {'Y', 'm', 'd'})
    if (seen.find(needed) == std::string::npos)
      return "the pattern has no '%" + std::string(1, needed) + "'; a date needs %Y, %m and %d";
  return {};
}

std::string format_timestamp(std::int64_t micros) {
  const auto floor_divide = [](std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
  };
  const std::int64_t seconds = floor_divide(micros, kMicrosPerSecond);
  std::int64_t fraction = micros - seconds * kMicrosPerSecond;
  const std::int64_t day = floor_divide(seconds, kSecondsPerDay);
  const std::int64_t of_day = seconds - day * kSecondsPerDay;
  std::string time = "T00:00:00.000000";
  put_number(of_day / 3600, time, 3);
  put_number(of_day / 60 % 60, time, 6);
  put_number(of_day % 60, time, 9);
  put_number(fraction, time, 16);
  while (time.back() == '0' && fraction != 0) time.pop_back();
  if (fraction == 0) time.resize(time.find('.'));
  return Date{static_cast<std::int32_t>(day)}.text() + time + "Z";
}

}  // namespace tallymill
