#include "scheduler/period_choice.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "core/time/date_params.h"
#include "core/time/fire.h"

namespace tallymill {
namespace {

constexpr std::string_view kOpening = "${";

std::string wrapped(const std::string& expression) {
  return std::string(kOpening) + expression + "}";
}

/// The periods of `kind` that a choice of another kind means.
std::vector<Period> in_kind(const Period& chosen, PeriodKind kind) {
  if (chosen.kind() == kind) return {chosen};
  std::vector<Period> within = periods_within(kind, chosen);
  if (!within.empty()) return within;
  return {Period::containing(kind, chosen.last_day())};
}

/// Any period of a kind will do to see whether an expression is sound.
Period sample_period(PeriodKind kind) {
  return Period::containing(kind, Date::from_civil(2019, 9, 25));
}

}  // namespace

DateScope date_scope(const Graph& graph, const Period& period,
                     const std::map<std::string, TaskParam>& params, bool with_due) {
  DateScope scope{.period = period};
  add_params(params, scope);
  scope.calendar = graph.calendar;
  scope.zone = graph.zone;
  if (with_due && graph.schedule) scope.scheduled = first_due(*graph.schedule, period);
  return scope;
}

TaskTime task_time(const Workspace& workspace, const JobNode& job, const std::string& period) {
  TaskTime time;
  const auto graph = workspace.graphs.find(job.spec.graph);
  if (graph == workspace.graphs.end()) return time;
  if (job.dates.zone) time.zone = graph->second->zone.name();
  if (job.dates.calendar && graph->second->calendar)
    time.calendar = graph->second->calendar->name();
  if (!job.dates.due || !graph->second->schedule) return time;
  if (const auto parsed = Period::parse(period))
    if (const auto due = first_due(*graph->second->schedule, *parsed)) time.scheduled = due->text();
  return time;
}

std::vector<std::string> calendar_files(const Workspace& workspace, const std::string& name) {
  const auto calendar = workspace.calendars.find(name);
  return calendar == workspace.calendars.end() ? std::vector<std::string>()
                                               : calendar->second.files;
}

std::vector<Period> chosen_periods(const DatasetUse& use, const Period& run, PeriodKind kind,
                                   const DateScope& scope) {
  Period last = run;
  if (!use.period.empty()) {
    std::vector<TextProblem> problems;
    const auto text = expand_dates(wrapped(use.period), scope, problems);
    const auto period = text ? Period::parse(*text) : std::nullopt;
    if (!period)
      throw Error(ErrorClass::config,
                  "the period '" + use.period + "' of '" + use.dataset + "' cannot be told: " +
                      (problems.empty() ? "it is '" + *text + "'" : problems.front().message),
                  use.period_where);
    last = *period;
  }
  std::vector<Period> periods;
  for (int back = std::max(use.periods, 1) - 1; back >= 0; --back)
    for (const Period& period : in_kind(last.next(-back), kind))
      if (periods.empty() || periods.back() < period) periods.push_back(period);
  return periods;
}

bool reads_own_period(const DatasetUse& use) {
  return use.period.empty() || trim(use.period) == "period";
}

void check_period_choice(const Graph& graph, const DatasetUse& use, Diagnostics& diagnostics) {
  if (use.period.empty()) return;
  DateScope scope = date_scope(graph, sample_period(graph.period), graph.params, false);
  scope.is_open = true;
  std::vector<TextProblem> problems;
  const auto text = expand_dates(wrapped(use.period), scope, problems);
  for (const TextProblem& problem : problems) {
    const std::size_t offset = std::max(problem.offset, kOpening.size()) - kOpening.size();
    diagnostics.error(place_within(use.period_where, use.period,
                                   std::min(offset, use.period.size() - 1), problem.length),
                      problem.message, problem.hint);
  }
  if (text && !Period::parse(*text))
    diagnostics.error(use.period_where,
                      "'" + use.period + "' is no period, it is e.g. '" + *text + "'",
                      "reckon with the run's period, e.g. period - 1 or add_months(period, -1)");
}

}  // namespace tallymill
