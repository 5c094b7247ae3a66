#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kPool{
    {"org", Type::text()}, {"amount", Type::money(2)}, {"day", Type::date()}};
const char* const kRows = "values ('a', 1.00, date '2026-01-01')";

CheckResult judge(const std::string& options, const std::string& rows = kRows) {
  CheckFixture data(kPool, rows);
  return data.run_one("- schema: { " + options + " }");
}

}  // namespace

TEST_CASE("schema: names and types as declared pass, also of a dataset without rows") {
  const std::string options = "columns: { org: text, amount: money, day: any }";
  CHECK(judge(options).message ==
        "schema: as expected; expected the columns org text, amount money, day any");
  CHECK(judge(options, "select 'a', 1, date '2026-01-01' where false").verdict ==
        CheckVerdict::pass);
}

TEST_CASE("schema: says every column that is missing, of another type or not expected") {
  const CheckResult result = judge("columns: { org: integer, city: text, amount: money }");
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.observed == "org is text instead of integer, city is missing, day is not expected");
}

TEST_CASE("schema: more columns may be allowed, single ones forbidden") {
  CHECK(judge("columns: { org: text }, extra: true").verdict == CheckVerdict::pass);
  CHECK(judge("forbidden: [day, phone]").observed == "day is forbidden");
  CHECK(judge("forbidden: phone").expected == "no column phone");
}

TEST_CASE("schema: the order may count") {
  const std::string columns = "columns: { amount: money, org: text, day: date }";
  CHECK(judge(columns).verdict == CheckVerdict::pass);
  CHECK(judge(columns + ", ordered: true").observed == "the order is org, amount, day");
}

TEST_CASE("schema: must ask something") {
  CheckFixture data(kPool, kRows);
  CHECK(data.problems_of("- schema: { ordered: true }") ==
        "t.yaml:1:11: error: check 'schema' must have 'columns', 'forbidden' or both\n");
}
