#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/diagnostics.h"
#include "core/options.h"
#include "core/time/calendar.h"

namespace tallymill {

/// A file of a calendar: `calendars/<name>.yaml`, and `calendars/<name>.<label>.yaml` for years
/// that are added later, so that nobody has to edit what was shipped.
struct CalendarText {
  std::string file;  ///< relative to the workspace
  std::string text;
};

/// The name in "cn.yaml" and "cn.2026.yaml"; empty for other file names.
std::string calendar_name(const std::string& file_name);

/// The keys of a calendar file.
const std::vector<OptionSpec>& calendar_options();
const std::vector<OptionSpec>& calendar_year_options();

/// Reads all files of one calendar. Reports every problem with its place: texts that are no dates,
/// days far from their year, a day that is called both, and, as warnings, years left out between
/// others and make-up days that are worked anyway. The result is usable only without errors.
std::shared_ptr<const Calendar> read_calendar(const std::string& name,
                                              std::span<const CalendarText> files,
                                              Diagnostics& diagnostics);

}  // namespace tallymill
