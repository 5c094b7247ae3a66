#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kUse{
    {"a", Type::money(2)}, {"b", Type::integer()}, {"plan", Type::text()}, {"city", Type::text()}};
const char* const kRows =
    "values (1.00, 1, 'x', 'p'), (2.00, 3, 'x', 'p'), (3.00, 2, 'y', 'q'), (4.00, 10, 'y', 'p'), "
    "(null, 99, 'y', null), (5.00, null, null, 'q')";

CheckResult judge(const std::string& options) {
  CheckFixture data(kUse, kRows);
  return data.run_one("- correlation: { " + options + " }");
}

}  // namespace

TEST_CASE("correlation: pearson of the rows where both have a value, exactly") {
  // Of (1,1) (2,3) (3,2) (4,10): 52 / sqrt(20 * 200) = 0.822192191...
  CHECK(judge("column: a, with: b, method: pearson, min: 0.8").message ==
        "correlation(a): pearson 0.822192191; expected pearson of a and b at least 0.800000000");
  CHECK(judge("column: a, with: b, method: pearson, max: 0.822192191").verdict ==
        CheckVerdict::pass);
  CHECK(judge("column: a, with: b, method: pearson, max: 0.82219219").verdict ==
        CheckVerdict::fail);
  CHECK(judge("column: a, with: b, method: pearson, min: -1, max: 1").rows_checked == 4);
}

TEST_CASE("correlation: amounts below zero correlate like those above") {
  CheckFixture data(kUse,
                    "values (-1000.00, 100000, '', ''), (-2000.00, 300000, '', ''), "
                    "(-3000.00, 200000, '', ''), (-4000.00, 1000000, '', '')");
  CHECK(data.run_one("- correlation: { column: a, with: b, method: pearson, max: 0 }").observed ==
        "pearson -0.822192191");
}

TEST_CASE("correlation: spearman of ranks, of which equal values share the mean") {
  CHECK(judge("column: a, with: b, method: spearman, min: 0.8").observed == "spearman 0.800000000");
  CheckFixture data(kUse, "values (1, 9, '', ''), (2, 7, '', ''), (2, 7, '', ''), (3, 1, '', '')");
  CHECK(data.run_one("- correlation: { column: a, with: b, method: spearman, max: -1 }").verdict ==
        CheckVerdict::pass);
}

TEST_CASE("correlation: columns of any type have Cramer's V and mutual information") {
  // x p 2, y q 1, y p 1: V = 1 / sqrt(3), information = 3/4 ln(4/3).
  CHECK(judge("column: plan, with: city, method: cramers_v, min: 0.5").observed ==
        "cramers_v 0.577350269");
  CHECK(judge("column: plan, with: city, method: mutual_information, max: 0.3").observed ==
        "mutual_information 0.215761554");
}

TEST_CASE("correlation: without two values of each it is not applicable") {
  CheckFixture data(kUse, "values (1, 1, 'x', 'p'), (1, 2, 'x', 'q')");
  for (const char* options :
       {"column: a, with: b, method: pearson", "column: a, with: b, method: spearman",
        "column: plan, with: city, method: cramers_v"}) {
    CAPTURE(options);
    CHECK(data.run_one("- correlation: { " + std::string(options) + ", min: 0 }").verdict ==
          CheckVerdict::not_applicable);
  }
  CheckFixture none(kUse, "select 1, 1, '', '' where false");
  CHECK(none.run_one("- correlation: { column: plan, with: city, method: cramers_v, min: 0 }")
            .verdict == CheckVerdict::not_applicable);
}

TEST_CASE("correlation: neither the order of rows nor the size of amounts matters") {
  const std::string rows =
      "select (i * 7919 % 100003) * 90000000000.01, i * i % 1009, i % 7, i % 13 from "
      "range(5000) t(i)";
  for (const char* method : {"pearson", "spearman", "cramers_v", "mutual_information"}) {
    CAPTURE(method);
    const std::string yaml =
        "- correlation: { column: a, with: b, min: 0, method: " + std::string(method) + " }";
    CheckFixture forth(kUse, "select a, b, c, d from (" + rows + ") t(a, b, c, d)");
    CheckFixture back(kUse, "select a, b, c, d from (" + rows + ") t(a, b, c, d) order by b, a");
    CHECK(forth.run_one(yaml).observed == back.run_one(yaml).observed);
  }
}

TEST_CASE("correlation: what has no such measure, or no limit, is refused") {
  CheckFixture data(kUse, kRows);
  CHECK(data.problems_of(
            "- correlation: { column: a, with: plan, method: pearson, min: 0, name: a }\n"
            "- correlation: { column: plan, with: b, method: spearman, min: 0, name: b }\n"
            "- correlation: { column: a, with: b, method: pearson, name: c }\n"
            "- correlation: { column: a, with: b, method: pearson, min: 1, max: 0, name: d }\n") ==
        "t.yaml:1:35: error: column 'plan' is text; pearson takes numbers; cramers_v and "
        "mutual_information take any column\n"
        "t.yaml:2:26: error: column 'plan' is text; spearman takes numbers, dates and timestamps; "
        "cramers_v and mutual_information take any column\n"
        "t.yaml:3:46: error: check 'correlation' must have 'min', 'max' or both; for example { "
        "min: 0.9 }\n"
        "t.yaml:4:68: error: 'max' is less than 'min': nothing could pass\n");
}
