#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kBill{{"net", Type::money(2)},
                                {"tax", Type::decimal(18, 4)},
                                {"discount", Type::money(2)},
                                {"total", Type::money(2)},
                                {"note", Type::text()}};

}  // namespace

TEST_CASE("sums_to: adds and takes away exactly, at the finest scale") {
  CheckFixture data(kBill,
                    "values (10.00, 0.6000, 1.00, 9.60, ''), (10.00, 0.6001, 1.00, 9.60, ''), "
                    "(10.00, null, 1.00, 9.60, '')");
  const CheckResult result =
      data.run_one("- sums_to: { columns: [net, tax], minus: discount, equals: total }");
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message ==
        "sums_to(net, tax): 1 of 2 rows failed; expected total = net + tax - discount");
}

TEST_CASE("sums_to: a difference within the tolerance passes") {
  CheckFixture data(kBill, "values (10.00, 0.6001, 0, 10.60, ''), (10.00, 0.6000, 0, 10.61, '')");
  const CheckResult result =
      data.run_one("- sums_to: { columns: [net, tax], equals: total, tolerance: 0.0001 }");
  CHECK(result.rows_failed == 1);
  CHECK(result.expected == "total = net + tax within 0.0001");
}

TEST_CASE("sums_to: a dataset without rows is not applicable") {
  CheckFixture data(kBill, "select 1, 1, 1, 1, '' where false");
  CHECK(data.run_one("- sums_to: { columns: net, equals: total }").verdict ==
        CheckVerdict::not_applicable);
}

TEST_CASE("sums_to: text and tolerances that are none are refused") {
  CheckFixture data(kBill, "values (1, 1, 1, 1, '')");
  CHECK(data.problems_of("- sums_to: { columns: [net, note], equals: total }\n"
                         "- sums_to: { columns: net, equals: total, tolerance: -1, name: b }\n") ==
        "t.yaml:1:23: error: column 'note' is text; sums_to takes integer, money, decimal and "
        "ratio\n"
        "t.yaml:2:54: error: option 'tolerance' must be a number that is not negative with at most "
        "2 fraction digits; got '-1'\n");
}
