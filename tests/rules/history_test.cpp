#include "rules/history.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

namespace {

using Band = HistoryBand;

Period period(const std::string& text) { return Period::parse(text).value(); }

MeasureHistory months(const std::vector<std::string>& values) {
  MeasureHistory history;
  Period at = period("2025-01");
  for (const std::string& value : values) {
    history.emplace(at, value);
    at = at.next();
  }
  return history;
}

Band band(Band::Method method, const std::string& limit, int least = 1) {
  Band made;
  made.method = method;
  made.least = least;
  made.limit = parse_decimal(limit, 18, 9, true).value;
  return made;
}

/// "pass from 80.00 to 120.00 ..."
std::string judged(const MeasureHistory& past, const std::string& value, const Band& by,
                   int scale = 2) {
  const HistoryVerdict verdict = judge_by_history(past, value, by, scale);
  return (!verdict.is_judged ? "none " : verdict.passes ? "pass " : "fail ") + verdict.expected;
}

}  // namespace

TEST_CASE("history: a change is judged against the median, exactly at its limit") {
  const MeasureHistory past = months({"100.00"});
  const Band fifth = band(Band::Method::change, "0.2");
  CHECK(judged(past, "120.00", fifth) == "pass from 80.00 to 120.00 (median 100.00 of 1 period)");
  CHECK(judged(past, "120.01", fifth).starts_with("fail "));
  CHECK(judged(past, "80.00", fifth).starts_with("pass "));
  CHECK(judged(past, "79.99", fifth).starts_with("fail "));
  CHECK(judged(months({"-10.00"}), "-12.00", fifth).starts_with("pass "));
  CHECK(judged(months({"0.00"}), "0.01", fifth) ==
        "fail from 0.00 to 0.00 (median 0.00 of 1 period)");
}

TEST_CASE("history: deviations are measured from the median of an even number of values, too") {
  // Median 25, deviations 15 5 5 15, their median 10.
  const MeasureHistory past = months({"10", "20", "30", "40"});
  const Band two = band(Band::Method::mad, "2");
  CHECK(judged(past, "45", two, 0) == "pass from 5 to 45 (median 25 of 4 periods)");
  CHECK(judged(past, "46", two, 0).starts_with("fail "));
  CHECK(judged(past, "5", two, 0).starts_with("pass "));
  CHECK(judged(past, "4", two, 0).starts_with("fail "));
}

TEST_CASE("history: one wild value among many moves no band of medians") {
  const MeasureHistory calm = months({"100", "101", "99", "100", "102", "98", "100"});
  const MeasureHistory wild = months({"100", "101", "99", "100", "102", "98", "1000000"});
  const Band five = band(Band::Method::mad, "5");
  CHECK(judged(calm, "105", five, 0).starts_with("pass "));
  CHECK(judged(wild, "105", five, 0).starts_with("pass "));
  CHECK(judged(wild, "5000", five, 0).starts_with("fail "));
}

TEST_CASE("history: quartiles and ranges are values that were") {
  const MeasureHistory past = months({"1", "2", "3", "4", "5", "6", "7", "8"});
  CHECK(judged(past, "9", band(Band::Method::range, "0"), 0) ==
        "fail from 1 to 8 (median 4 of 8 periods)");  // 4.5, half to even
  CHECK(judged(past, "9", band(Band::Method::range, "0.2"), 0).starts_with("pass "));
  // Quartiles 2 and 6.
  CHECK(judged(past, "12", band(Band::Method::iqr, "1.5"), 0) ==
        "pass from -4 to 12 (median 4 of 8 periods)");
  CHECK(judged(past, "13", band(Band::Method::iqr, "1.5"), 0).starts_with("fail "));
}

TEST_CASE("history: a tolerance widens what a constant past allows, a side ignores the other") {
  const MeasureHistory past = months({"7", "7", "7"});
  Band mad = band(Band::Method::mad, "5");
  CHECK(judged(past, "8", mad, 0) == "fail from 7 to 7 (median 7 of 3 periods)");
  mad.tolerance = 2'000'000'000;
  CHECK(judged(past, "9", mad, 0) == "pass from 5 to 9 (median 7 of 3 periods)");
  mad.side = Band::Side::above;
  CHECK(judged(past, "0", mad, 0) == "pass at most 9 (median 7 of 3 periods)");
  CHECK(judged(past, "10", mad, 0).starts_with("fail "));
  mad.side = Band::Side::below;
  CHECK(judged(past, "10", mad, 0) == "pass at least 5 (median 7 of 3 periods)");
}

TEST_CASE("history: with too little of it there is no judgement") {
  CHECK(judged(months({"1", "2"}), "9", band(Band::Method::mad, "5", 3)) ==
        "none at least 3 earlier values, there are 2");
  CHECK(judged({}, "9", band(Band::Method::mad, "5", 1)) ==
        "none at least 1 earlier values, there are 0");
}

TEST_CASE("history: only earlier periods of the same kind count, the newest of them") {
  const MeasureHistory history = months({"1", "2", "3", "4", "5"});
  Band by = band(Band::Method::mad, "5");
  by.periods = 2;
  const MeasureHistory past = alike(history, period("2025-04"), by);
  CHECK(past == MeasureHistory{{period("2025-02"), "2"}, {period("2025-03"), "3"}});
  CHECK(alike(history, period("2025-04-01"), by).empty());
}

TEST_CASE("history: seasons compare like with like") {
  MeasureHistory days;
  for (Period day = period("2024-01-01"); day < period("2024-04-01"); day = day.next())
    days.emplace(day, "1");
  Band by = band(Band::Method::mad, "5");
  by.season = Band::Season::week;
  for (const auto& [day, value] : alike(days, period("2024-03-25"), by))
    CHECK(day.first_day().iso_weekday() == 1);
  by.season = Band::Season::month;
  CHECK(alike(days, period("2024-03-31"), by) ==
        MeasureHistory{{period("2024-01-31"), "1"}, {period("2024-02-29"), "1"}});
  CHECK(alike(days, period("2024-03-15"), by).size() == 2);
  by.season = Band::Season::year;
  MeasureHistory two_years;
  for (Period month = period("2022-01"); month < period("2024-03"); month = month.next())
    two_years.emplace(month, "1");
  CHECK(alike(two_years, period("2024-03"), by) ==
        MeasureHistory{{period("2022-03"), "1"}, {period("2023-03"), "1"}});
  CHECK(has_season(PeriodKind::day, Band::Season::week));
  CHECK_FALSE(has_season(PeriodKind::month, Band::Season::week));
  CHECK_FALSE(has_season(PeriodKind::year, Band::Season::year));
}

TEST_CASE("history: amounts of a telecom are judged to the fen, and what does not fit is said") {
  const MeasureHistory past = months({"9007199254740993.01", "9007199254740993.01"});
  const Band none = band(Band::Method::change, "0");
  CHECK(judged(past, "9007199254740993.01", none).starts_with("pass "));
  CHECK(judged(past, "9007199254740993.02", none).starts_with("fail "));
  CHECK_THROWS_AS(judged(past, "99999999999999999999999999.00", none), Error);
}
