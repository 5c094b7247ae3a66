#include "core/time/date_value.h"

#include <array>

#include "core/error.h"

namespace tallymill {

namespace {

/// A letter repeated so often, and what it stands for.
struct Letter {
  char letter;
  std::size_t count;
  int (*value)(LocalTime);
};

int week_year(LocalTime time) {
  const Period week = Period::containing(PeriodKind::week, time.day());
  return Date{week.first_day().days + 3}.year();
}

int week_number(LocalTime time) {
  const Date thursday{Period::containing(PeriodKind::week, time.day()).first_day().days + 3};
  return (thursday.days - Date::from_civil(thursday.year(), 1, 1).days) / 7 + 1;
}

int day_of_year(LocalTime time) {
  return time.day().days - Date::from_civil(time.day().year(), 1, 1).days + 1;
}

int month_of(LocalTime time) { return static_cast<int>(time.day().month()); }
int day_of(LocalTime time) { return static_cast<int>(time.day().day()); }
int hour_of(LocalTime time) { return time.second_of_day() / 3600; }
int minute_of(LocalTime time) { return time.second_of_day() / 60 % 60; }
int second_of(LocalTime time) { return time.second_of_day() % 60; }

constexpr std::array kLetters{
    Letter{'y', 4, [](LocalTime t) { return t.day().year(); }},
    Letter{'y', 2, [](LocalTime t) { return t.day().year() % 100; }},
    Letter{'Y', 4, week_year},
    Letter{'M', 2, month_of},
    Letter{'M', 1, month_of},
    Letter{'d', 2, day_of},
    Letter{'d', 1, day_of},
    Letter{'H', 2, hour_of},
    Letter{'H', 1, hour_of},
    Letter{'m', 2, minute_of},
    Letter{'m', 1, minute_of},
    Letter{'s', 2, second_of},
    Letter{'s', 1, second_of},
    Letter{'Q', 1, [](LocalTime t) { return (month_of(t) - 1) / 3 + 1; }},
    Letter{'w', 2, week_number},
    Letter{'w', 1, week_number},
    Letter{'u', 1, [](LocalTime t) { return static_cast<int>(t.day().iso_weekday()); }},
    Letter{'D', 3, day_of_year},
    Letter{'D', 1, day_of_year},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string padded(int value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

std::string field(LocalTime time, char letter, std::size_t count, std::string_view pattern) {
  for (const Letter& known : kLetters)
    if (known.letter == letter && known.count == count) return padded(known.value(time), count);
  throw Error(ErrorClass::config,
              "'" + std::string(count, letter) + "' in pattern '" + std::string(pattern) +
                  "' stands for nothing; known are yyyy yy MM M dd d HH H mm m ss s Q YYYY ww w u "
                  "DDD D, and letters in single quotes stand for themselves");
}

}  // namespace

std::string to_text(const DateValue& value) {
  struct Text {
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(Date date) const { return date.text(); }
    std::string operator()(LocalTime time) const { return time.text(); }
    std::string operator()(const Period& period) const { return period.text(); }
  };
  return std::visit(Text(), value);
}

std::string_view kind_name(const DateValue& value) {
  constexpr std::array<std::string_view, 5> kNames{"a number", "a date", "a time", "a period",
                                                   "a text"};
  return kNames[value.index()];
}

std::string format_time(LocalTime time, std::string_view pattern) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size();) {
    if (pattern[i] == '\'') {
      const std::size_t end = pattern.find('\'', i + 1);
      if (end == std::string_view::npos)
        throw Error(ErrorClass::config,
                    "a quote is not closed in pattern '" + std::string(pattern) + "'");
      text += end == i + 1 ? std::string_view("'") : pattern.substr(i + 1, end - i - 1);
      i = end + 1;
    } else if (is_letter(pattern[i])) {
      std::size_t end = i + 1;
      while (end < pattern.size() && pattern[end] == pattern[i]) ++end;
      text += field(time, pattern[i], end - i, pattern);
      i = end;
    } else {
      text += pattern[i++];
    }
  }
  return text;
}

}  // namespace tallymill
