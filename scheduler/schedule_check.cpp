#include "scheduler/schedule_check.h"

#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

struct CronField {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> words;  ///< words[i] means least + i
};
const std::array<CronField, 5> kFields{{{"minute", 0, 59, {}},
                                        {"hour", 0, 23, {}},
                                        {"day", 1, 31, {}},
                                        {"month", 1, 12, kMonths},
                                        {"weekday", 0, 7, kWeekdays}}};

std::optional<int> number(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (text.empty() || problem != std::errc() || rest != end || value < 0) return std::nullopt;
  return value;
}

std::optional<int> cron_value(std::string_view text, const CronField& field) {
  for (std::size_t i = 0; i < field.words.size(); ++i)
    if (text == field.words[i]) return field.least + static_cast<int>(i);
  const auto value = number(text);
  if (!value || *value < field.least || *value > field.most) return std::nullopt;
  return value;
}

/// `*`, `5`, `1-5`, each with an optional `/step`.
bool is_cron_item(std::string_view item, const CronField& field) {
  if (const std::size_t slash = item.find('/'); slash != std::string_view::npos) {
    const auto step = number(item.substr(slash + 1));
    if (!step || *step < 1 || *step > field.most) return false;
    item = item.substr(0, slash);
  }
  if (item == "*") return true;
  const std::size_t dash = item.find('-');
  const auto first = cron_value(item.substr(0, dash), field);
  if (dash == std::string_view::npos) return first.has_value();
  const auto last = cron_value(item.substr(dash + 1), field);
  return first && last && *first <= *last;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::string& word : split(text, ' '))
    if (!word.empty()) words.push_back(std::move(word));
  return words;
}

void check_cron(YamlNode node, Diagnostics& diagnostics) {
  const std::vector<std::string> fields = words_of(node.text());
  if (fields.size() != kFields.size()) {
    diagnostics.error(node.position(),
                      "cron '" + std::string(node.text()) + "' must have 5 fields, got " +
                          std::to_string(fields.size()),
                      "write minute hour day month weekday, e.g. \"0 6 * * *\"");
    return;
  }
  for (std::size_t i = 0; i < fields.size(); ++i)
    for (const std::string& item : split(fields[i], ','))
      if (!is_cron_item(item, kFields[i]))
        diagnostics.error(
            node.position(),
            "cron field '" + std::string(kFields[i].name) + "' cannot be '" + item + "'",
            "write *, or numbers from " + std::to_string(kFields[i].least) + " to " +
                std::to_string(kFields[i].most) + " as n, n-m, */step");
}

/// `workdays`, `nth_workday(3)`, `last_workday(-1)`.
bool is_days_call(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return is_identifier(text);
  if (!text.ends_with(')') || !is_identifier(text.substr(0, open))) return false;
  std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  if (inside.starts_with('-')) inside.remove_prefix(1);
  return number(inside).has_value();
}

/// Letters, digits and `_+-` in parts divided by `/`.
bool is_zone_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos &&
         !text.starts_with('/') && !text.ends_with('/') &&
         text.find("//") == std::string_view::npos;
}

}  // namespace

void check_schedule(YamlNode schedule, Diagnostics& diagnostics) {
  if (const YamlNode cron = schedule.find("cron"); cron.is_scalar()) check_cron(cron, diagnostics);
  if (const YamlNode days = schedule.find("days"); days.is_scalar() && !is_days_call(days.text()))
    diagnostics.error(days.position(),
                      "option 'days' must be a word or a call with a whole number, got '" +
                          std::string(days.text()) + "'",
                      "write e.g. nth_workday(3)");
  if (const YamlNode zone = schedule.find("timezone");
      zone.is_scalar() && !is_zone_name(zone.text()))
    diagnostics.error(zone.position(),
                      "'" + std::string(zone.text()) + "' is no name of a time zone",
                      "write an IANA name, e.g. Asia/Shanghai");
}

}  // namespace tallymill
