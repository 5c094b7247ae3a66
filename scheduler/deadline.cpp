#include "scheduler/deadline.h"

#include "core/error.h"
#include "core/text_problem.h"
#include "core/time/date_language.h"

namespace tallymill {
namespace {

constexpr std::string_view kOpening = "${";
constexpr std::string_view kNextDay = "period_last_day + 1";

/// "08:00", "08:00:30".
std::optional<int> second_of_day(std::string_view text) {
  const auto time = parse_local_time("1970-01-01 " + std::string(text));
  return time ? std::optional(time->second_of_day()) : std::nullopt;
}

DateScope date_scope(const DeadlineScope& scope, bool is_open) {
  DateScope dates{.period = scope.period};
  dates.calendar = scope.calendar;
  dates.zone = scope.zone;
  dates.is_open = is_open;
  for (const auto& entry : scope.params) dates.param_names.push_back(entry.first);
  dates.param = [&scope](const std::string& name) -> std::optional<DateValue> {
    const auto param = scope.params.find(name);
    if (param == scope.params.end()) return std::nullopt;
    const std::string& value = param->second.value;
    if (param->second.type == "date")
      if (const auto day = parse_date(value)) return day.value;
    if (param->second.type == "integer")
      if (const auto number = parse_integer(value)) return number.value;
    return value;
  };
  return dates;
}

/// The day an expression is worth; empty after adding a problem with offsets into `text`.
std::optional<LocalTime> day_of(const std::string& text, const DateScope& dates,
                                std::vector<TextProblem>& problems) {
  std::vector<TextProblem> found;
  const auto worth = expand_dates(std::string(kOpening) + text + "}", dates, found);
  for (TextProblem& problem : found) {
    problem.offset -= std::min(problem.offset, kOpening.size());
    problems.push_back(std::move(problem));
  }
  if (!worth) return std::nullopt;
  if (const auto time = parse_local_time(*worth)) return LocalTime::at(time->day());
  problems.push_back({.offset = 0,
                      .length = text.size(),
                      .message = "'" + text + "' is worth '" + *worth + "', which is no day",
                      .hint = "write for example workday(1) or period_last_day + 2"});
  return std::nullopt;
}

}  // namespace

std::optional<Deadline> read_deadline(YamlNode node, const DeadlineScope& scope,
                                      Diagnostics& diagnostics) {
  if (!node.is_mapping()) return std::nullopt;
  Deadline deadline{
      .second_of_day = 0, .day = std::string(kNextDay), .dataset = {}, .where = node.position()};
  const YamlNode at = node.find("at");
  const auto second = second_of_day(at.text());
  if (at.is_scalar() && !second)
    diagnostics.error(at.position(),
                      "option 'at' must be a time of day, got '" + std::string(at.text()) + "'",
                      "write \"08:00\"");
  if (second) deadline.second_of_day = *second;
  const YamlNode day = node.find("day");
  if (!day.is_scalar()) return second ? std::optional(deadline) : std::nullopt;
  deadline.day = day.text();
  std::vector<TextProblem> problems;
  const bool needs_calendar =
      needs_of(std::string(kOpening) + deadline.day + "}").calendar && !scope.calendar;
  if (needs_calendar)
    problems.push_back({.offset = 0,
                        .length = deadline.day.size(),
                        .message = "day '" + deadline.day + "' needs a calendar",
                        .hint = "add 'calendar: name' to the graph's schedule or tallymill.yaml"});
  else
    day_of(deadline.day, date_scope(scope, true), problems);
  report(problems, day, diagnostics);
  return second && problems.empty() ? std::optional(deadline) : std::nullopt;
}

std::string run_before_runs(const std::string& graph, const std::string& period) {
  return graph + "." + period;
}

Instant instant_of(const Deadline& deadline, const DeadlineScope& scope) {
  std::vector<TextProblem> problems;
  const auto day = day_of(deadline.day, date_scope(scope, false), problems);
  if (!day)
    throw Error(ErrorClass::config, deadline.where.file + ":" +
                                        std::to_string(deadline.where.line) +
                                        ": the deadline's day '" + deadline.day + "' of " +
                                        scope.period.text() + ": " + problems.front().message);
  LocalTime time{day->seconds + deadline.second_of_day};
  constexpr int kStep = 60;  // clocks are put forward by whole minutes
  std::vector<Instant> instants = scope.zone.instants(time);
  while (instants.empty()) {
    time.seconds += kStep;
    instants = scope.zone.instants(time);
  }
  return instants.front();
}

}  // namespace tallymill
