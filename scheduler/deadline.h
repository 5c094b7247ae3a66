#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/diagnostics.h"
#include "core/task.h"
#include "core/time/calendar.h"
#include "core/time/period.h"
#include "core/time/zone.h"
#include "core/yaml.h"

namespace tallymill {

/// When a job must have come to a good end, or a dataset must be there and have passed its gates:
/// a time on the wall on a day that follows from the period. No clock but the zone's is asked.
struct Deadline {
  int second_of_day = 0;
  std::string day;      ///< an expression of the date language that is worth a date
  std::string dataset;  ///< empty: of the job itself
  SourcePosition where;
};

/// What a deadline is reckoned with.
struct DeadlineScope {
  Period period;
  Zone zone;
  std::shared_ptr<const Calendar> calendar;  ///< null: none
  std::map<std::string, TaskParam> params;
};

/// Reads `deadline: { at: "08:00", day: workday(1) }`; the day after the period's last is the
/// default. `scope` is asked for kinds only, its period is any of the graph's kind.
std::optional<Deadline> read_deadline(YamlNode node, const DeadlineScope& scope,
                                      Diagnostics& diagnostics);

/// In place of a run's id: where deadlines are recorded that were missed before the period had one.
std::string run_before_runs(const std::string& graph, const std::string& period);

/// The instant it falls on; where clocks skip it, the first one after. Throws Error(config), e.g.
/// for work days of a year the calendar does not know.
Instant instant_of(const Deadline& deadline, const DeadlineScope& scope);

}  // namespace tallymill
