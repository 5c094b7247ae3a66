#include "scheduler/schedule_reader.h"

#include <optional>
#include <string>
#include <vector>

#include "core/text_problem.h"
#include "scheduler/calendar_folder.h"

namespace tallymill {
namespace {

constexpr int kMostOffset = 1000;

/// A value of type T from its text, all its problems at their places.
template <class T>
std::optional<T> read_text(YamlNode node, Diagnostics& diagnostics) {
  std::vector<TextProblem> problems;
  auto value = T::parse(node.text(), problems);
  report(problems, node, diagnostics);
  return value;
}

class ScheduleReader {
 public:
  ScheduleReader(YamlNode node, const Workspace& workspace, Diagnostics& diagnostics)
      : node_(node), workspace_(workspace), diagnostics_(diagnostics) {}

  std::shared_ptr<const Schedule> read() {
    const YamlNode text = node_.find("cron");
    const auto cron = text.is_scalar() ? read_text<Cron>(text, problems_) : std::nullopt;
    // A cron to go on with: the other keys have problems of their own to report.
    std::vector<TextProblem> none;
    Schedule schedule{.cron = cron ? *cron : *Cron::parse("@daily", none)};
    schedule.zone = read_zone(node_.find("timezone"), workspace_.zone, problems_);
    read_calendar(schedule);
    read_days(schedule);
    read_policies(schedule);
    const bool is_sound = cron && !problems_.has_errors();
    diagnostics_.add_all(problems_);
    return is_sound ? std::make_shared<const Schedule>(std::move(schedule)) : nullptr;
  }

 private:
  void read_calendar(Schedule& schedule) {
    const YamlNode named = node_.find("calendar");
    const std::string name =
        named.is_scalar() ? std::string(named.text()) : workspace_.default_calendar;
    if (name.empty()) return;
    if (const auto found = workspace_.calendars.find(name); found != workspace_.calendars.end()) {
      schedule.calendar = found->second.calendar;
      return;
    }
    if (!named.is_scalar()) return;  // reported where the workspace names it
    problems_.error(named.position(), "there is no calendar '" + name + "'",
                    calendar_hint(workspace_, name));
  }

  void read_days(Schedule& schedule) {
    const YamlNode days = node_.find("days");
    if (!days.is_scalar()) return;
    schedule.days_place = days.position();
    const auto rule = read_text<DayRule>(days, problems_);
    if (!rule) return;
    schedule.days = *rule;
    if (rule->needs_calendar() && !schedule.calendar && !node_.find("calendar") &&
        workspace_.default_calendar.empty())
      problems_.error(days.position(), "days '" + std::string(days.text()) + "' need a calendar",
                      "add 'calendar: name' here or in tallymill.yaml");
  }

  void read_policies(Schedule& schedule) {
    const YamlNode clocks = node_.find("dst");
    if (clocks.find("gap").text() == "skip") schedule.gap = GapPolicy::skip;
    if (clocks.find("overlap").text() == "both") schedule.overlap = OverlapPolicy::both;
    const std::string_view catch_up = node_.find("catch_up").text();
    if (catch_up == "latest") schedule.catch_up = CatchUp::latest;
    if (catch_up == "none") schedule.catch_up = CatchUp::none;
    const std::string_view overlap = node_.find("overlap").text();
    if (overlap == "skip") schedule.while_active = WhileActive::skip;
    if (overlap == "cancel_oldest") schedule.while_active = WhileActive::cancel_oldest;
    const YamlNode offset = node_.find("period_offset");
    const auto periods = offset.as_integer();
    if (!periods) return;
    if (*periods >= -kMostOffset && *periods <= kMostOffset)
      schedule.period_offset = static_cast<int>(*periods);
    else
      problems_.error(offset.position(), "option 'period_offset' must be from -1000 to 1000, got " +
                                             std::string(offset.text()));
  }

  YamlNode node_;
  const Workspace& workspace_;
  Diagnostics& diagnostics_;
  Diagnostics problems_;
};

}  // namespace

Zone read_zone(YamlNode node, const Zone& fallback, Diagnostics& diagnostics) {
  if (!node.is_scalar()) return fallback;
  if (auto zone = Zone::find(node.text())) return *zone;
  diagnostics.error(node.position(), "'" + std::string(node.text()) + "' is no time zone",
                    Zone::hint(node.text()));
  return fallback;
}

std::shared_ptr<const Schedule> read_schedule(YamlNode schedule, const Workspace& workspace,
                                              Diagnostics& diagnostics) {
  if (!schedule.is_mapping()) return nullptr;
  return ScheduleReader(schedule, workspace, diagnostics).read();
}

}  // namespace tallymill
