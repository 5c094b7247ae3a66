#include "../check_fixture.h"

using namespace tallymill;

namespace {

std::int64_t failed(const std::string& rows, const std::string& type) {
  CheckFixture data({{"t", Type::text()}}, "values " + rows);
  return data.run_one("- type_is: { column: t, " + type + " }").rows_failed;
}

}  // namespace

TEST_CASE("type_is: texts that an extract would reject fail") {
  CHECK(failed("('1'), ('-7'), ('1.0'), ('1e3'), (' 1'), ('９')", "is: integer") == 4);
  CHECK(failed("('1.25'), ('1.255'), ('100'), ('99999.00')", "is: \"decimal(6,2)\"") == 2);
  CHECK(failed("('2026-02-28'), ('2026-02-29'), ('20260228')", "is: date") == 2);
  CHECK(failed("('2026-02-28T01:02:03Z'), ('2026-02-28 25:00:00')", "is: timestamp") == 1);
  CHECK(failed("('true'), ('false'), ('yes'), ('1')", "is: boolean") == 2);
}

TEST_CASE("type_is: dates by a pattern") {
  CHECK(failed("('28/02/2026'), ('29/02/2026'), ('2026-02-28')",
               "is: date, pattern: \"%d/%m/%Y\"") == 2);
}

TEST_CASE("type_is: null is not applicable, and so is a dataset without rows") {
  CheckFixture data({{"t", Type::text()}}, "values (null), ('x')");
  const CheckResult result = data.run_one("- type_is: { column: t, is: integer }");
  CHECK(result.message == "type_is(t): 1 of 1 row failed; expected text that is integer");
  CheckFixture none({{"t", Type::text()}}, "select 'x' where false");
  CHECK(none.run_one("- type_is: { column: t, is: integer }").verdict ==
        CheckVerdict::not_applicable);
}

TEST_CASE("type_is: types and patterns that do not exist are refused") {
  CheckFixture data({{"t", Type::text()}, {"n", Type::integer()}}, "values ('x', 1)");
  CHECK(data.problems_of("- type_is: { column: t, is: number }\n"
                         "- type_is: { column: t, is: integer, pattern: \"%Y\", name: b }\n"
                         "- type_is: { column: n, is: integer, name: c }\n") ==
        "t.yaml:1:29: error: 'number' is no type that text can be checked for; the types are "
        "integer, decimal(p,s), ratio, date, timestamp and boolean\n"
        "t.yaml:2:47: error: option 'pattern' is for date and timestamp, not integer\n"
        "t.yaml:3:22: error: column 'n' is integer; type_is takes text; a typed column holds "
        "nothing else; the check schema asks for its type\n");
}
