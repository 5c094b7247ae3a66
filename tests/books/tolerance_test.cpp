#include "books/tolerance.h"

#include <doctest/doctest.h>

using namespace tallymill;
using namespace tallymill::books;

TEST_CASE("tolerance: days are calendar days, or work days of a calendar") {
  const Date friday = Date::from_civil(2026, 1, 9);
  const Date tuesday = Date::from_civil(2026, 1, 13);
  CHECK(DayWindow{.days = 1}.between(friday.days, tuesday.days) == 4);
  Calendar calendar("plain");
  calendar.know_every_year();
  const DayWindow window{.days = 1, .calendar = std::make_shared<const Calendar>(calendar)};
  CHECK(window.between(friday.days, tuesday.days) == 2);
  CHECK(window.between(tuesday.days, friday.days) == 2);
}

TEST_CASE("tolerance: SQL asks the same windows and says how far apart values are") {
  Engine engine{{.threads = 1}};
  Calendar calendar("plain");
  calendar.know_every_year();
  const ComparedColumn day{
      .name = "day",
      .type = Type::date(),
      .window = DayWindow{.days = 2, .calendar = std::make_shared<const Calendar>(calendar)}};
  const Rows rows = engine.query(
      "SELECT " + within_sql(engine, day, "a", "b") + ", " + distance_sql(engine, day, "a", "b") +
      " FROM (VALUES (DATE '2026-01-09', DATE '2026-01-13'), (DATE '2026-01-14', DATE "
      "'2026-01-09'), (NULL, DATE '2026-01-09')) t(a, b)");
  CHECK(rows.text(0, 0) == "true");
  CHECK(rows.text(0, 1) == "2 work days");
  CHECK(rows.text(1, 0) == "false");
  CHECK(rows.text(1, 1) == "3 work days");
  CHECK_FALSE(rows.cells[2][0]);
  CHECK(rows.text(2, 1) == "missing");
}
