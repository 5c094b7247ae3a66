#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"
#include "core/time/cron.h"
#include "core/time/cron_field.h"

namespace tallymill {

namespace {

constexpr std::array kAliases{
    std::pair{std::string_view("@yearly"), std::string_view("0 0 1 1 *")},
    std::pair{std::string_view("@annually"), std::string_view("0 0 1 1 *")},
    std::pair{std::string_view("@monthly"), std::string_view("0 0 1 * *")},
    std::pair{std::string_view("@weekly"), std::string_view("0 0 * * 0")},
    std::pair{std::string_view("@daily"), std::string_view("0 0 * * *")},
    std::pair{std::string_view("@midnight"), std::string_view("0 0 * * *")},
    std::pair{std::string_view("@hourly"), std::string_view("0 * * * *")},
};

/// The words of an expression; five get a second in front.
struct CronText {
  std::vector<CronWord> words;
  bool has_seconds = false;

  CronWord operator[](CronField field) const { return words[static_cast<std::size_t>(field)]; }
};

std::vector<CronWord> words_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::vector<CronWord> words;
  for (std::size_t begin = text.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
    words.push_back({text.substr(begin, end - begin), begin});
    begin = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

bool asks_for_nothing(CronWord field) {
  return field.text == "*" || field.text == "?" || field.text == "*/1";
}

CronFields read_fields(const CronText& text, std::vector<TextProblem>& problems) {
  CronFields fields;
  const auto read = [&](CronField field) {
    return read_cron_field(field, text[field], fields, problems);
  };
  fields.seconds = read(CronField::second);
  fields.minutes = read(CronField::minute);
  fields.hours = read(CronField::hour);
  fields.any_day = asks_for_nothing(text[CronField::day]);
  if (!fields.any_day) fields.days = read(CronField::day);
  fields.months = read(CronField::month);
  fields.any_weekday = asks_for_nothing(text[CronField::weekday]);
  if (!fields.any_weekday) fields.weekdays = read(CronField::weekday);
  return fields;
}

/// The expression an alias stands for; `text` itself if it is none.
std::string_view without_alias(std::string_view text) {
  for (const auto& [alias, meaning] : kAliases)
    if (trim(text) == alias) return meaning;
  return text;
}

void report_alias(std::string_view text, std::vector<TextProblem>& problems) {
  std::vector<std::string> known;
  for (const auto& entry : kAliases) known.emplace_back(entry.first);
  const std::string meant = did_you_mean(trim(text), known);
  problems.push_back({0, text.size(), "unknown cron alias '" + std::string(text) + "'",
                      meant.empty() ? "the aliases are " + join(known, ", ") : meant});
}

void report_count(std::string_view text, std::size_t count, std::vector<TextProblem>& problems) {
  problems.push_back({0, std::max<std::size_t>(1, text.size()),
                      "cron '" + std::string(text) +
                          "' must have 5 fields, or 6 with seconds first, got " +
                          std::to_string(count),
                      count == 7 ? "drop the year, it is not a field here"
                                 : "write minute hour day month weekday, e.g. \"0 6 * * *\""});
}

/// Empty after reporting why not.
std::optional<CronText> six_words(std::string_view text, std::vector<TextProblem>& problems) {
  CronText result{words_of(without_alias(text))};
  if (!result.words.empty() && result.words[0].text.starts_with('@')) {
    report_alias(text, problems);
    return std::nullopt;
  }
  result.has_seconds = result.words.size() == 6;
  if (result.words.size() == 5) result.words.insert(result.words.begin(), {"0", 0});
  if (result.words.size() == 6) return result;
  report_count(text, result.words.size(), problems);
  return std::nullopt;
}

}  // namespace

std::optional<Cron> Cron::parse(std::string_view text, std::vector<TextProblem>& problems) {
  const auto words = six_words(text, problems);
  if (!words) return std::nullopt;
  const std::size_t known = problems.size();
  const CronFields fields = read_fields(*words, problems);
  if (problems.size() != known) return std::nullopt;
  const CronWord day = (*words)[CronField::day];
  const CronWord weekday = (*words)[CronField::weekday];
  if (words->has_seconds && !fields.any_day && !fields.any_weekday) {
    problems.push_back({weekday.offset, weekday.text.size(),
                        "cron of 6 fields asks for a day and a weekday, which some readers take "
                        "for 'both' and some for 'either'",
                        "write '?' in one of them, or five fields, where either will do"});
    return std::nullopt;
  }
  Cron cron{std::string(text), fields};
  if (cron.fires_ever()) return cron;
  problems.push_back({day.offset, day.text.size(),
                      "cron never fires: no month of '" +
                          std::string((*words)[CronField::month].text) + "' has a day '" +
                          std::string(day.text) + "'"});
  return std::nullopt;
}

}  // namespace tallymill
