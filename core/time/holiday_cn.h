#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time/calendar.h"

namespace tallymill {

/// What was announced for one year, as a calendar file lists it.
struct CalendarYear {
  struct Day {
    Date day;
    Calendar::SpecialDay special;
  };
  int year = 0;
  std::vector<std::string> sources;  ///< where it was announced
  std::vector<Day> days;             ///< some may lie in the years beside
};

/// Reads one file of NateScarlet/holiday-cn: {"year", "papers", "days": [{"name", "date",
/// "isOffDay"}, ...]}; other keys are ignored. Throws Error(data) that names `what`, the line and
/// the column of the entry.
CalendarYear parse_holiday_cn(std::string_view json_text, std::string_view what);

/// The text of a calendar file that holds these years; days that follow each other and have one
/// name become a range. `heading`: comment lines, without their '#'.
std::string calendar_yaml(const std::string& name, const std::string& description,
                          std::span<const std::string> heading,
                          std::span<const CalendarYear> years);

}  // namespace tallymill
