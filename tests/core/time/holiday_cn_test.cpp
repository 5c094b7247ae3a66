#include "core/time/holiday_cn.h"

#include "calendar_fixture.h"
#include "core/error.h"
#include "core/json.h"
#include "tests/folders.h"
#include "tests/outside_data.h"

using namespace tallymill;

namespace fs = std::filesystem;

namespace {

constexpr const char* kYear =
    R"({"$schema": "x", "year": 2019, "papers": ["http://a/b.htm"], "days": [
  {"name": "元旦", "date": "2019-01-01", "isOffDay": true},
  {"name": "元旦", "date": "2018-12-30", "isOffDay": true},
  {"name": "元旦", "date": "2018-12-31", "isOffDay": true},
  {"name": "元旦", "date": "2018-12-29", "isOffDay": false},
  {"name": "May: #1", "date": "2019-05-01", "isOffDay": true}]})";

int workdays(const Calendar& calendar, int year) {
  return calendar.workdays_between(Date{Date::from_civil(year, 1, 1).days - 1},
                                   Date::from_civil(year, 12, 31));
}

/// Work days of `year` by its own file alone, and those of all files.
void check_facts(const fs::path& folder, const json::object& facts) {
  for (const auto& [key, value] : facts) {
    const std::string year(key);
    CAPTURE(year);
    const std::vector<CalendarYear> alone{
        parse_holiday_cn(read_file(folder / (year + ".json")), year + ".json")};
    const auto calendar = calendar_of("cn", calendar_yaml("cn", "", {}, alone));
    CHECK(workdays(*calendar, std::stoi(year)) == json_integer(value.as_object(), "workdays"));
    CHECK(workdays(*chinese_calendar(), std::stoi(year)) ==
          json_integer(value.as_object(), "workdays_all_files_merged"));
  }
}

}  // namespace

TEST_CASE("holiday_cn: a year becomes a calendar file with ranges") {
  const std::vector<CalendarYear> years{parse_holiday_cn(kYear, "2019.json")};
  const std::vector<std::string> heading{"Imported."};
  const std::string text = calendar_yaml("cn", "China", heading, years);
  CHECK(text ==
        "# Imported.\ncalendar: cn\ndescription: China\nyears:\n  2019:\n    source:\n"
        "      - http://a/b.htm\n    holidays:\n      2018-12-30..2019-01-01: 元旦\n"
        "      2019-05-01: \"May: #1\"\n    workdays:\n      2018-12-29: 元旦\n");
  CHECK(calendar_of("cn", text)->special(date("2019-05-01"))->name == "May: #1");
}

TEST_CASE("holiday_cn: what is not of the format is refused with its line and column") {
  CHECK_THROWS_WITH_AS(parse_holiday_cn("[]", "x.json"),
                       "x.json:1:1: error: the file must be an object", Error);
  CHECK_THROWS_WITH_AS(parse_holiday_cn(R"({"year": 0, "days": []})", "x.json"),
                       "x.json:1:1: error: key 'year' must be from 1 to 9999", Error);
  CHECK_THROWS_WITH_AS(
      parse_holiday_cn("{\"year\": 2019, \"papers\": [\"a{\\\"[\"],\n \"days\": [\n"
                       "  {\"date\": \"2019-02-28\", \"isOffDay\": true},\n"
                       "  {\"date\": \"2019-02-30\", \"isOffDay\": true}]}",
                       "x.json"),
      "x.json:4:3: error: key 'date' must be a day such as 2019-01-01, got '2019-02-30'", Error);
}

TEST_CASE("holiday_cn: the shipped calendar has the known work days of each year") {
  const std::map<int, int> known{{2007, 249}, {2008, 251}, {2009, 250}, {2010, 250}, {2011, 250},
                                 {2012, 249}, {2013, 250}, {2014, 250}, {2015, 249}, {2016, 250},
                                 {2017, 249}, {2018, 250}, {2019, 250}};
  for (const auto& [year, days] : known) {
    CAPTURE(year);
    CHECK(workdays(*chinese_calendar(), year) == days);
  }
}

TEST_CASE("holiday_cn: every outside year gives the work days its facts name") {
  const auto folder = outside_data("suites/holiday_cn");
  const auto facts = outside_data("facts.json");
  if (!folder || !facts) return;
  const json::value value = parse_json(read_file(*facts), "facts.json");
  check_facts(*folder, value.at("tables").at("suites/holiday_cn").as_object());
}

TEST_CASE("holiday_cn: the shipped calendar is the import of every outside year") {
  const auto folder = outside_data("suites/holiday_cn");
  if (!folder) return;
  std::vector<CalendarYear> years;
  for (int year = 2007; year <= 2019; ++year)
    years.push_back(
        parse_holiday_cn(read_file(*folder / (std::to_string(year) + ".json")), "holiday_cn"));
  const std::string imported = calendar_yaml("cn", "", {}, years);
  const std::string shipped = read_file(fs::path(kSourceFolder) / "config/calendars/cn.yaml");
  const auto body = [](const std::string& text) { return text.substr(text.find("years:\n")); };
  CHECK(body(shipped) == body(imported));
}
