#include "core/time/day_rule.h"

#include "calendar_fixture.h"
#include "core/error.h"
#include "schedule_fixture.h"

using namespace tallymill;

namespace {

/// The next `count` days of a rule by the Chinese calendar.
std::string days(std::string_view rule, std::string_view from, int count) {
  const DayRule parsed = days_of(rule);
  std::string result;
  Date day = date(from);
  for (int i = 0; i < count; ++i) {
    const auto next = parsed.next(day, chinese_calendar().get());
    if (!next) return result + " none";
    result += (i > 0 ? " " : "") + next->text();
    day = {next->days + 1};
  }
  return result;
}

std::string problem_of(std::string_view text) {
  std::vector<TextProblem> problems;
  CHECK_FALSE(DayRule::parse(text, problems));
  REQUIRE(problems.size() == 1);
  return std::to_string(problems[0].offset) + "+" + std::to_string(problems[0].length) + ": " +
         problems[0].message + (problems[0].hint.empty() ? "" : "; " + problems[0].hint);
}

}  // namespace

TEST_CASE("day rule: every day, work days and days off") {
  CHECK(days("every_day", "2019-10-01", 2) == "2019-10-01 2019-10-02");
  CHECK(days("workdays", "2019-10-01", 2) == "2019-10-08 2019-10-09");
  CHECK(days("days_off", "2019-10-07", 3) == "2019-10-07 2019-10-13 2019-10-19");
}

TEST_CASE("day rule: the n-th work day of a month, from its start and from its end") {
  CHECK(days("nth_workday(3)", "2019-01-01", 3) == "2019-01-04 2019-02-03 2019-03-05");
  CHECK(days("nth_workday(-2)", "2019-01-01", 2) == "2019-01-30 2019-02-27");
  CHECK(days("last_workday", "2019-08-01", 3) == "2019-08-30 2019-09-30 2019-10-31");
  CHECK(days("nth_workday(23)", "2019-01-01", 1) == "2019-07-31");  // the only month with 23
}

TEST_CASE("day rule: the n-th work day of a week, quarter or year") {
  CHECK(days("nth_workday(1, week)", "2019-09-30", 3) == "2019-09-30 2019-10-08 2019-10-14");
  CHECK(days("nth_workday( 1 ,quarter )", "2019-01-01", 2) == "2019-01-02 2019-04-01");
  CHECK(days("last_workday(year)", "2018-01-01", 2) == "2018-12-29 2019-12-31");
}

TEST_CASE("day rule: a day of the month rolls to the nearest work day") {
  CHECK(days("roll_forward(1)", "2019-05-01", 2) == "2019-05-05 2019-06-03");
  CHECK(days("roll_back(1)", "2019-05-01", 2) == "2019-05-31 2019-07-01");
  CHECK(days("roll_forward(month_end)", "2019-03-01", 2) == "2019-04-01 2019-04-30");
  CHECK(days("roll_back(month_end)", "2019-02-01", 2) == "2019-02-28 2019-03-29");
  CHECK(days("roll_forward(31)", "2019-04-01", 2) == "2019-04-01 2019-04-30");
}

TEST_CASE("day rule: the month's end needs no calendar, work days do") {
  CHECK(days_of("month_end").next(date("2024-02-01"), nullptr) == date("2024-02-29"));
  CHECK_FALSE(days_of("month_end").needs_calendar());
  CHECK_FALSE(DayRule().needs_calendar());
  CHECK(days_of("nth_workday(1)").needs_calendar());
  CHECK(days_of("days_off").needs_calendar());
}

TEST_CASE("day rule: what no day fits ends, what is not known is an error") {
  const auto plain = calendar_of("plain", "calendar: plain\nunlisted_years: no_holidays\n");
  CHECK_FALSE(days_of("nth_workday(24)").next(date("2026-01-01"), plain.get()));
  CHECK_THROWS_AS((void)days_of("workdays").next(date("2020-01-01"), chinese_calendar().get()),
                  Error);
  // Only a late day of the month before may roll into this one.
  CHECK(days("roll_forward(15)", "2007-01-01", 1) == "2007-01-15");
}

TEST_CASE("day rule: what is no rule is told where and what would be one") {
  CHECK(problem_of("nth_workdy(3)") ==
        "0+10: unknown rule for days 'nth_workdy'; did you mean 'nth_workday'?");
  CHECK(problem_of("3 days").starts_with("0+6: unknown rule for days '3 days'; the rules are "));
  CHECK(problem_of("nth_workday(0)") ==
        "12+1: which work day of the month must be from 1 to 31, or from -1 to -31 counted from "
        "its end, got '0'");
  CHECK(problem_of("nth_workday(8, week)") ==
        "12+1: which work day of the week must be from 1 to 7, or from -1 to -7 counted from its "
        "end, got '8'");
  CHECK(problem_of("nth_workday") ==
        "0+11: nth_workday takes 1 or 2 in brackets, got 0; write e.g. nth_workday(3)");
  CHECK(problem_of("workdays(1)") == "0+11: workdays takes 0 in brackets, got 1");
  CHECK(problem_of("nth_workday(1, day)") ==
        "15+3: the unit must be one of week, month, quarter, year, got 'day'");
  CHECK(problem_of("roll_back(32)") ==
        "10+2: the day must be from 1 to 31, or month_end, got '32'");
  CHECK(problem_of("last_workday(").starts_with("0+13: '(' is not closed"));
}
