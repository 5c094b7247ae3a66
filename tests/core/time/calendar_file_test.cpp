#include "core/time/calendar_file.h"

#include "calendar_fixture.h"

using namespace tallymill;

namespace {

std::string problems(const std::vector<CalendarText>& files) {
  Diagnostics diagnostics;
  read_calendar("cn", files, diagnostics);
  std::string lines;
  for (const Diagnostic& item : diagnostics.sorted())
    lines += item.where.text() +
             (item.severity == Severity::warning ? ": warning: " : ": error: ") + item.message +
             (item.hint.empty() ? "" : "; " + item.hint) + "\n";
  return lines;
}

std::string problems(const std::string& text) { return problems({{"calendars/cn.yaml", text}}); }

}  // namespace

TEST_CASE("calendar file: the name is the file's, with or without a label") {
  CHECK(calendar_name("cn.yaml") == "cn");
  CHECK(calendar_name("cn.2026.yaml") == "cn");
  for (const char* name : {"cn.yml", "cn", ".yaml", "cn..yaml", "a.b.c.yaml", "4.yaml"})
    CHECK(calendar_name(name).empty());
}

TEST_CASE("calendar file: days come as ranges with names, or as a list") {
  const auto calendar = calendar_of("cn",
                                    "calendar: cn\nyears:\n  2026:\n    holidays:\n"
                                    "      2025-12-31..2026-01-02: New Year\n"
                                    "    workdays: [2026-01-04]\n");
  for (const char* day : {"2025-12-31", "2026-01-01", "2026-01-02"})
    CHECK(calendar->special(date(day))->name == "New Year");
  CHECK(calendar->is_workday(date("2026-01-04")));
}

TEST_CASE("calendar file: years may stand in files of their own") {
  Diagnostics diagnostics;
  const std::vector<CalendarText> files{
      {"calendars/cn.yaml", "calendar: cn\nweekend: [sunday]\nyears: { 2026: {} }\n"},
      {"calendars/cn.2027.yaml", "calendar: cn\nyears: { 2027: { holidays: [2027-01-01] } }\n"}};
  const auto calendar = read_calendar("cn", files, diagnostics);
  CHECK(diagnostics.empty());
  CHECK(calendar->years_text() == "2026 to 2027");
  CHECK(calendar->is_workday(date("2027-01-02")));  // Saturday
  CHECK_FALSE(calendar->is_workday(date("2027-01-01")));
}

TEST_CASE("calendar file: what cannot be is reported where it stands") {
  CHECK(
      problems("calendar: us\nweekend: [sonday]\nyear: {}\n") ==
      "calendars/cn.yaml:1:11: error: calendar 'us' stands in a file of 'cn'; write 'calendar: "
      "cn', or rename the file\n"
      "calendars/cn.yaml:2:11: error: element 1 of option 'weekend' must be one of monday, "
      "tuesday, wednesday, thursday, friday, saturday, sunday, got 'sonday'; did you mean "
      "'monday'?\n"
      "calendars/cn.yaml:3:1: error: unknown option 'year' for calendar; did you mean 'years'?\n");
  CHECK(problems("[]\n") ==
        "calendars/cn.yaml:1:1: error: a calendar must be a mapping, got list; start with "
        "'calendar: cn'\n");
  CHECK(problems("calendar: cn\nyears:\n  MMXX: {}\n  2026:\n    holiday: []\n") ==
        "calendars/cn.yaml:3:3: error: a year must be from 1 to 9999, got 'MMXX'\n"
        "calendars/cn.yaml:5:5: error: unknown option 'holiday' for '2026' of 'years' of "
        "calendar; did you mean 'holidays'?\n");
}

TEST_CASE("calendar file: texts that are no days, and days of other years, are errors") {
  CHECK(problems("calendar: cn\nyears:\n  2026:\n    holidays:\n      2026-02-30: x\n"
                 "      2026-01-03..2026-01-01: x\n      2024-12-31: x\n") ==
        "calendars/cn.yaml:5:7: error: a day must be a date or two with '..' between them, got "
        "'2026-02-30'; write 2019-01-01 or 2019-02-04..2019-02-10\n"
        "calendars/cn.yaml:6:7: error: a day must be a date or two with '..' between them, got "
        "'2026-01-03..2026-01-01'; write 2019-01-01 or 2019-02-04..2019-02-10\n"
        "calendars/cn.yaml:7:7: error: '2024-12-31' is far from the year 2026 it stands under\n");
}

TEST_CASE("calendar file: a day cannot be both, nor a year stand twice") {
  CHECK(problems(
            {{"calendars/cn.yaml", "calendar: cn\nyears: { 2026: { holidays: [2026-01-03] } }\n"},
             {"calendars/cn.2027.yaml",
              "calendar: cn\nyears:\n  2026: {}\n  2027: { workdays: [2026-01-03] }\n"
              "weekend: [friday]\n"}}) ==
        "calendars/cn.2027.yaml:3:3: error: the year 2026 stands twice; keep its days in one "
        "place\n"
        "calendars/cn.2027.yaml:4:22: error: 2026-01-03 is called a work day here and a holiday "
        "elsewhere; keep the one that holds\n"
        "calendars/cn.2027.yaml:5:10: error: option 'weekend' is for the whole calendar; move it "
        "to calendars/cn.yaml\n");
}

TEST_CASE("calendar file: years left out and needless make-up days are warnings") {
  CHECK(problems("calendar: cn\nyears:\n  2024: {}\n  2026: { workdays: [2026-01-05] }\n") ==
        "calendars/cn.yaml:3:3: warning: calendar 'cn' has no data for 2025 (it has 2024, 2026); "
        "asking for a work day of that year will be an error\n"
        "calendars/cn.yaml:4:22: warning: 2026-01-05 is no day of the weekend, so it is worked "
        "anyway\n");
}
