#include "core/time/date_language.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "calendar_fixture.h"
#include "core/text.h"
#include "schedule_fixture.h"
#include "tests/folders.h"

using namespace tallymill;

namespace {

/// The graph that docs/time.md speaks of.
DateScope scope_of(const std::string& period) {
  Schedule schedule = schedule_of("0 6 * * *", "Asia/Shanghai");
  DateScope scope;
  scope.period = *Period::parse(period);
  scope.partition = "beijing";
  scope.param = [](const std::string& name) -> std::optional<DateValue> {
    if (name == "since") return date("2018-12-31");
    if (name == "n") return std::int64_t{3};
    return std::nullopt;
  };
  scope.param_names = {"since", "n"};
  scope.calendar = chinese_calendar();
  scope.zone = schedule.zone;
  scope.scheduled = first_due(schedule, scope.period);
  return scope;
}

std::string expanded(const std::string& text, const std::string& period = "2019-09") {
  std::vector<TextProblem> problems;
  const auto result = expand_dates(text, scope_of(period), problems);
  for (const TextProblem& problem : problems) return problem.message;
  return *result;
}

/// Every problem as `offset+length: message; hint`, one a line.
std::string problems_of(const std::string& text, const std::string& period = "2019-09") {
  std::vector<TextProblem> problems;
  CHECK_FALSE(expand_dates(text, scope_of(period), problems));
  std::string result;
  for (const TextProblem& problem : problems)
    result += std::to_string(problem.offset) + "+" + std::to_string(problem.length) + ": " +
              problem.message + (problem.hint.empty() ? "" : "; " + problem.hint) + "\n";
  return result;
}

struct Row {
  std::string text;
  std::string period;
  std::string gives;
};

/// The cells of a table line, trimmed.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (const std::string& cell : split(line, '|')) cells.emplace_back(trim(cell));
  return cells;
}

/// The lines of every table of docs/time.md that has columns `for` and `gives`.
std::vector<Row> documented_rows() {
  std::istringstream page(read_file(std::filesystem::path(kSourceFolder) / "docs/time.md"));
  std::vector<Row> rows;
  std::size_t period = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with('|')) period = 0;
    const std::vector<std::string> cells = cells_of(line);
    const auto found = std::find(cells.begin(), cells.end(), "for");
    if (found != cells.end() && found + 1 != cells.end() && found[1] == "gives")
      period = static_cast<std::size_t>(found - cells.begin());
    else if (period > 0 && cells.size() > period + 1 && cells[period - 1].starts_with('`'))
      rows.push_back({cells[period - 1].substr(1, cells[period - 1].size() - 2), cells[period],
                      cells[period + 1]});
  }
  return rows;
}

}  // namespace

TEST_CASE("date language: every line of the page gives what it says") {
  const std::vector<Row> rows = documented_rows();
  CHECK(rows.size() > 60);
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CAPTURE(row.period);
    CHECK(expanded(row.text, row.period) == row.gives);
  }
}

TEST_CASE("date language: every name and function has a line on the page") {
  std::string all;
  for (const Row& row : documented_rows()) all += row.text + "\n";
  for (const std::string& name : date_names())
    CHECK_MESSAGE(all.find(name) != std::string::npos, name);
  for (const DateFunction& function : date_functions()) {
    const std::string name(function.name);
    CHECK_MESSAGE((all.find(name + "(") != std::string::npos ||
                   all.find("{" + name + "}") != std::string::npos),
                  name);
  }
}

TEST_CASE("date language: texts around expressions stay, signs alone mean nothing") {
  CHECK(expanded("in/${year}/${month}/$x_{a}$.csv") == "in/2019/09/$x_{a}$.csv");
  CHECK(expanded("") == "");
  CHECK(expanded("${ period }${period}") == "2019-092019-09");
}

TEST_CASE("date language: numbers are reckoned by the usual order") {
  CHECK(expanded("${1 + 2 * 3 - -4}") == "11");
  CHECK(expanded("${(1 + 2) * param:n}") == "9");
  CHECK(expanded("${2 - 3 - 4}") == "-5");
  CHECK(expanded("${format('2019-01-31 08:05', 'HHmm')}") == "0805");
}

TEST_CASE("date language: braces and quotes in texts do not end an expression") {
  CHECK(expanded("${format(period, \"yyyy'}'\")}") == "2019}");
}

TEST_CASE("date language: week years and ISO weeks at the turn of a year") {
  CHECK(expanded("${format('2021-01-01', 'YYYY ww w u DDD D')}") == "2020 53 53 5 001 1");
  CHECK(expanded("${year_week('2021-01-01')}") == "2020-53");
  CHECK(expanded("${year_week('2018-12-31')}") == "2019-01");
}

TEST_CASE("date language: what is not known is told at its place, with the nearest name") {
  CHECK(problems_of("a ${perod} b ${add_moths(period, 1)}") ==
        "4+5: unknown name 'perod' in '${...}'; did you mean 'period'?\n"
        "15+9: unknown function 'add_moths' in '${...}'; did you mean 'add_months'?\n");
  CHECK(problems_of("${param:sins}") ==
        "2+10: unknown name 'param:sins' in '${...}'; did you mean 'param:since'?\n");
  CHECK(problems_of("${today}")
            .starts_with(
                "2+5: unknown name 'today' in '${...}'; known names: period, period_first_day, "));
}

TEST_CASE("date language: what cannot be read is told at its place") {
  CHECK(problems_of("${period") == "8+1: '${' is not closed\n");
  CHECK(problems_of("${}") ==
        "2+1: a value is expected here in '${...}'; write e.g. ${period} or "
        "${format(period_last_day, 'yyyyMMdd')}\n");
  CHECK(problems_of("${period %}") == "9+1: '%' is not expected here in '${...}'\n");
  CHECK(problems_of("${(period}") == "9+1: ')' is expected here in '${...}'\n");
  CHECK(problems_of("${format(period, 'yyyy}") == "17+1: a quote is not closed in '${...}'\n");
  CHECK(problems_of("${99999999999999999999}") == "2+20: a number is too large\n");
  CHECK(problems_of("${" + std::string(40, '(') + "1" + std::string(40, ')') + "}")
            .find("nested too deep") != std::string::npos);
}

TEST_CASE("date language: wrong arguments are told with what is expected") {
  CHECK(problems_of("${add_days(period)}") ==
        "2+16: add_days cannot take 1 arguments; write add_days(date, n)\n");
  CHECK(problems_of("${add_days}") == "2+8: 'add_days' is a function; write add_days(date, n)\n");
  CHECK(problems_of("${add_days(period_end, 'x')}") ==
        "2+25: a whole number is expected, got a text, 'x'\n");
  CHECK(problems_of("${month_first_day(5)}") == "2+18: a date is expected, got a number, '5'\n");
  CHECK(problems_of("${period * 2}") ==
        "2+10: '*' multiplies whole numbers, got a period and a number\n");
  CHECK(problems_of("${format(period, 'yyyymmdd hh')}") ==
        "2+29: 'hh' in pattern 'yyyymmdd hh' stands for nothing; known are yyyy yy MM M dd d HH H "
        "mm m ss s Q YYYY ww w u DDD D, and letters in single quotes stand for themselves\n");
  CHECK(problems_of("${year_week(period, 8)}") ==
        "2+20: a week begins on 1 (Monday) to 7 (Sunday), got 8\n");
}

TEST_CASE("date language: values that lead out of time or out of a kind are told") {
  CHECK(problems_of("${add_years(period, 9000)}").find("leave the years 1 to 9999") !=
        std::string::npos);
  CHECK(problems_of("${period_end + 4000000}") == "2+20: the result leaves the years 1 to 9999\n");
  CHECK(problems_of("${add_months(period, 1)}", "2019-Q1") ==
        "2+21: that leads from 2019-Q1 into the middle of 2019-Q1; write period + n for the n-th "
        "quarter after\n");
  CHECK(problems_of("${nth_workday(30)}") == "2+15: 2019-09 has no work day number 30\n");
  CHECK(problems_of("${workday(1)}", "2019").find("calendar 'cn' has no data for 2020") !=
        std::string::npos);
}

TEST_CASE("date language: a graph without calendar or schedule is told so") {
  DateScope scope;
  scope.period = *Period::parse("2019-09");
  std::vector<TextProblem> problems;
  CHECK_FALSE(expand_dates("${workday(1)}${scheduled}", scope, problems));
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].message ==
        "work days need a calendar; add 'calendar: name' to the graph's schedule or "
        "tallymill.yaml");
  CHECK(problems[1].message ==
        "there is no scheduled time: no fire of a schedule is known to be for 2019-09");
  scope.is_open = true;
  problems.clear();
  CHECK(expand_dates("${workday(1)}${scheduled}${nth_workday(30)}", scope, problems));
}

TEST_CASE("date language: what a text asks for is known without evaluating it") {
  const auto needs = [](std::string_view text) {
    const DateNeeds found = needs_of(text);
    return std::string(found.calendar ? "calendar " : "") + (found.zone ? "zone" : "") +
           (found.due ? "due" : "");
  };
  CHECK(needs("x") == "");
  CHECK(needs("${period}-${nope}") == "");
  CHECK(needs("${format(add_workdays(period, 1), 'yyyy')}") == "calendar ");
  CHECK(needs("${timestamp(workday(-1))}") == "calendar zone");
  CHECK(needs("${nope(} ${scheduled}") == "due");
  CHECK(needs("${last_workday}") == "calendar ");
}
