#include <doctest/doctest.h>

#include "core/error.h"
#include "datasets/engine.h"
#include "datasets/rounding.h"

using namespace tallymill;

namespace {

std::string value(const std::string& expression) {
  static Engine engine({.threads = 1});
  const Rows rows = engine.query("select " + expression);
  return rows.cells[0][0].value_or("null");
}

std::string problem(const std::string& expression) {
  try {
    (void)value(expression);
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

}  // namespace

TEST_CASE("round_money: every mode rounds halves its own way, on both sides of zero") {
  CHECK(value("round_money(0.125, 'half_even')") == "0.12");
  CHECK(value("round_money(0.135, 'half_even')") == "0.14");
  CHECK(value("round_money(0.125, 'half_up')") == "0.13");
  CHECK(value("round_money(-0.125, 'half_up')") == "-0.13");
  CHECK(value("round_money(-0.125, 'half_even')") == "-0.12");
  CHECK(value("round_money(0.129, 'down')") == "0.12");
  CHECK(value("round_money(-0.129, 'down')") == "-0.12");
  CHECK(value("round_money(0.121, 'up')") == "0.13");
  CHECK(value("round_money(-0.121, 'up')") == "-0.13");
  CHECK(value("round_money(7, 'up')") == "7.00");
}

TEST_CASE("div_money: exact where a double is not") {
  CHECK(value("div_money(10, 3, 'half_even')") == "3.33");
  CHECK(value("div_money(100000000000000.01, 1, 'down')") == "100000000000000.01");
  CHECK(value("div_money(0.05::decimal(18,2), 0.1::decimal(38,30), 'down')") == "0.50");
  CHECK(value("div_money(99999999999999999999999999999999999.999::decimal(38,3), "
              "99999999999999999999999999999999999999::decimal(38,0), 'half_even')") == "0.00");
  CHECK(value("div_money(-1, 8, 'half_even')") == "-0.12");
}

TEST_CASE("share: half-even at nine digits, nothing of nothing is null") {
  CHECK(value("share(1, 3)") == "0.333333333");
  CHECK(value("share(2, 3)") == "0.666666667");
  CHECK(value("share(1, 0)") == "null");
  CHECK(value("share(null, 3)") == "null");
}

TEST_CASE("money functions: columns of every exact type, with nulls") {
  Engine engine({.threads = 2});
  engine.execute(
      "create table t as select i::smallint a, (i * 0.5)::decimal(4,1) b, "
      "(i * 0.25)::decimal(38,10) c, case when i % 3 = 0 then null else i end::ubigint d from "
      "range(5000) r(i) where i < 300");
  const Rows rows = engine.query(
      "select sum(div_money(a, 4, 'half_up')), sum(round_money(b, 'down')), "
      "sum(round_money(c, 'half_up')), count(share(d, 7)) from t");
  CHECK(rows.text(0, 0) == "11212.50");
  CHECK(rows.text(0, 1) == "22425.00");
  CHECK(rows.text(0, 2) == "11212.50");
  CHECK(rows.text(0, 3) == "200");
}

TEST_CASE("money functions: what is wrong is said") {
  CHECK(problem("div_money(1, 0, 'up')") ==
        "div_money: division by zero; guard it with nullif() or case");
  CHECK(problem("round_money(1.005, 'nearest')") ==
        "round_money: unknown rounding mode 'nearest'; expected half_even, half_odd, half_up, "
        "half_down, half_ceiling, half_floor, down or up");
  CHECK(problem("round_money(12345678901234567.00, 'up')").find("more than 18 digits") !=
        std::string::npos);
  CHECK(problem("round_money(1.5::double, 'up')")
            .find("round_money takes integers and decimals, got DOUBLE") != std::string::npos);
  CHECK(problem("round_money('1.5'::varchar, 'up')").find("got VARCHAR") != std::string::npos);
}

TEST_CASE("rounding: equals the definition for all small quotients") {
  for (int value = -60; value <= 60; ++value)
    for (int divisor = -7; divisor <= 7; ++divisor) {
      if (divisor == 0) continue;
      CAPTURE(value);
      CAPTURE(divisor);
      const auto down = rounded_quotient(value, divisor, 0, Rounding::down);
      CHECK(*down == value / divisor);
      const auto half_up = rounded_quotient(value, divisor, 0, Rounding::half_up);
      const int n = value < 0 ? -value : value;
      const int d = divisor < 0 ? -divisor : divisor;
      const int magnitude = (2 * n + d) / (2 * d);
      CHECK(*half_up == ((value < 0) != (divisor < 0) ? -magnitude : magnitude));
      // The wide path must agree with the narrow one.
      const Int128 huge = Int128{1} << 100;
      CHECK(rounded_quotient(value * huge, divisor * huge, 0, Rounding::half_up) == half_up);
    }
}

TEST_CASE("rounding: a quotient beyond 128 bits is empty, never wrapped") {
  CHECK_FALSE(rounded_quotient(Int128{1} << 120, 1, 30, Rounding::down));
  CHECK(rounded_quotient(Int128{1} << 120, Int128{1} << 100, 30, Rounding::down) ==
        (Int128{1} << 20) * [] {
          Int128 power = 1;
          for (int i = 0; i < 30; ++i) power *= 10;
          return power;
        }());
}
