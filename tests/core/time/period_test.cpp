#include "core/time/period.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

namespace {

constexpr PeriodKind kKinds[] = {PeriodKind::day, PeriodKind::week, PeriodKind::month,
                                 PeriodKind::quarter, PeriodKind::year};

Period period(std::string_view text) {
  const auto parsed = Period::parse(text);
  REQUIRE_MESSAGE(parsed, std::string(text));
  return *parsed;
}

std::string days_of(std::string_view text) {
  return period(text).first_day().text() + ".." + period(text).last_day().text();
}

}  // namespace

TEST_CASE("period: each literal has its kind and its days") {
  CHECK(period("2026").kind() == PeriodKind::year);
  CHECK(days_of("2026") == "2026-01-01..2026-12-31");
  CHECK(days_of("2026-Q1") == "2026-01-01..2026-03-31");
  CHECK(days_of("2026-Q4") == "2026-10-01..2026-12-31");
  CHECK(days_of("2026-01") == "2026-01-01..2026-01-31");
  CHECK(days_of("2024-02") == "2024-02-01..2024-02-29");
  CHECK(days_of("2026-02") == "2026-02-01..2026-02-28");
  CHECK(days_of("2026-W05") == "2026-01-26..2026-02-01");
  CHECK(days_of("2026-01-31") == "2026-01-31..2026-01-31");
}

TEST_CASE("period: ISO weeks around the new year") {
  CHECK(days_of("2020-W53") == "2020-12-28..2021-01-03");
  CHECK(days_of("2021-W01") == "2021-01-04..2021-01-10");
  CHECK(days_of("2026-W01") == "2025-12-29..2026-01-04");
  CHECK(days_of("2026-W53") == "2026-12-28..2027-01-03");
  CHECK_FALSE(Period::parse("2021-W53"));
  CHECK_FALSE(Period::parse("2025-W53"));
  CHECK(Period::containing(PeriodKind::week, Date::from_civil(2021, 1, 1)).text() == "2020-W53");
  CHECK(Period::containing(PeriodKind::week, Date::from_civil(2024, 12, 30)).text() == "2025-W01");
  CHECK(period("2020-W53").next().text() == "2021-W01");
  CHECK(period("2021-W01").next(-1).text() == "2020-W53");
}

TEST_CASE("period: what is no literal is refused") {
  for (const char* text :
       {"",          "26",      "2026-",    "2026-1",   "2026-13", "2026-00",  "2026-Q0",
        "2026-Q5",   "2026-q1", "2026-W00", "2026-W54", "2026-W5", "2026-w05", "2026-02-30",
        "2026-01-1", "2026/01", "0000",     "0000-01",  "x026",    "20261",    "2026-01-31T",
        " 2026",     "2026 ",   "202601",   "2026Q1"})
    CHECK_MESSAGE(!Period::parse(text), text);
}

TEST_CASE("period: law: every day lies in one period of each kind, whose text reads back") {
  for (PeriodKind kind : kKinds) {
    CAPTURE(std::string(to_string(kind)));
    Period previous = Period::containing(kind, Date::from_civil(1995, 12, 31));
    for (Date day = Date::from_civil(1996, 1, 1); day < Date::from_civil(2032, 1, 1); ++day.days) {
      const Period holder = Period::containing(kind, day);
      REQUIRE(holder.contains(day));
      REQUIRE(period(holder.text()) == holder);
      // Without a gap and without an overlap.
      REQUIRE((holder == previous || holder == previous.next()));
      if (holder != previous) {
        REQUIRE(holder.first_day().days == previous.last_day().days + 1);
        REQUIRE(holder.next(-1) == previous);
      }
      previous = holder;
    }
  }
}

TEST_CASE("period: law: going forth and back returns") {
  for (const char* text : {"2026", "2026-Q3", "2024-02", "2020-W53", "2024-02-29"})
    for (int count = -60; count <= 60; ++count)
      CHECK(period(text).next(count).next(-count) == period(text));
}

TEST_CASE("period: next crosses years") {
  CHECK(period("2026-12").next().text() == "2027-01");
  CHECK(period("2026-Q4").next(2).text() == "2027-Q2");
  CHECK(period("2026").next(-26).text() == "2000");
  CHECK(period("2026-12-31").next().text() == "2027-01-01");
  CHECK(period("2026-01").next(-1).text() == "2025-12");
  CHECK(period("2026-01").next(0).text() == "2026-01");
}

TEST_CASE("period: leaving the calendar is an error, not a wrong date") {
  for (const char* text : {"2026", "2026-Q1", "2026-01", "2026-W05", "2026-01-31"}) {
    CHECK_THROWS_AS(period(text).next(INT32_MAX), Error);
    CHECK_THROWS_AS(period(text).next(INT32_MIN), Error);
  }
  CHECK(period("9999").last_day().text() == "9999-12-31");
  CHECK_THROWS_AS(period("9999").next(), Error);
  CHECK_THROWS_AS(period("9999-12-31").next(), Error);
  CHECK_THROWS_AS(period("0001").next(-1), Error);
}

TEST_CASE("period: the days of a month, the months of a quarter") {
  const auto days = periods_within(PeriodKind::day, period("2024-02"));
  CHECK(days.size() == 29);
  CHECK(days.front().text() == "2024-02-01");
  CHECK(days.back().text() == "2024-02-29");
  const auto months = periods_within(PeriodKind::month, period("2026-Q4"));
  REQUIRE(months.size() == 3);
  CHECK(months[2].text() == "2026-12");
  CHECK(periods_within(PeriodKind::quarter, period("2026")).size() == 4);
  CHECK(periods_within(PeriodKind::day, period("2026-W05")).size() == 7);
  CHECK(periods_within(PeriodKind::day, period("9999-12")).size() == 31);
  CHECK(periods_within(PeriodKind::month, period("2026-01")).size() == 1);
  CHECK(periods_within(PeriodKind::year, period("2026-01")).empty());
  CHECK(periods_within(PeriodKind::month, period("2026-W05")).empty());
}

TEST_CASE("period: law: a week lies within the month, quarter and year of its Thursday only") {
  for (PeriodKind outer_kind : {PeriodKind::month, PeriodKind::quarter, PeriodKind::year}) {
    std::vector<Period> weeks;
    for (Period outer = Period::containing(outer_kind, Date::from_civil(2014, 1, 1));
         outer.first_day() < Date::from_civil(2030, 1, 1); outer = outer.next())
      for (const Period& week : periods_within(PeriodKind::week, outer)) {
        CHECK(outer.contains({week.first_day().days + 3}));
        weeks.push_back(week);
      }
    REQUIRE(weeks.size() > 800);
    for (std::size_t i = 1; i < weeks.size(); ++i) REQUIRE(weeks[i] == weeks[i - 1].next());
  }
  CHECK(periods_within(PeriodKind::week, period("2020")).size() == 53);
  CHECK(periods_within(PeriodKind::week, period("2021")).size() == 52);
}

TEST_CASE("period: kinds have names") {
  for (PeriodKind kind : kKinds) CHECK(period_kind_from(to_string(kind)) == kind);
  CHECK(period_kind_from("decade") == std::nullopt);
}
