#pragma once

#include <doctest/doctest.h>

#include <string>

#include "core/files.h"
#include "core/time/calendar_file.h"
#include "tests/folders.h"

namespace tallymill {

inline Date date(std::string_view text) {
  const auto day = parse_date(text);
  REQUIRE_MESSAGE(day, std::string(text));
  return day.value;
}

/// A calendar of one file that must be sound.
inline std::shared_ptr<const Calendar> calendar_of(const std::string& name,
                                                   const std::string& text) {
  Diagnostics diagnostics;
  const CalendarText file{"calendars/" + name + ".yaml", text};
  auto calendar = read_calendar(name, std::span(&file, 1), diagnostics);
  REQUIRE_MESSAGE(diagnostics.empty(), diagnostics.render());
  return calendar;
}

/// The Chinese calendar as it ships: 2007 to 2019.
inline std::shared_ptr<const Calendar> chinese_calendar() {
  static const auto calendar = calendar_of(
      "cn", read_file(std::filesystem::path(kSourceFolder) / "config/calendars/cn.yaml"));
  return calendar;
}

}  // namespace tallymill
