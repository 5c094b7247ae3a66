#include "core/time/calendar.h"

#include "calendar_fixture.h"
#include "core/error.h"

using namespace tallymill;

namespace {

const Calendar& cn() { return *chinese_calendar(); }

std::string nth(const Calendar& calendar, std::string_view first, std::string_view last, int n) {
  const auto day = calendar.nth_workday(date(first), date(last), n);
  return day ? day->text() : "none";
}

}  // namespace

TEST_CASE("calendar: holidays are off, make-up days are worked, the week decides the rest") {
  CHECK_FALSE(cn().is_workday(date("2019-10-01")));  // Tuesday, National Day
  CHECK(cn().is_workday(date("2019-10-12")));        // Saturday, worked
  CHECK_FALSE(cn().is_workday(date("2019-10-13")));  // Sunday
  CHECK(cn().is_workday(date("2019-10-14")));
  CHECK(cn().special(date("2019-10-01"))->name == "国庆节");
  CHECK(cn().special(date("2019-10-14")) == nullptr);
}

TEST_CASE("calendar: days off roll to the nearest work day, work days stay") {
  CHECK(cn().roll_forward(date("2019-10-01")) == date("2019-10-08"));
  CHECK(cn().roll_back(date("2019-10-06")) == date("2019-09-30"));
  CHECK(cn().roll_forward(date("2019-10-12")) == date("2019-10-12"));
  CHECK(cn().roll_back(date("2019-10-12")) == date("2019-10-12"));
}

TEST_CASE("calendar: work days are counted from any day, in both directions") {
  CHECK(cn().add_workdays(date("2019-09-30"), 1) == date("2019-10-08"));
  CHECK(cn().add_workdays(date("2019-10-03"), 1) == date("2019-10-08"));
  CHECK(cn().add_workdays(date("2019-10-08"), 4) == date("2019-10-12"));  // Saturday, worked
  CHECK(cn().add_workdays(date("2019-10-08"), -1) == date("2019-09-30"));
  CHECK(cn().add_workdays(date("2019-10-03"), 0) == date("2019-10-03"));
  CHECK(cn().workdays_between(date("2019-09-30"), date("2019-10-08")) == 1);
  CHECK(cn().workdays_between(date("2019-10-08"), date("2019-09-30")) == -1);
  CHECK(cn().workdays_between(date("2019-10-08"), date("2019-10-08")) == 0);
}

TEST_CASE("calendar: the n-th work day of a span, from either end") {
  CHECK(nth(cn(), "2019-02-01", "2019-02-28", 1) == "2019-02-01");
  CHECK(nth(cn(), "2019-02-01", "2019-02-28", 3) == "2019-02-03");  // the weekend was worked
  CHECK(nth(cn(), "2019-02-01", "2019-02-28", 4) == "2019-02-11");
  CHECK(nth(cn(), "2019-02-01", "2019-02-28", -1) == "2019-02-28");
  CHECK(nth(cn(), "2019-10-01", "2019-10-07", 1) == "none");
}

TEST_CASE("calendar: a year without data is an error for whoever asks") {
  CHECK(cn().years_text() == "2007 to 2019");
  CHECK_THROWS_WITH_AS(cn().add_workdays(date("2019-12-30"), 2),
                       "error: calendar 'cn' has no data for 2020 (it has 2007 to 2019), so it "
                       "cannot tell whether 2020-01-01 is worked; add calendars/cn.2020.yaml",
                       Error);
  CHECK(cn().add_workdays(date("2019-12-30"), 1) == date("2019-12-31"));
  // 2018's end is announced with 2019, 2006's with 2007: that does not make 2006 known.
  CHECK_FALSE(cn().has_year(2006));
  CHECK_THROWS_AS(cn().is_workday(date("2006-12-30")), Error);
}

TEST_CASE("calendar: unlisted years may be declared free of holidays") {
  const auto plain =
      calendar_of("plain", "calendar: plain\nweekend: [friday]\nunlisted_years: no_holidays\n");
  CHECK(plain->years_text() == "every year");
  CHECK_FALSE(plain->is_workday(date("2026-01-02")));
  CHECK(plain->is_workday(date("2026-01-03")));
  CHECK_THROWS_WITH_AS(plain->add_workdays(date("9999-12-31"), 1),
                       "error: work days from 9999-12-31 leave the years 1 to 9999", Error);
}

TEST_CASE("calendar: adding work days and counting them are inverse") {
  for (Date day = date("2010-01-01"); day < date("2010-12-31"); ++day.days)
    for (const int count : {-30, -2, -1, 1, 2, 30}) {
      const Date target = cn().add_workdays(day, count);
      CHECK(cn().is_workday(target));
      if (count > 0)
        CHECK(cn().workdays_between(day, target) == count);
      else
        CHECK(cn().workdays_between(Date{target.days - 1}, Date{day.days - 1}) == -count);
    }
}
