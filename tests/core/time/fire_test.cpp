#include "core/time/fire.h"

#include "calendar_fixture.h"
#include "core/error.h"
#include "schedule_fixture.h"

using namespace tallymill;

namespace {

Instant instant(std::string_view text) {
  const auto found = parse_instant(text);
  REQUIRE_MESSAGE(found, std::string(text));
  return *found;
}

std::string short_text(LocalTime time) {
  std::string text = time.text();
  return text.ends_with(":00") ? text.substr(0, text.size() - 3) : text;
}

/// The next fires as local time with offset (and what was named, if the clock skipped it).
std::string fires(const Schedule& schedule, std::string_view after, int count) {
  std::string result;
  Instant at = instant(after);
  for (int i = 0; i < count; ++i) {
    const auto fire = next_fire(schedule, PeriodKind::day, at);
    if (!fire) return result + " none";
    CHECK(fire->at > at);
    CHECK(schedule.zone.local(fire->at) == fire->local);
    result += (i > 0 ? " " : "") + short_text(fire->local) +
              schedule.zone.text(fire->at).substr(19) +
              (fire->named == fire->local ? "" : "=" + short_text(fire->named).substr(11));
    at = fire->at;
  }
  return result;
}

/// "local -> period", one each.
std::string periods(const Schedule& schedule, PeriodKind kind, std::string_view after, int count) {
  std::string result;
  Instant at = instant(after);
  for (int i = 0; i < count; ++i) {
    const auto fire = next_fire(schedule, kind, at);
    REQUIRE(fire);
    result += (i > 0 ? ", " : "") + short_text(fire->local) + " -> " + fire->period.text();
    at = fire->at;
  }
  return result;
}

}  // namespace

TEST_CASE("fire: a fire is for the last period that had ended") {
  const Schedule schedule = schedule_of("0 6 4 * *", "Asia/Shanghai");
  CHECK(periods(schedule, PeriodKind::month, "2026-01-31T00:00:00Z", 2) ==
        "2026-02-04T06:00 -> 2026-01, 2026-03-04T06:00 -> 2026-02");
  CHECK(periods(schedule, PeriodKind::day, "2026-01-31T00:00:00Z", 1) ==
        "2026-02-04T06:00 -> 2026-02-03");
  CHECK(periods(schedule, PeriodKind::week, "2026-01-31T00:00:00Z", 1) ==
        "2026-02-04T06:00 -> 2026-W05");
  CHECK(periods(schedule, PeriodKind::quarter, "2026-01-31T00:00:00Z", 1) ==
        "2026-02-04T06:00 -> 2025-Q4");
  CHECK(periods(schedule, PeriodKind::year, "2026-01-31T00:00:00Z", 1) ==
        "2026-02-04T06:00 -> 2025");
}

TEST_CASE("fire: a period ends at the first midnight after it") {
  const Schedule schedule = schedule_of("0 0,23 1 * *");
  CHECK(periods(schedule, PeriodKind::month, "2026-01-31T00:00:00Z", 2) ==
        "2026-02-01T00:00 -> 2026-01, 2026-02-01T23:00 -> 2026-01");
  CHECK(periods(schedule, PeriodKind::day, "2026-01-31T00:00:00Z", 2) ==
        "2026-02-01T00:00 -> 2026-01-31, 2026-02-01T23:00 -> 2026-01-31");
}

TEST_CASE("fire: an offset shifts the period, not the time") {
  Schedule schedule = schedule_of("0 6 4 * *");
  schedule.period_offset = 1;
  CHECK(periods(schedule, PeriodKind::month, "2026-01-31T00:00:00Z", 1) ==
        "2026-02-04T06:00 -> 2026-02");
  schedule.period_offset = -2;
  CHECK(periods(schedule, PeriodKind::month, "2026-01-31T00:00:00Z", 1) ==
        "2026-02-04T06:00 -> 2025-11");
}

TEST_CASE("fire: days and cron must both agree") {
  Schedule schedule = schedule_of("0 6 * * *", "Asia/Shanghai");
  schedule.calendar = chinese_calendar();
  schedule.days = days_of("nth_workday(3)");
  CHECK(periods(schedule, PeriodKind::month, "2019-01-01T00:00:00Z", 3) ==
        "2019-01-04T06:00 -> 2018-12, 2019-02-03T06:00 -> 2019-01, 2019-03-05T06:00 -> 2019-02");
  schedule.cron = cron_of("0 6 * * MON-FRI");  // 2019-02-03 was a worked Sunday
  CHECK(periods(schedule, PeriodKind::month, "2019-01-05T00:00:00Z", 1) ==
        "2019-03-05T06:00 -> 2019-02");
}

TEST_CASE("fire: a day the calendar does not know is an error where days are asked for") {
  Schedule schedule = schedule_of("0 6 * * *");
  schedule.calendar = chinese_calendar();
  schedule.days = days_of("workdays");
  schedule.days_place = {"graphs/g.yaml", 3, 20};
  CHECK_THROWS_WITH_AS((void)next_fire(schedule, PeriodKind::day, instant("2019-12-31T12:00:00Z")),
                       "graphs/g.yaml:3:20: error: calendar 'cn' has no data for 2020 (it has 2007 "
                       "to 2019), so it cannot tell whether 2020-01-01 is worked; add "
                       "calendars/cn.2020.yaml",
                       Error);
}

TEST_CASE("fire: in New York a skipped time is due when the clocks have jumped, or not at all") {
  Schedule schedule = schedule_of("30 2 * * *", "America/New_York");
  CHECK(fires(schedule, "2026-03-07T00:00:00Z", 3) ==
        "2026-03-07T02:30-05:00 2026-03-08T03:00-04:00=02:30 2026-03-09T02:30-04:00");
  schedule.gap = GapPolicy::skip;
  CHECK(fires(schedule, "2026-03-07T00:00:00Z", 2) ==
        "2026-03-07T02:30-05:00 2026-03-09T02:30-04:00");
}

TEST_CASE("fire: in New York a repeated time is due once, or each time") {
  Schedule schedule = schedule_of("30 1 * * *", "America/New_York");
  CHECK(fires(schedule, "2026-10-31T12:00:00Z", 2) ==
        "2026-11-01T01:30-04:00 2026-11-02T01:30-05:00");
  CHECK(fires(schedule, "2026-11-01T05:45:00Z", 1) == "2026-11-02T01:30-05:00");
  schedule.overlap = OverlapPolicy::both;
  CHECK(fires(schedule, "2026-10-31T12:00:00Z", 3) ==
        "2026-11-01T01:30-04:00 2026-11-01T01:30-05:00 2026-11-02T01:30-05:00");
  CHECK(fires(schedule, "2026-11-01T05:45:00Z", 1) == "2026-11-01T01:30-05:00");
}

TEST_CASE("fire: in Berlin times around a change keep their order") {
  Schedule schedule = schedule_of("*/30 1-3 * * *", "Europe/Berlin");
  CHECK(fires(schedule, "2026-03-29T00:00:00Z", 3) ==
        "2026-03-29T01:30+01:00 2026-03-29T03:00+02:00=02:00 2026-03-29T03:30+02:00");
  CHECK(fires(schedule, "2026-10-25T00:00:00Z", 3) ==
        "2026-10-25T02:30+02:00 2026-10-25T03:00+01:00 2026-10-25T03:30+01:00");
  schedule.gap = GapPolicy::skip;
  schedule.overlap = OverlapPolicy::both;
  CHECK(fires(schedule, "2026-03-29T00:00:00Z", 2) ==
        "2026-03-29T01:30+01:00 2026-03-29T03:00+02:00");
  CHECK(fires(schedule, "2026-10-25T00:00:00Z", 4) ==
        "2026-10-25T02:30+02:00 2026-10-25T02:00+01:00 2026-10-25T02:30+01:00 "
        "2026-10-25T03:00+01:00");
}

TEST_CASE("fire: Lord Howe's half hour is skipped and repeated like any other") {
  Schedule schedule = schedule_of("15,45 1,2 * * *", "Australia/Lord_Howe");
  CHECK(fires(schedule, "2026-10-03T14:00:00Z", 4) ==
        "2026-10-04T01:15+10:30 2026-10-04T01:45+10:30 2026-10-04T02:30+11:00=02:15 "
        "2026-10-04T02:45+11:00");
  CHECK(fires(schedule, "2026-04-04T14:00:00Z", 3) ==
        "2026-04-05T01:15+11:00 2026-04-05T01:45+11:00 2026-04-05T02:15+10:30");
  schedule.overlap = OverlapPolicy::both;
  CHECK(fires(schedule, "2026-04-04T14:00:00Z", 4) ==
        "2026-04-05T01:15+11:00 2026-04-05T01:45+11:00 2026-04-05T01:45+10:30 "
        "2026-04-05T02:15+10:30");
}

TEST_CASE("fire: Shanghai's summer times of 1986 to 1991 count for old dates") {
  Schedule schedule = schedule_of("30 2 * * *", "Asia/Shanghai");
  CHECK(fires(schedule, "1986-05-03T00:00:00Z", 2) ==
        "1986-05-04T03:00+09:00=02:30 1986-05-05T02:30+09:00");
  schedule.cron = cron_of("30 1 15 9 *");
  schedule.overlap = OverlapPolicy::both;
  CHECK(fires(schedule, "1991-09-01T00:00:00Z", 3) ==
        "1991-09-15T01:30+09:00 1991-09-15T01:30+08:00 1992-09-15T01:30+08:00");
}

TEST_CASE("fire: a day that no clock showed is due at its end, for its own period") {
  const Schedule schedule = schedule_of("0 6 * * *", "Pacific/Apia");
  CHECK(periods(schedule, PeriodKind::day, "2011-12-29T12:00:00Z", 4) ==
        "2011-12-29T06:00 -> 2011-12-28, 2011-12-31T00:00 -> 2011-12-29, 2011-12-31T06:00 -> "
        "2011-12-30, 2012-01-01T06:00 -> 2011-12-31");
}

TEST_CASE("fire: schedules that end have an end") {
  CHECK(fires(schedule_of("0 0 29 2 *", "Europe/Berlin"), "2397-01-01T00:00:00Z", 2) ==
        "2400-02-29T00:00+01:00 none");
}

TEST_CASE("fire: when a period is first due follows from the schedule alone") {
  Schedule schedule = schedule_of("0 6,18 * * *", "Asia/Shanghai");
  schedule.calendar = chinese_calendar();
  schedule.days = days_of("nth_workday(3)");
  const auto due = [&](std::string_view period) {
    const auto time = first_due(schedule, *Period::parse(period));
    return time ? time->text() : "never";
  };
  CHECK(due("2019-01") == "2019-02-03T06:00:00");
  CHECK(due("2018") == "2019-01-04T06:00:00");
  CHECK(due("2019-02-02") == "2019-02-03T06:00:00");
  CHECK(due("2019-02-03") == "never");
  schedule.period_offset = 1;
  CHECK(due("2019-02") == "2019-02-03T06:00:00");
  schedule = schedule_of("30 2 * * *", "America/New_York");
  CHECK(due("2026-03-07") == "2026-03-08T02:30:00");
  schedule.gap = GapPolicy::skip;
  CHECK(due("2026-03-07") == "never");
}
