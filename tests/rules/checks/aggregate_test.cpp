#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kSales{{"city", Type::text()}, {"amount", Type::money(2)}};
const char* const kRows =
    "values ('a', 1.00), ('a', 2.00), ('a', 4.00), ('b', 10.00), ('b', 10.00), ('b', null)";

CheckResult judge(const std::string& options) {
  CheckFixture data(kSales, kRows);
  return data.run_one("- aggregate: { column: amount, " + options + " }");
}

}  // namespace

TEST_CASE("aggregate: says what it measured") {
  CHECK(judge("function: sum, equals: 27").message ==
        "aggregate(amount): sum of amount 27.00; expected sum of amount 27.00");
  CHECK(judge("function: min, min: 1, max: 1").observed == "min of amount 1.00");
  CHECK(judge("function: max, equals: 10").observed == "max of amount 10.00");
  CHECK(judge("function: range, equals: 9").observed == "range of amount 9.00");
  CHECK(judge("function: count, equals: 5").observed == "count of amount 5");
  CHECK(judge("function: distinct_count, equals: 4").observed == "distinct_count of amount 4");
  CHECK(judge("function: distinct_ratio, equals: 0.8").observed ==
        "distinct_ratio of amount 0.800000000");
  CHECK(judge("function: mean, equals: 5.40").observed == "mean of amount 5.40");
  CHECK(judge("function: median, equals: 4").observed == "median of amount 4.00");
  CHECK(judge("function: quantile, quantile: 0.8, equals: 10").observed ==
        "quantile 0.8 of amount 10.00");
  CHECK(judge("function: stdev, min: 4.33, max: 4.34").observed == "stdev of amount 4.33");
}

TEST_CASE("aggregate: each of them passes where it holds and fails just beyond") {
  const auto verdict = [](const std::string& options) { return judge(options).verdict; };
  for (const char* holds : {"function: sum, equals: 27", "function: mean, min: 5.40, max: 5.40",
                            "function: median, max: 4", "function: stdev, max: 4.34",
                            "function: count, min: 5", "function: distinct_ratio, min: 0.8"}) {
    CAPTURE(holds);
    CHECK(verdict(holds) == CheckVerdict::pass);
  }
  for (const char* fails :
       {"function: sum, equals: 27.01", "function: mean, max: 5.399999",
        "function: median, max: 3.99", "function: stdev, max: 4.33", "function: count, min: 6",
        "function: distinct_ratio, min: 0.800000001"}) {
    CAPTURE(fails);
    CHECK(verdict(fails) == CheckVerdict::fail);
  }
}

TEST_CASE("aggregate: a mean that no decimal can say is compared as a fraction") {
  CheckFixture data({{"n", Type::integer()}}, "values (1), (0), (0)");
  const SuiteOutcome outcome = data.run(
      "- aggregate: { column: n, function: mean, max: 0.333333333, name: below }\n"
      "- aggregate: { column: n, function: mean, max: 0.333333334, name: above }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[1].verdict == CheckVerdict::pass);
}

TEST_CASE("aggregate: the median of an even number of rows is the middle of the two middle ones") {
  CheckFixture data({{"n", Type::integer()}}, "values (1), (2), (3), (9007199254740993)");
  const SuiteOutcome outcome = data.run(
      "- aggregate: { column: n, function: median, equals: 2.5 }\n"
      "- aggregate: { column: n, function: max, equals: 9007199254740993 }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[1].verdict == CheckVerdict::pass);
  CHECK(
      data.run_one("- aggregate: { column: n, function: max, equals: 9007199254740992 }").verdict ==
      CheckVerdict::fail);
}

TEST_CASE("aggregate: by groups, all rows of a group that fails are kept") {
  CheckFixture data(kSales, kRows);
  const SuiteOutcome outcome =
      data.run("- aggregate: { column: amount, function: sum, min: 10, by: city }");
  CHECK(outcome.checks[0].rows_not_applicable == 1);
  CHECK(outcome.checks[0].message ==
        "aggregate(amount): 3 of 5 rows failed (1 group); expected sum of amount at least 10.00 in "
        "each group of city");
  CHECK(data.findings(outcome, "city, amount") ==
        std::vector<std::string>{"a | 1.00", "a | 2.00", "a | 4.00"});
}

TEST_CASE("aggregate: a group that has no such statistic is not applicable") {
  CheckFixture data(kSales, "values ('a', 1.00), ('b', 1.00), ('b', 9.00)");
  const CheckResult result =
      data.run_one("- aggregate: { column: amount, function: stdev, max: 1, by: city }");
  CHECK(result.rows_checked == 2);
  CHECK(result.rows_failed == 2);
  CHECK(result.rows_not_applicable == 1);
}

TEST_CASE("aggregate: only rows for which `where` is true count") {
  CHECK(judge("function: sum, equals: 20, where: \"city = 'b'\"").verdict == CheckVerdict::pass);
  CHECK(judge("function: median, equals: 2, where: \"city = 'a'\"").verdict == CheckVerdict::pass);
}

TEST_CASE("aggregate: dates have a first and a last one, texts a number of values") {
  CheckFixture data({{"day", Type::date()}, {"t", Type::text()}},
                    "values (date '2026-01-01', 'x'), (date '2026-01-31', 'x')");
  const SuiteOutcome outcome = data.run(
      "- aggregate: { column: day, function: max, equals: 2026-01-31 }\n"
      "- aggregate: { column: day, function: min, min: 2026-01-02, name: late }\n"
      "- aggregate: { column: t, function: distinct_count, max: 1 }\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[1].message ==
        "late: min of day 2026-01-01; expected min of day at least 2026-01-02");
  CHECK(outcome.checks[2].verdict == CheckVerdict::pass);
}

TEST_CASE("aggregate: without a value it is not applicable") {
  CheckFixture data(kSales, "values ('a', null)");
  for (const char* function : {"sum", "mean", "median", "min", "stdev", "count"}) {
    CAPTURE(function);
    CHECK(data.run_one("- aggregate: { column: amount, function: " + std::string(function) +
                       ", max: 5 }")
              .verdict == CheckVerdict::not_applicable);
  }
}

TEST_CASE("aggregate: what cannot be asked is refused, all at once") {
  CheckFixture data(kSales, kRows);
  CHECK(data.problems_of("- aggregate: { column: city, function: mean, min: 1 }\n"
                         "- aggregate: { column: amount, function: sum }\n"
                         "- aggregate: { column: amount, function: sum, min: 2, max: 1, name: c }\n"
                         "- aggregate: { column: amount, function: quantile, min: 2, name: d }\n"
                         "- aggregate: { column: amount, function: count, min: 0.5, name: e }\n") ==
        "t.yaml:1:24: error: column 'city' is text, which has no mean; count, distinct_count, "
        "distinct_ratio, unique_ratio and entropy take any column\n"
        "t.yaml:2:42: error: check 'aggregate' must have either 'equals', or 'min', 'max' or both; "
        "for example { min: 1 }\n"
        "t.yaml:3:60: error: 'max' is less than 'min': nothing could pass\n"
        "t.yaml:4:14: error: option 'quantile' goes with function quantile, and only with it; "
        "quantile: 0.95\n"
        "t.yaml:5:54: error: option 'min' must be a number that is not negative with at most 0 "
        "fraction digits; got '0.5'\n");
}

TEST_CASE("aggregate: rows can be tolerated only where rows fail") {
  CheckFixture data(kSales, kRows);
  CHECK(data.problems_of("- aggregate: { column: amount, function: sum, min: 1, max_failed: 2 }") ==
        "t.yaml:1:3: error: 'aggregate(amount)' judges the dataset as a whole: no single row can "
        "fail; leave out its tolerances\n");
}

TEST_CASE("aggregate: the shape of a distribution comes from exact moments") {
  // Of 1, 2, 4, 10, 10: third moment 13.488 by 15.04^1.5, fourth 281.5552 by 15.04^2, less 3.
  CHECK(judge("function: skewness, min: 0").observed == "skewness of amount 0.231246837");
  CHECK(judge("function: kurtosis, max: 0").observed == "kurtosis of amount -1.755290856");
}

TEST_CASE("aggregate: values below zero have the mirror image's shape") {
  // As credit notes have them, in money; and to the very end of what an integer holds.
  const auto observed = [](const std::string& values, const char* function) {
    CheckFixture data({{"n", Type::integer()}}, values);
    return data
        .run_one("- aggregate: { column: n, function: " + std::string(function) + ", min: -9 }")
        .observed;
  };
  const std::string above = "values (10000), (20000), (40000), (100000), (100000)";
  const std::string below = "values (-10000), (-20000), (-40000), (-100000), (-100000)";
  CHECK(observed(above, "skewness") == "skewness of n 0.231246837");
  CHECK(observed(below, "skewness") == "skewness of n -0.231246837");
  CHECK(observed(below, "kurtosis") == observed(above, "kurtosis"));
  const std::string lowest = "values (-9223372036854775807 - 1), (-9223372036854775807), (0)";
  CHECK(observed(lowest, "skewness") == "skewness of n 0.707106781");
  CHECK(observed(lowest, "kurtosis") == "kurtosis of n -1.500000000");
}

TEST_CASE("aggregate: how values repeat") {
  // Shares 1/5, 1/5, 1/5, 2/5: 3/5 ln 5 + 2/5 ln 2.5.
  CHECK(judge("function: entropy, equals: 1.332179040").observed ==
        "entropy of amount 1.332179040");
  CHECK(judge("function: entropy, equals: 1.332179040").verdict == CheckVerdict::pass);
  CHECK(judge("function: unique_ratio, max: 0.6").observed == "unique_ratio of amount 0.600000000");
  CHECK(judge("function: unique_ratio, max: 0.599999999").verdict == CheckVerdict::fail);
}

TEST_CASE("aggregate: statistics of wide sums also judge groups") {
  for (const char* function : {"entropy", "unique_ratio"}) {
    CAPTURE(function);
    CheckFixture data(kSales, kRows);
    const CheckResult result =
        data.run_one("- aggregate: { column: amount, function: " + std::string(function) +
                     ", min: 0.5, by: city }");
    CHECK(result.rows_failed == 2);
    CHECK(result.rows_checked == 5);
  }
  CheckFixture data(kSales, kRows);
  const CheckResult result =
      data.run_one("- aggregate: { column: amount, function: skewness, max: 0, by: city }");
  CHECK(result.rows_failed == 3);
  CHECK(result.rows_not_applicable == 3);  // a null, and a group without spread
}

TEST_CASE("aggregate: no sum of squares or fourths overflows, and none is rounded") {
  const std::string rows =
      "select case when i % 2 = 0 then 9223372036854775807 else -9223372036854775807 end from "
      "range(200000) t(i)";
  CheckFixture data({{"n", Type::integer()}}, rows);
  const SuiteOutcome outcome = data.run(
      "- aggregate: { column: n, function: stdev, min: 9223395095371337417, max: "
      "9223395095371337418, name: s }\n"
      "- aggregate: { column: n, function: skewness, equals: 0, name: g }\n"
      "- aggregate: { column: n, function: kurtosis, equals: -2, name: k }\n"
      "- outliers: { column: n, method: z, factor: 1 }\n"
      "- outliers: { column: n, method: z, factor: 0.9, name: near }\n");
  CHECK(outcome.checks[0].rows_checked == 200000);
  CHECK(outcome.checks[1].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[2].verdict == CheckVerdict::pass);
  CHECK(outcome.checks[3].rows_failed == 0);
  CHECK(outcome.checks[4].rows_failed == 200000);
  CHECK(outcome.checks[0].verdict == CheckVerdict::pass);
}
