#include "cli/trend_chart.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

#include "program.h"

using namespace tallymill;

TEST_CASE("trend chart: bars are in proportion, and what failed is a part of its bar") {
  const std::string chart = trend_chart({{"2026-01", 10, 0}, {"2026-02", 20, 5}});
  CHECK(contains(chart,
                 "<title>2026-01: 10 rows, 0 failed</title>"
                 "<rect x=\"0\" y=\"40\" width=\"34\" height=\"40\" fill=\"#9db4c8\"/>"));
  CHECK(contains(chart,
                 "<title>2026-02: 20 rows, 5 failed</title>"
                 "<rect x=\"46\" y=\"0\" width=\"34\" height=\"60\" fill=\"#9db4c8\"/>"
                 "<rect x=\"46\" y=\"60\" width=\"34\" height=\"20\" fill=\"#a4161a\"/>"));
}

TEST_CASE("trend chart: one row of very many is still seen, and nothing overflows") {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::string chart = trend_chart({{"2026-01", kMost, 1}, {"2026-02", kMost, kMost}});
  CHECK(contains(chart, "y=\"79\" width=\"34\" height=\"1\" fill=\"#a4161a\""));
  CHECK(contains(chart, "y=\"0\" width=\"34\" height=\"80\" fill=\"#a4161a\""));
}

TEST_CASE("trend chart: there is none without something to compare") {
  CHECK(trend_chart({}).empty());
  CHECK(trend_chart({{"2026-01", 10, 1}}).empty());
  CHECK(trend_chart({{"2026-01", 0, 0}, {"2026-02", 0, 0}}).empty());
}
