#include "core/time/cron.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

Cron cron(std::string_view text) {
  std::vector<TextProblem> problems;
  const auto parsed = Cron::parse(text, problems);
  REQUIRE_MESSAGE(parsed, std::string(text), ": ", problems.empty() ? "" : problems[0].message);
  return *parsed;
}

LocalTime at(std::string_view text) {
  const auto time = parse_local_time(text);
  REQUIRE_MESSAGE(time, std::string(text));
  return *time;
}

/// The next `count` fires after `from`, without seconds where they are 0.
std::string fires(std::string_view text, std::string_view from, int count) {
  const Cron parsed = cron(text);
  std::string result;
  auto time = std::optional(at(from));
  for (int i = 0; i < count; ++i) {
    time = parsed.next(*time);
    if (!time) return result + "none";
    std::string shown = time->text();
    if (shown.ends_with(":00")) shown.resize(shown.size() - 3);
    result += shown + (i + 1 < count ? " " : "");
  }
  return result;
}

/// Every problem as `offset+length: message; hint`, one a line.
std::string problems_of(std::string_view text) {
  std::vector<TextProblem> problems;
  CHECK_FALSE(Cron::parse(text, problems));
  std::string result;
  for (const TextProblem& problem : problems)
    result += std::to_string(problem.offset) + "+" + std::to_string(problem.length) + ": " +
              problem.message + (problem.hint.empty() ? "" : "; " + problem.hint) + "\n";
  return result;
}

}  // namespace

TEST_CASE("cron: five fields fire in second 0, six name the second first") {
  CHECK(fires("30 6 * * *", "2026-01-31", 2) == "2026-01-31T06:30 2026-02-01T06:30");
  CHECK(fires("15 30 6 * * *", "2026-01-31", 1) == "2026-01-31T06:30:15");
}

TEST_CASE("cron: next is strictly after, previous strictly before") {
  CHECK(fires("0 0 * * *", "2026-01-31", 1) == "2026-02-01T00:00");
  CHECK(cron("0 0 * * *").previous(at("2026-01-31"))->text() == "2026-01-30T00:00:00");
  CHECK(cron("0 0 1 1 *").previous(at("2026-01-01T00:00:01"))->text() == "2026-01-01T00:00:00");
}

TEST_CASE("cron: lists, ranges, steps and names combine") {
  CHECK(fires("0 8-10,20/2 * JAN mon-wed", "2026-01-06T07:00", 5) ==
        "2026-01-06T08:00 2026-01-06T09:00 2026-01-06T10:00 2026-01-06T20:00 2026-01-06T22:00");
  CHECK(fires("*/25 0 * * *", "2026-01-05", 3) ==
        "2026-01-05T00:25 2026-01-05T00:50 2026-01-06T00:00");
}

TEST_CASE("cron: Sunday is 0, 7 and SUN, also as the end of a range") {
  for (const char* text : {"0 0 * * 0", "0 0 * * 7", "0 0 * * sun", "0 0 * * 7/7"})
    CHECK(fires(text, "2026-01-05", 1) == "2026-01-11T00:00");
  for (const char* text : {"0 0 * * sat-sun", "0 0 * * 6-7", "0 0 * * 6-0"})
    CHECK(fires(text, "2026-01-05", 3) == "2026-01-10T00:00 2026-01-11T00:00 2026-01-17T00:00");
}

TEST_CASE("cron: of two day fields that both ask, a day that fits either will do") {
  CHECK(fires("0 0 13 * FRI", "2026-01-01", 4) ==
        "2026-01-02T00:00 2026-01-09T00:00 2026-01-13T00:00 2026-01-16T00:00");
  CHECK(fires("0 0 13 * ?", "2026-01-01", 1) == "2026-01-13T00:00");
  CHECK(fires("0 0 ? * FRI", "2026-01-10", 1) == "2026-01-16T00:00");
}

TEST_CASE("cron: L counts from the month's end") {
  CHECK(fires("0 0 L * *", "2024-01-31", 3) ==
        "2024-02-29T00:00 2024-03-31T00:00 2024-04-30T00:00");
  CHECK(fires("0 0 L-3 * *", "2026-02-01", 2) == "2026-02-25T00:00 2026-03-28T00:00");
  CHECK(fires("0 0 1,L * *", "2026-02-01", 2) == "2026-02-28T00:00 2026-03-01T00:00");
  CHECK(fires("0 0 L-30 * *", "2026-01-02", 2) == "2026-03-01T00:00 2026-05-01T00:00");
}

TEST_CASE("cron: W is the nearest weekday without leaving the month") {
  CHECK(fires("0 0 15W * *", "2026-02-01", 3) ==
        "2026-02-16T00:00 2026-03-16T00:00 2026-04-15T00:00");         // Sunday, Sunday, Wednesday
  CHECK(fires("0 0 1W * *", "2026-07-31", 1) == "2026-08-03T00:00");   // Saturday the 1st
  CHECK(fires("0 0 31W * *", "2026-04-30", 1) == "2026-05-29T00:00");  // Sunday the 31st
  CHECK(fires("0 0 31W * *", "2026-05-29", 1) == "2026-07-31T00:00");  // June has none
  CHECK(fires("0 0 LW * *", "2026-01-01", 2) == "2026-01-30T00:00 2026-02-27T00:00");
}

TEST_CASE("cron: weekdays by their place in the month") {
  CHECK(fires("0 0 * * 5L", "2026-01-01", 2) == "2026-01-30T00:00 2026-02-27T00:00");
  CHECK(fires("0 0 * * FRIL", "2026-01-01", 1) == "2026-01-30T00:00");
  CHECK(fires("0 0 * * 6#3", "2026-01-01", 2) == "2026-01-17T00:00 2026-02-21T00:00");
  CHECK(fires("0 0 * * MON#5", "2026-01-01", 2) == "2026-03-30T00:00 2026-06-29T00:00");
}

TEST_CASE("cron: aliases") {
  CHECK(fires("@hourly", "2026-01-31T22:10", 2) == "2026-01-31T23:00 2026-02-01T00:00");
  CHECK(fires("@daily", "2026-01-31", 1) == "2026-02-01T00:00");
  CHECK(fires("@midnight", "2026-01-31", 1) == "2026-02-01T00:00");
  CHECK(fires("@weekly", "2026-01-31", 1) == "2026-02-01T00:00");
  CHECK(fires("@monthly", "2026-01-31", 1) == "2026-02-01T00:00");
  CHECK(fires("@yearly", "2026-01-31", 1) == "2027-01-01T00:00");
  CHECK(fires("@annually", "2026-01-31", 1) == "2027-01-01T00:00");
}

TEST_CASE("cron: rare days are found over centuries, and the ends of time are ends") {
  CHECK(fires("0 0 29 2 *", "2096-02-29", 1) == "2104-02-29T00:00");
  CHECK(fires("0 0 ? 2 SUN#5", "2052-01-01", 2) == "2060-02-29T00:00 2088-02-29T00:00");
  CHECK(fires("59 59 23 31 12 ?", "9999-12-31T23:59:58", 2) == "9999-12-31T23:59:59 none");
  CHECK_FALSE(cron("0 0 1 1 *").previous(at("0001-01-01")));
  CHECK(cron("0 0 1 1 *").previous(at("0002-01-01"))->text() == "0001-01-01T00:00:00");
  CHECK(cron("0 0 1 1 *").next({INT64_MIN / 2})->text() == "0001-01-01T00:00:00");
  CHECK_FALSE(cron("0 0 1 1 *").next({INT64_MAX / 2}));
}

TEST_CASE("cron: every wrong field is reported at its place") {
  CHECK(problems_of("0 25 * * fri,8") ==
        "2+2: hour must be from 0 to 23, got '25'\n"
        "13+1: weekday must be from 0 to 7, or SUN to SAT, got '8'\n");
  CHECK(problems_of("0 0 * jann *") ==
        "6+4: month must be from 1 to 12, or JAN to DEC, got 'jann'; did you mean 'JAN'?\n");
  CHECK(problems_of("3-2 * * * *") ==
        "0+3: range '3-2' of minute runs backwards; write the smaller value first; for a range "
        "over the end write two, with ','\n");
  CHECK(
      problems_of("*/0 */24 1,,2 * *") ==
      "2+1: step of minute must be from 1 to 59, got '0'\n"
      "6+2: step of hour must be from 1 to 23, got '24'; a longer step would only ever reach the "
      "first value\n"
      "11+1: day has nothing where a value is expected; a list is values with ',' between them\n");
  CHECK(problems_of("? * * * *") ==
        "0+1: minute cannot be '?', only day and weekday can; write '*'\n");
}

TEST_CASE("cron: the special forms of day and weekday are reported when wrong") {
  CHECK(problems_of("0 0 L-31 * *") ==
        "4+4: 'L-' takes the days before the month's last, from 1 to 30, got 'L-31'\n");
  CHECK(problems_of("0 0 1-5W * *") ==
        "4+4: 'W' takes one day from 1 to 31, as in 15W, got '1-5W'\n");
  CHECK(problems_of("0 0 * * L") ==
        "8+1: weekday cannot be 'L' alone; write 5L for the month's last Friday\n");
  CHECK(problems_of("0 0 * * 6#6") ==
        "10+1: '#' takes which one of the month, from 1 to 5, got '6#6'\n");
  CHECK(problems_of("0 0 1,? * *") == "6+1: '?' must stand alone in day\n");
}

TEST_CASE("cron: the number of fields, and what is no alias, is reported for the whole text") {
  CHECK(problems_of("*/5 0-6,8 1 jan-mar") ==
        "0+19: cron '*/5 0-6,8 1 jan-mar' must have 5 fields, or 6 with seconds first, got 4; "
        "write minute hour day month weekday, e.g. \"0 6 * * *\"\n");
  CHECK(problems_of("0 0 3 * * ? *") ==
        "0+13: cron '0 0 3 * * ? *' must have 5 fields, or 6 with seconds first, got 7; drop the "
        "year, it is not a field here\n");
  CHECK(problems_of("@dayly") == "0+6: unknown cron alias '@dayly'; did you mean '@daily'?\n");
  CHECK(problems_of("") ==
        "0+1: cron '' must have 5 fields, or 6 with seconds first, got 0; write minute hour day "
        "month weekday, e.g. \"0 6 * * *\"\n");
}

TEST_CASE("cron: six fields do not ask for a day and a weekday") {
  CHECK(problems_of("0 0 0 13 * FRI") ==
        "11+3: cron of 6 fields asks for a day and a weekday, which some readers take for 'both' "
        "and some for 'either'; write '?' in one of them, or five fields, where either will do\n");
}

TEST_CASE("cron: what never fires is an error, not a silence") {
  CHECK(problems_of("0 0 30 2 *") == "4+2: cron never fires: no month of '2' has a day '30'\n");
  CHECK(problems_of("0 0 31W 4,6,9 *") ==
        "4+3: cron never fires: no month of '4,6,9' has a day '31W'\n");
}
