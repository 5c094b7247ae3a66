#include "scheduler/schedule_check.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text.h"
#include "core/text_problem.h"
#include "core/time/cron.h"

namespace tallymill {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (text.empty() || problem != std::errc() || rest != end || value < 0) return std::nullopt;
  return value;
}

void check_cron(YamlNode node, Diagnostics& diagnostics) {
  std::vector<TextProblem> problems;
  Cron::parse(node.text(), problems);
  report(problems, node, diagnostics);
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
