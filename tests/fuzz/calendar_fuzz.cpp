// Any bytes are either refused with a located error or become a calendar that keeps its laws; any
// JSON that the importer takes becomes a calendar file that reads back the same days.

#include <algorithm>
#include <string>

#include "core/error.h"
#include "core/time/calendar_file.h"
#include "core/time/holiday_cn.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

namespace {

void look_at_year(const Calendar& calendar, int year) {
  const Date first = Date::from_civil(year, 1, 1);
  const Date last = Date::from_civil(year, 12, 31);
  const int count = calendar.workdays_between({first.days - 1}, last);
  TALLYMILL_REQUIRE(count >= 0 && count <= 366);
  TALLYMILL_REQUIRE(!calendar.nth_workday(first, last, count + 1));
  if (count == 0) return;
  const auto nth = calendar.nth_workday(first, last, count);
  TALLYMILL_REQUIRE(nth && calendar.is_workday(*nth));
  TALLYMILL_REQUIRE(calendar.nth_workday(first, last, -1) == nth);
  TALLYMILL_REQUIRE(calendar.add_workdays({first.days - 1}, count) == *nth);
}

void read_as_yaml(const std::string& text) {
  const CalendarText file{"calendars/f.yaml", text};
  Diagnostics diagnostics;
  const auto calendar = read_calendar("f", std::span(&file, 1), diagnostics);
  TALLYMILL_REQUIRE(calendar != nullptr);
  if (diagnostics.has_errors()) return;
  for (const int year : calendar->years())
    if (year > 1) look_at_year(*calendar, year);
}

void read_as_json(const std::string& text) {
  CalendarYear year;
  try {
    year = parse_holiday_cn(text, "f.json");
  } catch (const Error&) {
    return;
  }
  const CalendarText file{"calendars/f.yaml", calendar_yaml("f", "", {}, std::span(&year, 1))};
  Diagnostics diagnostics;
  const auto calendar = read_calendar("f", std::span(&file, 1), diagnostics);
  if (diagnostics.has_errors()) return;  // days far away, or called both
  for (const CalendarYear::Day& day : year.days) {
    const Calendar::SpecialDay* found = calendar->special(day.day);
    TALLYMILL_REQUIRE(found != nullptr && found->kind == day.special.kind);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_as_yaml(text);
  read_as_json(text);
  return 0;
}
