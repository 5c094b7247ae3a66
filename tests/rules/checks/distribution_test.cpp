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

TEST_CASE("distribution: divergences of Kullback-Leibler and of Jensen-Shannon") {
  CHECK(judge("column: plan, like: last.plan, method: kl, values: [a, b], max: 1").observed ==
        "kl divergence 0.200008842");
  CHECK(judge("column: plan, like: last.plan, method: js, values: [a, b], max: 1").observed ==
        "js divergence 0.075174263");
}

TEST_CASE("distribution: wasserstein is how far values must be moved, in units of the column") {
  const std::vector<Column> kPaid{{"amount", Type::money(2)}};
  const std::vector<Column> kDue{{"amount", Type::decimal(12, 3)}};
  CheckFixture data(kPaid, "values (1.00), (2.00), (null)");
  data.add_reference("last", kDue, "values (1.500), (2.500), (2.501)");
  // From 1, 1, 1, 2, 2, 2 to 1.5, 1.5, 2.5, 2.5, 2.501, 2.501: 4.002 / 6 = 0.667.
  const auto judged = [&](const std::string& max) {
    CheckFixture paid(kPaid, "values (1.00), (2.00), (null)");
    paid.add_reference("last", kDue, "values (1.500), (2.500), (2.501)");
    return paid.run_one(
        "- distribution: { column: amount, like: last.amount, method: wasserstein, max: " + max +
        " }");
  };
  CHECK(judged("0.667").message ==
        "distribution(amount): wasserstein distance 0.667; expected a distribution like "
        "last.amount: wasserstein distance at most 0.667");
  CHECK(judged("0.667").verdict == CheckVerdict::pass);
  CHECK(judged("0.666").verdict == CheckVerdict::fail);
}

TEST_CASE("distribution: wasserstein takes numbers, no bins, and a limit") {
  CheckFixture data(kUse, "values ('a', 1)");
  data.add_reference("last", kUse, "values ('b', 1)");
  CHECK(data.problems_of(
            "- distribution: { column: plan, like: last.plan, method: wasserstein, max: 1 }\n"
            "- distribution: { column: mb, like: last.mb, method: wasserstein, name: b }\n"
            "- distribution: { column: mb, like: last.mb, method: wasserstein, max: 1, edges: [1], "
            "name: c }\n") ==
        "t.yaml:1:27: error: column 'plan' is text; wasserstein measures numbers; ks takes dates "
        "by 'edges'\n"
        "t.yaml:2:54: error: method wasserstein needs 'max', in units of the column; max: 1.50\n"
        "t.yaml:3:82: error: option 'edges' is not for method wasserstein; it compares all values, "
        "without bins\n");
}
