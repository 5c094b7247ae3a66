#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kColumns{
    {"a", Type::money(2)}, {"b", Type::decimal(18, 4)}, {"t", Type::text()}, {"u", Type::text()}};

std::int64_t failed(const std::string& op) {
  CheckFixture data(kColumns,
                    "values (1.00, 1.0000, 'x', 'x'), (1.00, 1.0001, 'x', 'y'), (1.01, 1.0001, "
                    "'x', 'x'), (null, 1, 'x', 'x')");
  return data.run_one("- compare: { column: a, op: \"" + op + "\", to: b }").rows_failed;
}

}  // namespace

TEST_CASE("compare: six comparisons, exact across scales; nulls are not applicable") {
  CHECK(failed("<") == 2);
  CHECK(failed("<=") == 1);
  CHECK(failed("=") == 2);
  CHECK(failed("<>") == 1);
  CHECK(failed(">=") == 1);
  CHECK(failed(">") == 2);
}

TEST_CASE("compare: an integer beyond 2^53 is compared with a decimal exactly") {
  CheckFixture data({{"n", Type::integer()}, {"d", Type::decimal(20, 1)}},
                    "values (9007199254740993, 9007199254740992.9)");
  CHECK(data.run_one("- compare: { column: n, op: \"<=\", to: d }").rows_failed == 1);
}

TEST_CASE("compare: the message shows both sides") {
  CheckFixture data({{"begins", Type::date()}, {"ends", Type::date()}},
                    "values (date '2026-02-01', date '2026-01-31')");
  CHECK(data.findings(data.run("- compare: { column: begins, op: \"<=\", to: ends }"),
                      "_check, _message") ==
        std::vector<std::string>{"compare(begins) | begins is 2026-02-01, ends is 2026-01-31; "
                                 "expected begins at most ends"});
}

TEST_CASE("compare: a dataset without rows is not applicable") {
  CheckFixture data({{"a", Type::date()}, {"b", Type::date()}},
                    "select date '2026-01-01', date '2026-01-01' where false");
  CHECK(data.run_one("- compare: { column: a, op: \"<\", to: b }").verdict ==
        CheckVerdict::not_applicable);
}

TEST_CASE("compare: sides that cannot be compared are refused") {
  CheckFixture data(kColumns, "values (1.00, 1, 'x', 'x')");
  CHECK(data.problems_of("- compare: { column: a, op: \"<\", to: t }\n"
                         "- compare: { column: t, op: \"<\", to: u, name: b }\n"
                         "- compare: { column: a, op: \"<\", to: a, name: c }\n") ==
        "t.yaml:1:38: error: column 'a' is money but 't' is text; they cannot be compared; cast "
        "one of them where it is cleansed\n"
        "t.yaml:2:29: error: column 't' is text, which has no order; only = and <> compare it\n"
        "t.yaml:3:38: error: 'column' and 'to' are the same column\n");
}
