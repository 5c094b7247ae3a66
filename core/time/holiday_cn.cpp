#include "core/time/holiday_cn.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/json.h"

namespace tallymill {

namespace {

/// Where the `number`-th object of the file's lists begins, from 1; 0 means the file itself. A text
/// that was read knows no places any more, so they are counted again when one is needed.
SourcePosition place_of(std::string_view text, std::string_view file, std::size_t number) {
  std::size_t depth = 0;
  std::size_t found = 0;
  bool in_text = false;
  SourcePosition place{std::string(file), 1, 1};
  for (std::size_t i = 0; i < text.size(); ++i, ++place.column) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i, ++place.column;
      in_text = c != '"';
      continue;
    }
    if (c == '"') in_text = true;
    if (c == ']' || c == '}') --depth;
    if (c == '{' && depth == 2) ++found;
    if (number > 0 && found == number) return place;
    if (c == '[' || c == '{') ++depth;
    if (c == '\n') ++place.line, place.column = 0;
  }
  return {std::string(file), 1, 1};
}

CalendarYear::Day parse_day(const json::value& value) {
  const json::object* entry = value.if_object();
  if (entry == nullptr) throw Error(ErrorClass::data, "an entry must be an object");
  const std::string date = json_text(*entry, "date");
  const auto day = parse_date(date);
  if (!day)
    throw Error(ErrorClass::data,
                "key 'date' must be a day such as 2019-01-01, got '" + date + "'");
  const bool is_off = json_boolean(*entry, "isOffDay");
  return {day.value,
          {is_off ? Calendar::DayKind::holiday : Calendar::DayKind::workday,
           json_text_or(*entry, "name", "")}};
}

std::vector<std::string> parse_papers(const json::object& root) {
  std::vector<std::string> papers;
  const json::value* found = root.if_contains("papers");
  if (found == nullptr || !found->is_array()) return papers;
  for (const json::value& paper : found->get_array())
    if (paper.is_string()) papers.emplace_back(paper.get_string().c_str());
  return papers;
}

/// Plain where every YAML reader takes it for the same text, else in double quotes.
std::string yaml_text(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
  constexpr std::array<std::string_view, 3> kNotText{"null", "true", "false"};
  const bool is_address = text.starts_with("http://") || text.starts_with("https://");
  const std::size_t begin = is_address ? text.find('/') : 0;
  const bool is_plain =
      std::all_of(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), [&](char c) {
        return (static_cast<unsigned char>(c) & 0x80) != 0 ||
               kPlain.find(c) != std::string_view::npos;
      });
  std::string lower = text;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::string_view kNoStart = "0123456789./-";
  if (is_plain && !text.empty() && kNoStart.find(text[0]) == std::string_view::npos &&
      std::find(kNotText.begin(), kNotText.end(), lower) == kNotText.end())
    return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return quoted + "\"";
}

void write_days(const std::vector<CalendarYear::Day>& days, Calendar::DayKind kind, const char* key,
                std::string& text) {
  std::string lines;
  for (std::size_t i = 0; i < days.size();) {
    if (days[i].special.kind != kind) {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (end < days.size() && days[end].special.kind == kind &&
           days[end].special.name == days[i].special.name &&
           days[end].day.days == days[end - 1].day.days + 1)
      ++end;
    lines += "      " + days[i].day.text();
    if (end > i + 1) lines += ".." + days[end - 1].day.text();
    lines += ": " + yaml_text(days[i].special.name) + "\n";
    i = end;
  }
  if (!lines.empty()) text += "    " + std::string(key) + ":\n" + lines;
}

}  // namespace

CalendarYear parse_holiday_cn(std::string_view json_text, std::string_view what) {
  const json::value value = parse_json(json_text, what);
  std::size_t entry = 0;
  try {
    if (!value.is_object()) throw Error(ErrorClass::data, "the file must be an object");
    const json::object& root = value.get_object();
    CalendarYear year;
    const std::int64_t number = json_integer(root, "year");
    if (number < 1 || number > 9999)
      throw Error(ErrorClass::data, "key 'year' must be from 1 to 9999");
    year.year = static_cast<int>(number);
    year.sources = parse_papers(root);
    const json::value& days = json_at(root, "days");
    if (!days.is_array()) throw Error(ErrorClass::data, "key 'days' must be a list");
    for (const json::value& day : days.get_array()) {
      ++entry;
      year.days.push_back(parse_day(day));
    }
    std::sort(year.days.begin(), year.days.end(),
              [](const auto& a, const auto& b) { return a.day < b.day; });
    return year;
  } catch (const Error& error) {
    throw Error(error.error_class(), error.message(), place_of(json_text, what, entry));
  }
}

std::string calendar_yaml(const std::string& name, const std::string& description,
                          std::span<const std::string> heading,
                          std::span<const CalendarYear> years) {
  std::string text;
  for (const std::string& line : heading) text += "# " + line + "\n";
  text += "calendar: " + name + "\n";
  if (!description.empty()) text += "description: " + yaml_text(description) + "\n";
  text += "years:\n";
  for (const CalendarYear& year : years) {
    text += "  " + std::to_string(year.year) + ":\n";
    if (!year.sources.empty()) text += "    source:\n";
    for (const std::string& source : year.sources) text += "      - " + yaml_text(source) + "\n";
    write_days(year.days, Calendar::DayKind::holiday, "holidays", text);
    write_days(year.days, Calendar::DayKind::workday, "workdays", text);
    if (year.sources.empty() && year.days.empty()) text.insert(text.size() - 1, " {}");
  }
  return text;
}

}  // namespace tallymill
