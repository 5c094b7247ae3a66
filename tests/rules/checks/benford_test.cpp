#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kBills{{"amount", Type::money(2)}};
/// Grows by a tenth each time, over many powers of ten.
const char* const kGrowing =
    "select round(1.01 * power(1.02, i), 2)::DECIMAL(18,2) * case when i % 2 = 0 then -1 else 1 "
    "end "
    "from range(1200) t(i)";

CheckResult judge(const std::string& rows, const std::string& options) {
  CheckFixture data(kBills, rows);
  return data.run_one("- benford: { column: amount" + options + " }");
}

}  // namespace

TEST_CASE("benford: what grew by a share follows the law, whatever its sign") {
  for (const char* options : {"", ", digits: first_two", ", method: chi_square",
                              ", method: chi_square, digits: first_two"}) {
    CAPTURE(options);
    CHECK(judge(kGrowing, options).verdict == CheckVerdict::pass);
  }
}

TEST_CASE("benford: evenly spread amounts do not") {
  const std::string even = "select i from range(1, 1000) t(i)";
  const CheckResult result = judge(even, "");
  // Shares of 1/9 each: the mean of |1/9 - log10(1 + 1/d)|.
  CHECK(result.message ==
        "benford(amount): mean deviation 0.059717035; expected first digits as of Benford's law: "
        "mean deviation at most 0.015000000");
  CHECK(judge(even, ", max: 0.059717035").verdict == CheckVerdict::pass);
  CHECK(judge(even, ", max: 0.059717034").verdict == CheckVerdict::fail);
  CHECK(judge(even, ", method: chi_square").verdict == CheckVerdict::fail);
  CHECK(judge(even, ", digits: first_two").verdict == CheckVerdict::fail);
}

TEST_CASE("benford: zeros and nulls have no first digit, and few rows are not judged") {
  const CheckResult result = judge(
      "select case when i < 100 then 0 when i < 200 then null else i end from range(500) t(i)", "");
  CHECK(result.rows_checked == 300);
  CHECK(result.rows_not_applicable == 200);
  CHECK(judge("select 1 from range(299)", "").observed == "299 rows are too few to judge");
  CHECK(judge("select 1 from range(299)", "").verdict == CheckVerdict::not_applicable);
  CHECK(judge("select 0 from range(299)", "").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("benford: one digit of one unit is as good as two") {
  CHECK(judge("select 0.05 from range(400)", ", digits: first_two").verdict == CheckVerdict::fail);
}

TEST_CASE("benford: texts and limits of the other method are refused") {
  CheckFixture data({{"amount", Type::money(2)}, {"t", Type::text()}}, "values (1, 'a')");
  CHECK(data.problems_of("- benford: t\n- benford: { column: amount, min_p: 0.1 }\n") ==
        "t.yaml:1:12: error: column 't' is text; benford takes numbers\n"
        "t.yaml:2:37: error: option 'min_p' is not for method mad\n");
}
