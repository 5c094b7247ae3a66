#include "datasets/rounding.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>

#include "tests/folders.h"
#include "tests/outside_data.h"

using namespace tallymill;

namespace {

/// moneyphp's names of the modes.
const std::map<std::string, Rounding> kPublished{{"HALF_EVEN", Rounding::half_even},
                                                 {"HALF_ODD", Rounding::half_odd},
                                                 {"HALF_UP", Rounding::half_up},
                                                 {"HALF_DOWN", Rounding::half_down},
                                                 {"HALF_POSITIVE_INFINITY", Rounding::half_ceiling},
                                                 {"HALF_NEGATIVE_INFINITY", Rounding::half_floor}};

}  // namespace

TEST_CASE("rounding: the vectors of moneyphp hold") {
  constexpr int kScale = 12;
  const auto file =
      std::filesystem::path(kSourceFolder) / "tests/data/allocation/moneyphp_rounding.tsv";
  int rows = 0;
  for (const std::vector<std::string>& row : tsv_rows(file)) {
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    std::string value = row[0];
    if (value.find('.') == std::string::npos) value += ".0";
    value.append(kScale - (value.size() - value.find('.') - 1), '0');
    const auto rounded =
        rounded_quotient(parse_decimal(value, 38, kScale).value, 1, -kScale, kPublished.at(row[1]));
    REQUIRE(rounded);
    CHECK(format_decimal(*rounded, 0) == row[2]);
    ++rows;
  }
  CHECK(rows == 55);
}
