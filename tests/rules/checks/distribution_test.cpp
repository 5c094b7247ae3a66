#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kUse{{"plan", Type::text()}, {"mb", Type::integer()}};

/// 60 a, 40 b and 0 c here; 50, 30 and 20 there.
CheckResult judge(const std::string& options) {
  CheckFixture data(kUse, "select case when i < 60 then 'a' else 'b' end, i from range(100) t(i)");
  data.add_reference("last", kUse,
                     "select case when i < 50 then 'a' when i < 80 then 'b' else 'c' end, i * 2 "
                     "from range(100) t(i)");
  return data.run_one("- distribution: { " + options + " }");
}

}  // namespace

TEST_CASE("distribution: psi sums share differences times logarithms, bin by bin") {
  const CheckResult result = judge("column: plan, like: last.plan, method: psi, values: [a, b]");
  // p = 60, 40, 0.5 of 100.5; q = 50, 30, 20 of 100.
  CHECK(result.message ==
        "distribution(plan): psi 0.765306875; expected a distribution like last.plan: psi at most "
        "0.200000000");
  CHECK(judge("column: plan, like: last.plan, method: psi, values: [a, b], max: 0.765306875")
            .verdict == CheckVerdict::pass);
  CHECK(judge("column: plan, like: last.plan, method: psi, values: [a, b], max: 0.765306874")
            .verdict == CheckVerdict::fail);
}

TEST_CASE("distribution: ks is the greatest distance of shares, exactly") {
  // Below 100: all here, half there.
  CHECK(judge("column: mb, like: last.mb, method: ks, edges: [50, 100, 150], max: 0.5").verdict ==
        CheckVerdict::pass);
  CHECK(judge("column: mb, like: last.mb, method: ks, edges: [50, 100, 150], max: 0.499999999")
            .message ==
        "distribution(mb): ks distance 0.500000000; expected a distribution like last.mb: ks "
        "distance at most 0.499999999");
}

TEST_CASE("distribution: chi-square asks how likely both are samples of one distribution") {
  // Statistic 0.909090909 + 1.428571429 + 20 = 22.337662338 with 2 degrees: p = exp(-x / 2).
  CHECK(judge("column: plan, like: last.plan, method: chi_square, values: [a, b]").message ==
        "distribution(plan): p 0.000014107; expected a distribution like last.plan: chi-square p "
        "at least 0.050000000");
  CHECK(judge("column: plan, like: last.plan, method: chi_square, values: [a, b], min_p: "
              "0.000014107")
            .verdict == CheckVerdict::pass);
}

TEST_CASE("distribution: like itself it is at no distance") {
  for (const char* method : {"psi", "ks", "chi_square"}) {
    CAPTURE(method);
    CheckFixture data(kUse, "select 'a', i from range(100) t(i)");
    data.add_reference("last", kUse, "select 'b', i from range(100) t(i)");
    CHECK(data.run_one("- distribution: { column: mb, like: last.mb, edges: [10, 20], method: " +
                       std::string(method) + " }")
              .verdict == CheckVerdict::pass);
  }
}

TEST_CASE("distribution: with no row on a side it is not applicable") {
  CheckFixture data(kUse, "values ('a', 1)");
  data.add_reference("last", kUse, "select 'b', 1 where false");
  CHECK(data.run_one("- distribution: { column: mb, like: last.mb, edges: [10], method: ks }")
            .verdict == CheckVerdict::not_applicable);
}

TEST_CASE("distribution: what cannot be compared is refused") {
  CheckFixture data(kUse, "values ('a', 1)");
  data.add_reference("last", kUse, "values ('b', 1)");
  CHECK(
      data.problems_of(
          "- distribution: { column: mb, like: last.mb, method: ks, name: a }\n"
          "- distribution: { column: plan, like: last.plan, method: ks, values: [a], name: b }\n"
          "- distribution: { column: mb, like: last.mb, method: ks, edges: [2, 1], name: c }\n"
          "- distribution: { column: mb, like: last.plan, method: psi, edges: [1], name: d }\n") ==
      "t.yaml:1:27: error: check 'distribution' must have either 'values' or 'edges'; edges cut "
      "numbers and dates into bins\n"
      "t.yaml:2:58: error: ks compares numbers and dates by 'edges'; use psi or chi_square for "
      "values\n"
      "t.yaml:3:69: error: 'edges' must ascend: this one is not greater than the last\n"
      "t.yaml:4:37: error: column 'mb' is integer but 'last.plan' is text; they cannot be "
      "compared\n");
}
