#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kN{{"n", Type::integer()}};

CheckResult judge(int here, int there, const std::string& options) {
  const auto rows = [](int count) {
    return "select i from range(" + std::to_string(count) + ") t(i)";
  };
  CheckFixture data(kN, rows(here));
  data.add_reference("last", kN, rows(there));
  return data.run_one("- row_count_matches: { dataset: last" + options + " }");
}

}  // namespace

TEST_CASE("row_count_matches: as many rows as the other") {
  CHECK(judge(100, 100, "").verdict == CheckVerdict::pass);
  CHECK(judge(100, 101, "").message ==
        "row_count_matches: 100 rows against 101; expected the number of rows of last");
}

TEST_CASE("row_count_matches: within so many rows, or a share of those expected") {
  CHECK(judge(95, 100, ", tolerance: 5").verdict == CheckVerdict::pass);
  CHECK(judge(94, 100, ", tolerance: 5").verdict == CheckVerdict::fail);
  CHECK(judge(90, 100, ", tolerance_ratio: 0.1").verdict == CheckVerdict::pass);
  CHECK(judge(89, 100, ", tolerance_ratio: 0.1").expected ==
        "the number of rows of last within a share of 0.1");
  CHECK(judge(89, 100, ", tolerance_ratio: 0.1").verdict == CheckVerdict::fail);
}

TEST_CASE("row_count_matches: so many times as many") {
  CHECK(judge(30, 20, ", factor: 1.5").verdict == CheckVerdict::pass);
  CHECK(judge(31, 20, ", factor: 1.5").verdict == CheckVerdict::fail);
}

TEST_CASE("row_count_matches: no rows are an answer, as in row_count") {
  CHECK(judge(0, 1, "").verdict == CheckVerdict::fail);
  CHECK(judge(0, 0, "").verdict == CheckVerdict::pass);
}

TEST_CASE("row_count_matches: limits that are none are refused") {
  CheckFixture data(kN, "values (1)");
  data.add_reference("last", kN, "values (1)");
  CHECK(data.problems_of("- row_count_matches: { dataset: last, tolerance: -1 }\n"
                         "- row_count_matches: { dataset: last, factor: -2, name: b }\n") ==
        "t.yaml:1:50: error: option 'tolerance' must not be negative\n"
        "t.yaml:2:47: error: option 'factor' must be a number that is not negative with at most 9 "
        "fraction digits; got '-2'\n");
}
